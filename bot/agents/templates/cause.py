"""Words for the ranked explanations of a diagnosis."""

from collections.abc import Iterable, Sequence

from bot.agents.templates.wording import bold
from bot.domain.answers import Bullets, Note, Paragraph, Part, Span, plain
from bot.domain.applications import ApplicationRef
from bot.domain.hypotheses import Cause, Hypothesis, Point, Sign, Standing
from bot.domain.language import Language
from bot.domain.runaway import GROWTH_FACTOR
from bot.texts import causes as texts
from bot.texts import cluster, figures

SHOWN = 3
RULED_OUT = 4
_SHARES = {Sign.SHARE, Sign.QUEUE, Sign.WITHIN, Sign.TOGETHER, Sign.SPARK}
_PERCENT = {Sign.CPU, Sign.PEAK, Sign.OVER}
_OF_RULES = {
    Sign.QUEUE: cluster.EVIDENCE_QUEUE,
    Sign.LONG: cluster.EVIDENCE_LONG,
    Sign.UNUSUAL: cluster.EVIDENCE_UNUSUAL,
    Sign.GROWTH: cluster.EVIDENCE_GROWTH,
}


def ranking(
    hypotheses: tuple[Hypothesis, ...], protected: frozenset[ApplicationRef], language: Language
) -> list[Part]:
    """Return the explanations worth reading as a numbered list, and one line on the others."""
    shown = [item for item in hypotheses if item.standing is not Standing.UNLIKELY][:SHOWN]
    parts: list[Part] = []
    if shown:
        items = tuple(_item(item, protected, language) for item in shown)
        parts.append(Paragraph((bold(_heading(shown, language)),)))
        parts.append(Bullets(items, numbered=True))
    else:
        parts.append(plain(texts.NO_CAUSE(language)))
    told = {item.cause for item in shown}
    out = [
        item
        for item in hypotheses
        if item.standing is Standing.UNLIKELY and item.against and item.cause not in told
    ]
    if out:
        causes = (_unlikely(item, language) for item in out[:RULED_OUT])
        parts.append(Note(texts.RULED_OUT(language, causes=" · ".join(causes))))
    return parts


def _heading(shown: Sequence[Hypothesis], language: Language) -> str:
    """Say what applications were judged by, where that is not what they use."""
    bases = {item.finding.application.cores_basis for item in shown if item.finding is not None}
    heading = next((texts.HEADINGS[one] for one in bases if one in texts.HEADINGS), texts.HEADING)
    return heading(language)


def first_words(hypotheses: tuple[Hypothesis, ...], language: Language) -> str:
    """Return the likeliest explanation in a few words, for one line; empty when there is none."""
    first = hypotheses[0] if hypotheses else None
    if first is None or first.standing is Standing.UNLIKELY:
        return ""
    if first.finding is not None:
        basis = first.finding.application.cores_basis
        text = texts.SHARES.get(basis, cluster.SHARE_OF_CORES)
        share = text(language, share=figures.share(first.finding.share))
        return f"{first.finding.application.name}: {share}."
    return texts.LABELS[first.cause](language) + "."


def _item(
    item: Hypothesis, protected: frozenset[ApplicationRef], language: Language
) -> tuple[Span, ...]:
    evidence = _points(item.speaks_for, language)
    if item.finding is None:
        spans = [
            bold(texts.LABELS[item.cause](language)),
            Span(texts.BULLET(language, evidence=evidence)),
        ]
    else:
        application = item.finding.application
        wild = item.cause is Cause.RUNAWAY
        words = (cluster.RUNAWAY if wild else cluster.HEAVY)(language, evidence=evidence)
        spans = [bold(application.name), Span(f" ({application.user})"), Span(words)]
        if application.ref in protected:
            spans.append(Span(cluster.PROTECTED_NOTE(language)))
    against = tuple(point for point in item.against if point.sign is not Sign.NEW)
    if against:
        spans.append(Span(texts.AGAINST(language, evidence=_points(against, language))))
    if item.cause in texts.ADVICE and not item.against:
        spans.append(Span(" " + texts.ADVICE[item.cause](language)))
    return tuple(spans)


def _unlikely(item: Hypothesis, language: Language) -> str:
    return texts.UNLIKELY(
        language,
        cause=texts.LABELS[item.cause](language),
        evidence=_points(item.against[:1], language),
    )


def _points(points: Iterable[Point], language: Language) -> str:
    found = tuple(points)
    crowd = any(point.sign is Sign.COUNT for point in found)
    return ", ".join(_point(point, language, crowd=crowd) for point in found)


def _point(point: Point, language: Language, *, crowd: bool) -> str:
    """Return one figure in words; beside a count the share is that of the largest."""
    if point.sign is Sign.LOST and not point.seen:
        return texts.ALL_RESPOND(language)
    seen = _figure(point.sign, point.seen)
    if point.sign is Sign.SHARE and crowd:
        return texts.LARGEST(language, seen=seen)
    limit = "" if point.limit is None else _figure(point.sign, point.limit)
    if point.sign is Sign.SHARE and limit:
        return cluster.EVIDENCE_SHARE(language, seen=seen, limit=limit)
    words = _OF_RULES.get(point.sign) or texts.POINTS[point.sign]
    before = figures.number((point.limit or 0.0) / GROWTH_FACTOR)
    return words(language, seen=seen, limit=limit, name=point.name, before=before)


def _figure(sign: Sign, value: float) -> str:
    if sign in _SHARES:
        return figures.share(value)
    return figures.percent(value) if sign in _PERCENT else figures.number(value)
