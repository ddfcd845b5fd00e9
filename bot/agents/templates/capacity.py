"""Whether there is room: yes or no first; what could be given up for it; a promise to tell when."""

from bot.agents.facts import CapacityFacts, QueueRoom, Spare, SpareFacts, WatchFacts, Worth
from bot.agents.infra_engineer import fits, room_of
from bot.agents.templates.cluster import next_steps
from bot.agents.templates.diagnosis import propose_button
from bot.agents.templates.lists import cores_basis, job_table
from bot.agents.templates.wording import Voice, Wording, bold, evidence_words
from bot.domain.answers import Bullets, Button, Buttons, Note, Paragraph, Part, Span, Table, plain
from bot.domain.cluster import ClusterMetrics
from bot.domain.conversation import Need, Watch, WatchKind
from bot.domain.core_usage import freed_cores
from bot.domain.hypotheses import HIGH_CPU
from bot.domain.language import Language, Text
from bot.texts import figures

YES = Text(ko="네, {need} 자리가 있습니다.", en="Yes, there is room for {need}.")
YES_QUEUE = Text(
    ko="네, {queue} 큐에 {need} 자리가 있습니다.", en="Yes, queue {queue} has room for {need}."
)
NO = Text(ko="아니요, {need} 자리는 없습니다.", en="No, there is no room for {need}.")
NO_QUEUE = Text(
    ko="아니요, {queue} 큐에 {need} 자리는 없습니다.",
    en="No, queue {queue} has no room for {need}.",
)
FREE_IS = Text(ko="지금 {free} 비어 있습니다.", en="Free right now: {free}.")
FREE_QUEUE = Text(
    ko="{queue} 큐는 지금 {free} 더 쓸 수 있습니다.", en="Queue {queue} may take {free} more now."
)
FREE = Text(
    ko=" 클러스터에 {free} 비어 있습니다(할당 기준).",
    en=" Free in the cluster: {free} (not granted).",
)
FREED = Text(ko=" {names}이(가) 끝난 뒤로 계산했습니다.", en=" Counted as if {names} had ended.")
UNKNOWN = Text(
    ko="남은 자리를 알 수 없습니다. 스케줄러가 할당량을 알려 주지 않았습니다.",
    en="How much room is left is unknown: the scheduler did not tell what it has granted.",
)
NO_SUCH_QUEUE = Text(
    ko="{queue} 큐의 용량을 알 수 없습니다. 아는 큐: {names}.",
    en="The capacity of queue {queue} is unknown. Known queues: {names}.",
)
BORROWED = Text(
    ko=" 보장 용량을 넘는 몫이라 다른 큐가 돌려 달라고 하면 회수될 수 있습니다.",
    en=" Part of it is beyond the queue's guarantee and may be taken back.",
)
BUSY = Text(
    ko=" 다만 CPU를 이미 {cpu} 쓰고 있어 느릴 수 있습니다.",
    en=" CPU is at {cpu} already, so it may run slowly.",
)
MEMORY = Text(ko="메모리 {value}", en="{value} of memory")
HEADS = (
    Text(ko="큐", en="Queue"),
    Text(ko="보장 안 남은 코어", en="Cores left, guaranteed"),
    Text(ko="최대까지 남은 코어", en="Cores left, maximum"),
    Text(ko="최대까지 남은 메모리", en="Memory left, maximum"),
)
ESTIMATE = Text(
    ko="큐별 값은 클러스터 비율로 계산한 어림입니다.",
    en="Figures per queue are worked out from its share of the cluster.",
)
QUEUES_SHOWN = 10


def capacity(facts: CapacityFacts, voice: Voice) -> Wording:
    """Answer yes or no, with what is free in all and in each queue."""
    language, need = voice.language, facts.need
    queue = room_of(facts, need.queue) if need.queue else None
    if need.queue and queue is None:
        names = ", ".join(each.name for each in facts.queues) or figures.UNKNOWN
        sentence = NO_SUCH_QUEUE(language, queue=need.queue, names=names)
        return _worded(sentence, "", facts, voice)
    free = queue.most if queue is not None else facts.free
    if free.cores is None and free.memory is None:
        return _worded(UNKNOWN(language), "", facts, voice)
    sentence = _verdict(need, free, queue, language)
    return _worded(sentence, _behind(facts, queue, language), facts, voice)


