"""Whether a count is right: of a queue, of those a bound fits, of a state, or of those in sight."""

import re

from bot.agents.model.arithmetic import REST, is_heavy
from bot.agents.model.evidence import ALL, Kind, Unit
from bot.agents.model.quantities import Quantity
from bot.agents.model.sentence import ASCII_WORDS, THAN_IT, Sentence

COUNTS = {Unit.JOBS, Unit.NODES}
STATES = {
    "running": re.compile(r"실행|돌고|\brunning\b|\bruns?\b", ASCII_WORDS),
    "waiting": re.compile(r"대기|기다리|\bwait(?:ing|s)?\b|\bpending\b|\bqueued\b", ASCII_WORDS),
    "lost": re.compile(
        r"응답하지|죽은|장애|\blost\b|not respond\w*|\bunreachable\b|\bdown\b|\bunhealthy\b",
        ASCII_WORDS,
    ),
}
TOTAL = re.compile(
    r"^\s*(?:이(?:고|며|다|라)|입니|예요|이에요|가\s|뿐|\s?(?:있|존재)|임|됨|\w*\s*(?:are|is|do|have|has)\b|(?:\w+\s)?in total)"
)
PART_OF = re.compile(r"(?:\bof|out of|from)(?: the| all)?\s*$", re.IGNORECASE)
PART_OF_KO = re.compile(r"^\s*(?:잡|앱|작업|애플리케이션|큐|노드)?\s*(?:의|중|가운데|에서)")
HOLDS = re.compile(
    r"(?:\s?(?:큐|쪽|님|queue|has|holds|owns|runs|only|just|with|에서?는?|엔|[은는이가도]|잡[이은]?|작업|앱|[:,—]))*\s*",
    re.IGNORECASE,
)
"""What stands between a queue and the number of its jobs."""


def counted(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a count is right: of a queue, of those a bound fits, of a state, or in sight."""
    if Unit.QUEUES in one.units:
        every = {each.queue for each in sentence.ranked}
        return one.value in {len(every), len({each.names for each in sentence.queues}), 1}
    part = PART_OF.search(sentence.text[: one.start]) or PART_OF_KO.match(sentence.text[one.end :])
    if part and one.value == len(sentence.ranked):
        return True
    if any(one.start <= at < one.end for at in sentence.grouped):
        return 0 < one.value <= len(sentence.ranked)
    for bound in (_of_queue, _beyond_it, _within_bound):
        if (holds := bound(one, sentence)) is not None:
            return holds
    return _of_state(one, sentence)


def _of_queue(one: Quantity, sentence: Sentence) -> bool | None:
    """Tell whether a count is of the jobs in a queue that is named; None where it may be another."""
    if any(one.says(len(sentence.members(each)), Unit.JOBS) for each in sentence.queues):
        return True
    owned = [
        each for each in sentence.owners if HOLDS.fullmatch(sentence.text, each.end, one.start)
    ]
    if (
        owned
        and sentence.text[owned[0].end : one.start].strip()
        and one.units == COUNTS
        and not PART_OF_KO.match(sentence.text[one.end :])
    ):
        return one.value == sum(each.owner == owned[0].subject.owner for each in sentence.ranked)
    return (
        False
        if any(
            HOLDS.fullmatch(sentence.text, each.end, one.start)
            for each in sentence.mentions
            if each.subject.kind is Kind.QUEUE
        )
        else None
    )


def _beyond_it(one: Quantity, sentence: Sentence) -> bool | None:
    """Tell whether so many are larger, or smaller, than the one it goes on about; None without one."""
    than = THAN_IT.search(sentence.text)
    return one.value == len(sentence.grouped[than.start()]) if than and sentence.focus else None


def _within_bound(one: Quantity, sentence: Sentence) -> bool | None:
    """Tell whether so many fit a bound that is named; None where none is."""
    bounds = [each for each in sentence.numbers if each.bound and not each.units & COUNTS]
    if not bounds:
        return None
    start, end = sentence.clause(one.start)
    bound = next((each for each in bounds if start <= each.start < end), bounds[0])
    fits = [
        [each for each in pool if any(map(bound.is_figure, each.figures))]
        for pool in sentence.groups[-2 if REST.search(sentence.text, start, end) else -1 :]
    ]
    if any(one.value in {len(fit), len({each.owner for each in fit})} for fit in fits):
        return True
    shared = Unit.PERCENT in bound.units and len(sentence.together) == one.value
    return None if shared else False  # "2 jobs hold more than half": together


def _of_state(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a count is that of the state it is said of, or of those in sight."""
    start, end = sentence.clause(one.start)
    clause = sentence.text[start:end]
    state = _state(clause, clause.find(sentence.text[one.start : one.end]))
    predicate = TOTAL.match(sentence.text[one.end :])
    figures = [
        figure
        for subject in sentence.evidence.subjects
        if subject.kind in {Kind.CLUSTER, Kind.LIST, Kind.QUEUE}
        and (subject.kind is not Kind.QUEUE or any(m.subject is subject for m in sentence.mentions))
        for figure in subject.figures
        if figure.unit in COUNTS
    ]
    of_state = [figure for figure in figures if figure.topic == state]
    if state and predicate and not REST.search(clause):
        return any(map(one.is_figure, of_state))
    if any(
        one.is_figure(figure) and figure.topic in {state or "running", "", ALL}
        for figure in figures
    ):
        return True
    kinds = (Kind.APPLICATION, Kind.QUEUE, Kind.NODE)
    named = [
        {m.subject.names for m in sentence.mentions if m.subject.kind is kind} for kind in kinds
    ]
    running, listed = len(sentence.ranked), len(sentence.evidence.listed)
    over = sum(any(map(is_heavy, each.figures)) for each in sentence.ranked)
    seen = len({each.names for each in sentence.named_before} | named[0])
    in_sight = {len(sentence.focus), listed, running - listed, running - seen}
    in_sight |= {running - int(each.value) for each in sentence.numbers if each is not one}
    in_sight |= {*range(2, len(sentence.named_before) + 1), *map(len, named)}
    if one.units == {Unit.NODES}:
        in_sight = set()
    in_sight |= {running - len(sentence.focus), running - len(sentence.together)}
    known = one.value in in_sight - {0} and (not predicate or bool(REST.search(clause)))
    return known or (not state and one.value in {1, over})


def _state(text: str, at: int) -> str:
    """Return the state named nearest to a place: running, waiting, or not responding."""
    near = [
        (min(abs(match.start() - at), abs(at - match.end())), order, state)
        for order, (state, pattern) in enumerate(STATES.items())
        for match in pattern.finditer(text)
    ]
    return min(near)[2] if near else ""
