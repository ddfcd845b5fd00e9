"""Words for a diagnosis, which is also the first reply under an alert."""

import json

from bot.agents.facts import DiagnoseFacts
from bot.agents.templates.alert import alerts_line
from bot.agents.templates.cause import first_words, ranking
from bot.agents.templates.cluster import cpu_sentence, high, hour, next_steps
from bot.agents.templates.lists import choose_buttons, cores_basis, job_table
from bot.agents.templates.wording import Voice, Wording, bold, settling_first
from bot.domain.answers import Button, Buttons, Note, Paragraph, Part, Span, plain
from bot.domain.conversation import ListingRow
from bot.domain.hypotheses import Cause
from bot.domain.language import Language
from bot.texts import cluster as texts
from bot.texts import figures

NODES_NAMED = 3
PROPOSALS_OFFERED = 2


def diagnose(facts: DiagnoseFacts, voice: Voice) -> Wording:
    """Say how busy, which nodes, what explains it and why, and list the heaviest."""
    metrics, language = facts.metrics, voice.language
    busy = [cpu_sentence(metrics, language), *high(metrics, facts.high_since, voice)]
    sentence = " ".join([*_outside(facts, language), *busy])
    parts: list[Part] = [
        Paragraph((bold(sentence), *_hour(facts, voice), *_nodes(facts, language)))
    ]
    parts.extend(plain(words) for words in _risen(facts, voice))
    protected = frozenset(row.ref for row in facts.listing.rows if row.protected)
    parts.extend(ranking(facts.hypotheses, protected, language))
    if facts.listing.rows:
        parts.append(job_table(facts.listing, voice))
    if metrics.alerts is not None:
        alerts = alerts_line(metrics.alerts, language)
        parts.append(Note(texts.ALSO_ALERTING(language, alerts=alerts)))
    missing = (*metrics.missing, *facts.missing)
    parts.append(voice.footing(metrics.taken_at, missing, *cores_basis(facts.listing, language)))
    parts.append(_buttons(facts, language))
    ids = tuple(row.ref.id for row in facts.listing.rows)
    wording = Wording(_summary(sentence, facts, language), tuple(parts), applications=ids)
    return settling_first(wording, missing, language)


def is_outside(facts: DiagnoseFacts) -> bool:
    """Tell whether most of the heat is outside of containers: then no kill is offered."""
    return any(item.cause is Cause.BESIDE for item in facts.hypotheses)


def _outside(facts: DiagnoseFacts, language: Language) -> tuple[str, ...]:
    """Return the sentence that leads where most of the heat is outside of containers."""
    point = next((i.speaks_for[0] for i in facts.hypotheses if i.cause is Cause.BESIDE), None)
    if point is None:
        return ()
    cores = figures.cores(point.seen, language)
    return (texts.OUTSIDE_HEAT(language, cores=cores, nodes=point.name),)


def _risen(facts: DiagnoseFacts, voice: Voice) -> tuple[str, ...]:
    """Say since when those that stand out use so much, where that was sampled."""
    found = [(each, facts.risen.get(each.application.ref.id)) for each in facts.findings]
    return tuple(
        texts.RISEN(
            voice.language,
            name=each.application.name,
            time=voice.minute(rise[0]),
            before=figures.number(rise[1]),
            now=figures.cores(each.cores, voice.language),
        )
        for each, rise in found
        if rise is not None
    )


def propose_button(row: ListingRow, language: Language) -> Button:
    """Return the button that makes a kill card for one row."""
    label = texts.PROPOSE(language, rank=row.rank, name=row.name)
    value = json.dumps({"id": row.ref.id, "cluster": row.ref.cluster})
    return Button("propose_kill", label, value)


def _hour(facts: DiagnoseFacts, voice: Voice) -> tuple[Span, ...]:
    return tuple(Span(f" ({words})") for words in hour(facts.metrics, voice.language))


def _nodes(facts: DiagnoseFacts, language: Language) -> tuple[Span, ...]:
    hot = [
        f"{node.name} {figures.percent(node.cpu_percent)}"
        for node in texts.hottest(facts.metrics.nodes, NODES_NAMED)
        if node.cpu_percent is not None
    ]
    spans = [Span(" " + texts.HOTTEST(language, nodes=", ".join(hot)))] if hot else []
    if facts.metrics.nodes_faulty:
        spans.append(Span(" " + texts.node_states(facts.metrics, language)))
    return tuple(spans)


def _buttons(facts: DiagnoseFacts, language: Language) -> Buttons:
    if is_outside(facts):
        return next_steps(language)
    wild = [item.application.ref for item in facts.findings if item.runaway]
    offered = [
        propose_button(row, language)
        for row in facts.listing.rows
        if row.ref in wild and not row.protected
    ][:PROPOSALS_OFFERED]
    choose = choose_buttons(facts.listing, language)
    return Buttons((*offered, *choose, *next_steps(language).buttons))


def _summary(sentence: str, facts: DiagnoseFacts, language: Language) -> str:
    return f"{sentence} {first_words(facts.hypotheses, language)}".rstrip()