def _verdict(need: Need, free: Need, queue: QueueRoom | None, language: Language) -> str:
    name = queue.name if queue is not None else ""
    if need.cores is None and need.memory is None:
        words = FREE_QUEUE if queue is not None else FREE_IS
        return words(language, queue=name, free=amount(free, language))
    found = fits(need, free)
    if found is None:
        return UNKNOWN(language)
    yes, no = (YES_QUEUE, NO_QUEUE) if queue is not None else (YES, NO)
    return (yes if found else no)(language, queue=name, need=amount(need, language))


def _behind(facts: CapacityFacts, queue: QueueRoom | None, language: Language) -> str:
    said = []
    asked = facts.need.cores is not None or facts.need.memory is not None
    if asked or queue is not None:
        said.append(FREE(language, free=amount(facts.free, language)))
    if facts.freed:
        said.append(FREED(language, names=", ".join(facts.freed)))
    if asked and queue and fits(facts.need, queue.most) and not fits(facts.need, queue.guaranteed):
        said.append(BORROWED(language))
    cpu = facts.metrics.cpu
    if not facts.freed and cpu is not None and cpu.percent >= HIGH_CPU:
        said.append(BUSY(language, cpu=figures.percent(cpu.percent)))
    return "".join(said)


def _worded(sentence: str, behind: str, facts: CapacityFacts, voice: Voice) -> Wording:
    parts: list[Part] = [Paragraph((bold(sentence), *([Span(behind)] if behind else [])))]
    if facts.queues and facts.free.cores is not None:
        parts += [_table(facts, voice.language), Note(ESTIMATE(voice.language))]
    parts.append(voice.footing(facts.metrics.taken_at, facts.metrics.missing))
    return Wording(sentence + behind, tuple(parts))


def _table(facts: CapacityFacts, language: Language) -> Table:
    rows = [
        (
            each.name,
            figures.number(each.guaranteed.cores),
            figures.number(each.most.cores),
            figures.gib(each.most.memory),
        )
        for each in facts.queues[:QUEUES_SHOWN]
    ]
    return Table((tuple(head(language) for head in HEADS), *rows), frozenset({1, 2, 3}))


def amount(need: Need, language: Language) -> str:
    """Return cores and memory in words, whichever are said."""
    words = [figures.cores(need.cores, language)] if need.cores is not None else []
    if need.memory is not None:
        words.append(MEMORY(language, value=figures.gib(need.memory)))
    return ", ".join(words)


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
    sentence, room = _sentence(facts, language), _room(facts, language)
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
    wild = [item.row for item in facts.spares if item.worth is Worth.RUNAWAY][:OFFERED]
    offered = [propose_button(row, language) for row in wild]
    parts.append(Buttons((*offered, *next_steps(language, top=False).buttons)))
    return Wording(sentence, tuple(parts), tuple(row.ref.id for row in facts.listing.rows))


def _sentence(facts: SpareFacts, language: Language) -> str:
    place = QUEUE(language, name=facts.queue) if facts.queue else ANYWHERE(language)
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


# A promise to tell when, and its being kept.


