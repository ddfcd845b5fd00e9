"""Words for the present against an earlier time."""

from bot.agents.facts import Mover, PastFacts
from bot.agents.templates.cluster import change, next_steps
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.answers import Facts, Paragraph, Part, Span, Table, plain
from bot.domain.applications import Basis
from bot.domain.conversation import Topic
from bot.domain.language import Language
from bot.errors import FaultKind
from bot.texts import cluster, figures
from bot.texts import past as texts


def compared(facts: PastFacts, voice: Voice) -> Wording:
    """Say how CPU changed since then, what changed most, or why that cannot be known."""
    language = voice.language
    sentence, behind = _sentence(facts, voice)
    parts: list[Part] = [Paragraph((bold(sentence), Span(" " + behind)))]
    memory = _memory(facts, language)
    if memory and facts.past.cpu is not None:
        parts.append(Facts(((texts.MEMORY(language), memory),)))
    parts.extend(_tables(facts, language))
    missing = tuple(
        item for item in facts.past.missing if item.kind is not FaultKind.NOT_CONFIGURED
    )
    gaps = tuple(dict.fromkeys((*facts.metrics.missing, *missing)))
    parts.append(voice.footing(facts.metrics.taken_at, gaps))
    parts.append(next_steps(language, why=True))
    return Wording(sentence, tuple(parts))


def _sentence(facts: PastFacts, voice: Voice) -> tuple[str, str]:
    """Return the sentence that answers, and the one that says what it rests on."""
    language, now, then = voice.language, facts.metrics.cpu, facts.past.cpu
    when = voice.moment(facts.past.at)
    if then is None:
        shown = figures.percent(now.percent if now else None)
        unset = any(item.kind is FaultKind.NOT_CONFIGURED for item in facts.past.missing)
        reason = (texts.NO_PROMETHEUS if unset else texts.NOT_KEPT)(language)
        return texts.NO_PAST(language, now=shown, when=when), reason
    if now is None:
        unknown = cluster.CPU_UNKNOWN(language, cluster=facts.metrics.cluster)
        return unknown, texts.AROUND(language, when=when)
    before = figures.percent(then.mean)
    if now.basis is Basis.GRANTED:
        granted = cluster.CPU_GRANTED(
            language, cluster=facts.metrics.cluster, cpu=figures.percent(now.percent)
        )
        return granted, texts.NOT_MEASURED(language, when=when, before=before)
    return change(then.mean, now.percent, language), texts.AROUND(language, when=when)


def _memory(facts: PastFacts, language: Language) -> str:
    now, before = facts.metrics.memory, facts.past.memory_percent
    if now is None or before is None or now.basis is Basis.GRANTED:
        return ""
    return texts.CHANGED(
        language,
        before=figures.percent(before),
        now=figures.percent(now.percent),
        points=figures.points(round(now.percent) - round(before), language),
    )


def _tables(facts: PastFacts, language: Language) -> list[Part]:
    """Return what changed most: the applications, and the nodes; the nodes first when asked."""
    jobs: list[Part] = []
    if facts.movers:
        jobs += [Paragraph((bold(texts.MOVERS(language)),)), _movers(facts.movers, language)]
    elif facts.past.cores:
        jobs.append(plain(texts.NO_MOVERS(language)))
    count, cores = facts.ended
    if count:
        used = figures.cores(cores, language)
        jobs.append(plain(texts.ENDED(language, count=count, cores=used)))
    nodes: list[Part] = [_nodes(facts, language)] if facts.nodes else []
    return [*nodes, *jobs] if Topic.NODES in facts.topics else [*jobs, *nodes]


def _movers(movers: tuple[Mover, ...], language: Language) -> Table:
    rows = [
        (
            one.name,
            one.user,
            texts.NOT_STARTED(language) if one.before is None else figures.number(one.before),
            figures.number(one.now),
            f"{one.now - (one.before or 0.0):+.0f}",
        )
        for one in movers
    ]
    heads = tuple(head(language) for head in texts.MOVER_HEADS)
    return Table((heads, *rows), frozenset({2, 3, 4}))


def _nodes(facts: PastFacts, language: Language) -> Table:
    rows = [
        (
            name,
            figures.percent(before),
            figures.percent(now),
            figures.points(round(now) - round(before), language),
        )
        for name, before, now in facts.nodes
    ]
    heads = tuple(head(language) for head in texts.NODE_HEADS)
    return Table((heads, *rows), frozenset({1, 2, 3}))
