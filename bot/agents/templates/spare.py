"""Words for what could be given up."""

from bot.agents.facts import Spare, SpareFacts, Worth
from bot.agents.templates.cluster import next_steps
from bot.agents.templates.diagnosis import propose_button
from bot.agents.templates.evidence import evidence_words
from bot.agents.templates.lists import cores_basis, job_table
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.answers import Bullets, Buttons, Note, Paragraph, Part, Span, plain
from bot.domain.core_usage import freed_cores
from bot.domain.language import Language, Text
from bot.texts import figures

# What is said of applications that could be given up.


IDLE = Text(
    ko="{place}에서 줄인다면 {names}부터입니다. 코어를 잡고 거의 쓰지 않는데 다른 잡이 기다립니다.",
    en="In {place}, {names} should go first: it holds cores and idles while others wait.",
)
RUNAWAYS = Text(
    ko="{place}에서 줄인다면 {names}부터입니다. 폭주로 볼 근거가 있습니다.",
    en="In {place}, {names} should go first: there is evidence of a runaway.",
)
NO_RUNAWAY = Text(
    ko="{place}에서 줄여도 된다고 말할 근거가 있는 잡은 없습니다. 효과가 큰 순서이니 소유자에게 먼저 물어보세요.",
    en="Nothing in {place} is shown to be expendable. These would free most; ask the owners first.",
)
LITTLE = Text(
    ko="{place}에는 줄여서 효과가 있을 만한 잡이 없습니다.",
    en="No job in {place} would free much.",
)
NONE = Text(ko="{place}에는 줄일 수 있는 잡이 없습니다.", en="No job in {place} can be given up.")
QUEUE = Text(ko="{name} 큐", en="queue {name}")
ANYWHERE = Text(ko="클러스터", en="the cluster")
ROOM = Text(
    ko="{name} 큐는 보장 용량 {capacity} 중 {used}를 쓰고 있습니다(최대 {most}).",
    en="Queue {name} uses {used}; its capacity is {capacity}, at most {most}.",
)
WORTH = {
    "runaway": Text(
        ko=" — 폭주로 보입니다. {evidence}. {gain}",
        en=" — looks like a runaway: {evidence}. {gain}",
    ),
    "owner": Text(
        ko=" — {gain} 소유자 {user}에게 확인이 필요합니다.", en=" — {gain} Ask its owner, {user}."
    ),
    "idle": Text(
        ko=" — {held}만 씁니다. 소유자 {user}에게 확인이 필요합니다.",
        en=" — uses only {held}. Ask its owner, {user}.",
    ),
    "little": Text(ko=" — {gain} 효과가 작습니다.", en=" — {gain} Little to gain."),
}
GAIN = Text(ko="끝나면 CPU 약 {points}.", en="Its end should bring CPU {points}.")
GAIN_CORES = Text(ko="끝나면 {cores}가 풀립니다.", en="Its end would free {cores}.")
GAIN_AT_MOST = Text(
    ko="끝나면 최대 {cores}가 풀립니다. 실사용은 측정되지 않았습니다.",
    en="Its end would free {cores} at most; its use is not measured.",
)
PROTECTED = Text(ko="보호 대상이라 뺀 잡: {names}.", en="Left out because protected: {names}.")
NOTHING_DONE = Text(
    ko="아무것도 종료하지 않았습니다. 번호로 종료를 요청하면 승인 카드를 만듭니다.",
    en="Nothing was killed. Ask by number and a card is made for approval.",
)


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
        parts.append(plain(PROTECTED(language, names=names)))
    if facts.spares:
        parts.append(Note(NOTHING_DONE(language)))
    taken, basis = facts.listing.taken_at, cores_basis(facts.listing, language)
    parts.append(voice.footing(taken, facts.missing, *basis))
    parts.append(_buttons(facts, language))
    return Wording(sentence, tuple(parts), tuple(row.ref.id for row in facts.listing.rows))


def _sentence(facts: SpareFacts, language: Language) -> str:
    place = ANYWHERE(language)
    if facts.queue:
        place = QUEUE(language, name=facts.queue)
    idle = [item.row.name for item in facts.spares if item.worth is Worth.IDLE]
    if idle:
        return IDLE(language, place=place, names=", ".join(idle[:NAMED]))
    wild = [item.row.name for item in facts.spares if item.worth is Worth.RUNAWAY]
    if wild:
        return RUNAWAYS(language, place=place, names=", ".join(wild[:NAMED]))
    if any(item.worth is Worth.OWNER for item in facts.spares):
        return NO_RUNAWAY(language, place=place)
    return (LITTLE if facts.spares else NONE)(language, place=place)


def _room(facts: SpareFacts, language: Language) -> str:
    queue = next(
        (item for item in facts.metrics.queues if facts.queue and item.holds(facts.queue)), None
    )
    if queue is None:
        return ""
    return ROOM(
        language,
        name=queue.name,
        used=figures.percent(queue.used_percent),
        capacity=figures.percent(queue.capacity_percent),
        most=figures.percent(queue.max_percent),
    )


def _reason(item: Spare, language: Language) -> tuple[Span, ...]:
    if item.points is None:
        cores, measured = freed_cores(item.row)
        gain = (GAIN_CORES if measured else GAIN_AT_MOST)(
            language, cores=figures.cores(cores, language)
        )
    else:
        gain = GAIN(language, points=figures.points(-item.points, language))
    rules = item.finding.evidence if item.finding is not None else ()
    evidence = ", ".join(evidence_words(rule, language) for rule in rules)
    words = WORTH[item.worth.value](
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