WHEN = {
    WatchKind.CPU_BELOW: Text(ko="CPU가 {percent} 아래로 내려가면", en="CPU falls below {percent}"),
    WatchKind.CPU_ABOVE: Text(ko="CPU가 {percent}를 넘으면", en="CPU rises above {percent}"),
    WatchKind.MEMORY_BELOW: Text(
        ko="메모리가 {percent} 아래로 내려가면", en="memory falls below {percent}"
    ),
    WatchKind.MEMORY_ABOVE: Text(
        ko="메모리가 {percent}를 넘으면", en="memory rises above {percent}"
    ),
    WatchKind.ENDED: Text(ko="{names}이(가) 끝나면", en="{names} has ended"),
    WatchKind.RELAUNCHED: Text(ko="{names}이(가) 다시 뜨면", en="{names} runs again"),
    WatchKind.ROOM: Text(ko="{place}에 {need}자리가 나면", en="{place} has room{need}"),
}
SO = {
    WatchKind.CPU_BELOW: Text(
        ko="CPU가 {seen}입니다(기준 {percent} 아래).", en="CPU is at {seen}, below {percent}."
    ),
    WatchKind.CPU_ABOVE: Text(
        ko="CPU가 {seen}입니다(기준 {percent} 위).", en="CPU is at {seen}, above {percent}."
    ),
    WatchKind.MEMORY_BELOW: Text(
        ko="메모리가 {seen}입니다(기준 {percent} 아래).", en="Memory is at {seen}, below {percent}."
    ),
    WatchKind.MEMORY_ABOVE: Text(
        ko="메모리가 {seen}입니다(기준 {percent} 위).", en="Memory is at {seen}, above {percent}."
    ),
    WatchKind.ENDED: Text(ko="{names}이(가) 끝났습니다.", en="{names} has ended."),
    WatchKind.RELAUNCHED: Text(
        ko="{names}이(가) 다시 떴습니다: {ids}.", en="{names} runs again: {ids}."
    ),
    WatchKind.ROOM: Text(
        ko="{place}에 {need}자리가 났습니다.", en="There is room{need} in {place}."
    ),
}
PROMISE = Text(
    ko="{when} 이 스레드에 한 번 알려 드리겠습니다. {time}까지 지켜봅니다.",
    en="I will say so here, once, when {when}. I keep watching until {time}.",
)
ALREADY = Text(ko="이미 그렇습니다. {so}", en="That is so already. {so}")
FULL = Text(
    ko="이 스레드에서 이미 {count}가지를 지켜보고 있습니다. 하나를 그만두게 한 뒤 다시 말씀해 주세요.",
    en="I am watching {count} things in this thread already. Stop one of them first.",
)
ASKED = Text(ko=" 부탁하신 알림입니다, ", en=" As you asked, ")
END = Text(ko=" 님.", en=".")
STOP = Text(ko="그만 지켜보기", en="Stop watching")
NEED = Text(ko="{need} ", en=" for {need}")


def promised(facts: WatchFacts, voice: Voice) -> Wording:
    """Say what is watched and until when; or that it is so already."""
    language, watch = voice.language, facts.watch
    ids = tuple(each.ref.id for each in watch.applications)
    if facts.full:
        sentence = FULL(language, count=facts.most)
        return Wording(sentence, (plain(sentence),), ids)
    if facts.already:
        sentence = ALREADY(language, so=so(watch, facts.metrics, (), language))
        return Wording(sentence, (plain(sentence),), ids)
    when = WHEN[watch.wanted.kind](language, **_values(watch, language))
    sentence = PROMISE(language, when=when, time=voice.moment(watch.expires_at))
    stop = Buttons((Button("cancel_watch", STOP(language), watch.id),))
    return Wording(sentence, (plain(sentence), stop), ids)


def kept(watch: Watch, metrics: ClusterMetrics, again: tuple[str, ...]) -> Wording:
    """Tell who asked that it has come true; `again` are the ids that run anew."""
    sentence = so(watch, metrics, again, watch.language)
    spans = [bold(sentence), Span(ASKED(watch.language)), Span(watch.asker, user=watch.asker)]
    ids = again or tuple(each.ref.id for each in watch.applications)
    return Wording(sentence, (Paragraph((*spans, Span(END(watch.language)))),), ids)


def so(watch: Watch, metrics: ClusterMetrics, again: tuple[str, ...], language: Language) -> str:
    """Return the sentence that says what is so."""
    memory = watch.wanted.kind in {WatchKind.MEMORY_ABOVE, WatchKind.MEMORY_BELOW}
    gauge = metrics.memory if memory else metrics.cpu
    seen = figures.percent(gauge.percent if gauge else None)
    values = _values(watch, language) | {"seen": seen, "ids": ", ".join(again) or figures.UNKNOWN}
    return SO[watch.wanted.kind](language, **values)


def _values(watch: Watch, language: Language) -> dict[str, str]:
    need = watch.wanted.need
    asked = amount(need, language)
    return {
        "percent": figures.percent(watch.wanted.percent),
        "names": ", ".join(dict.fromkeys(each.name for each in watch.applications)),
        "place": QUEUE(language, name=need.queue) if need.queue else ANYWHERE(language),
        "need": NEED(language, need=asked) if asked else "",
    }
