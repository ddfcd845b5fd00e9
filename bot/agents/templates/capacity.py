"""Whether there is room for something: yes or no first, then where."""

from bot.agents.capacity import fits, room_of
from bot.agents.facts import CapacityFacts, QueueRoom
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.answers import Note, Paragraph, Part, Span, Table
from bot.domain.conversation import Need
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
            _number(each.guaranteed.cores),
            _number(each.most.cores),
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


def _number(value: float | None) -> str:
    return figures.UNKNOWN if value is None else figures.number(value)
