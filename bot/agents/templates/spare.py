"""Words for what could be given up."""

from bot.agents.facts import Spare, SpareFacts, Worth
from bot.agents.templates.cluster import next_steps
from bot.agents.templates.diagnosis import propose_button
from bot.agents.templates.evidence import evidence_words
from bot.agents.templates.lists import cores_basis, job_table
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.answers import Bullets, Buttons, Note, Paragraph, Part, Span, plain
from bot.domain.core_usage import freed_cores
from bot.domain.language import Language
from bot.texts import figures
from bot.texts import spare as texts

REASONS = 3
NAMED = 3
OFFERED = 2


def spared(facts: SpareFacts, voice: Voice) -> Wording:
    """Say what could go, why, and what that would bring; or that nothing should."""
    language = voice.language
    sentence = _sentence(facts, language)
    room = _room(facts, language)
    parts: list[Part] = [Paragraph((bold(sentence), *([Span(" " + room)] if room else [])))]
    if facts.spares:
        reasons = tuple(_reason(item, language) for item in facts.spares[:REASONS])
        parts += [Bullets(reasons, numbered=True), job_table(facts.listing, voice)]
    if facts.protected:
        names = ", ".join(facts.protected[:NAMED])
        parts.append(plain(texts.PROTECTED(language, names=names)))
    if facts.spares:
        parts.append(Note(texts.NOTHING_DONE(language)))
    taken, basis = facts.listing.taken_at, cores_basis(facts.listing, language)
    parts.append(voice.footing(taken, facts.missing, *basis))
    parts.append(_buttons(facts, language))
    return Wording(sentence, tuple(parts), tuple(row.ref.id for row in facts.listing.rows))


def _sentence(facts: SpareFacts, language: Language) -> str:
    place = texts.ANYWHERE(language)
    if facts.queue:
        place = texts.QUEUE(language, name=facts.queue)
    idle = [item.row.name for item in facts.spares if item.worth is Worth.IDLE]
    if idle:
        return texts.IDLE(language, place=place, names=", ".join(idle[:NAMED]))
    wild = [item.row.name for item in facts.spares if item.worth is Worth.RUNAWAY]
    if wild:
        return texts.RUNAWAYS(language, place=place, names=", ".join(wild[:NAMED]))
    if any(item.worth is Worth.OWNER for item in facts.spares):
        return texts.NO_RUNAWAY(language, place=place)
    return (texts.LITTLE if facts.spares else texts.NONE)(language, place=place)


def _room(facts: SpareFacts, language: Language) -> str:
    queue = next(
        (item for item in facts.metrics.queues if facts.queue and item.holds(facts.queue)), None
    )
    if queue is None:
        return ""
    return texts.ROOM(
        language,
        name=queue.name,
        used=figures.percent(queue.used_percent),
        capacity=figures.percent(queue.capacity_percent),
        most=figures.percent(queue.max_percent),
    )


def _reason(item: Spare, language: Language) -> tuple[Span, ...]:
    if item.points is None:
        cores, measured = freed_cores(item.row)
        gain = (texts.GAIN_CORES if measured else texts.GAIN_AT_MOST)(
            language, cores=figures.cores(cores, language)
        )
    else:
        gain = texts.GAIN(language, points=figures.points(-item.points, language))
    rules = item.finding.evidence if item.finding is not None else ()
    evidence = ", ".join(evidence_words(rule, language) for rule in rules)
    words = texts.WORTH[item.worth.value](
        language,
        gain=gain,
        user=item.row.user,
        evidence=evidence,
        held=figures.cores_of(item.row, language),
    )
    return (bold(item.row.name), Span(f" ({item.row.user})"), Span(words))


def _buttons(facts: SpareFacts, language: Language) -> Buttons:
    wild = [item.row for item in facts.spares if item.worth is Worth.RUNAWAY][:OFFERED]
    offered = [propose_button(row, language) for row in wild]
    return Buttons((*offered, *next_steps(language, top=False).buttons))
