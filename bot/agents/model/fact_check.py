"""Which sentences of a model stand: facts are checked, wording is free, what fails goes alone.

A sentence falls when a number is no figure of whom it speaks of, when a name, time, link or
citation is unknown, or when it claims what is not so (`claims`). What the passages say supports
what the figures do not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.agents.model import claims
from bot.agents.model.arithmetic import LIMIT, cluster_figures, follows, is_ratio, near
from bot.agents.model.claims import Reason
from bot.agents.model.documents import Support
from bot.agents.model.evidence import ALL, Evidence, Figure, Kind, Subject, Unit
from bot.agents.model.quantities import ALIKE, CLOCK, Quantity
from bot.agents.model.sentence import ASCII_WORDS, Mention, Sentence, sentences
from bot.domain.language import Language, language_of

LONGEST = 500
UNSAFE = re.compile(
    r"<[@!#/]|<(?![a-z][\w-]*>)[a-z]|(?<![\w)])@\w|\]\(|!\[|```|\{\{|[\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)
LINK = re.compile(r"(?:https?:|www\.)\S*|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|ai|co|kr|app|sh)\b\S*", ASCII_WORDS)  # fmt: skip
PIECES_OF_JSON = re.compile(r"[{}\\|]|\"\s*[:\]]|[\[\]]\s*\"")
ENDED = re.compile(r"(?:[.!?。:]|[다요죠오])[\"'”’)\]]*$")
IDENTIFIER = re.compile(r"(?<![\w.-])(?=[\w.!/@-]*[A-Za-z])(?:[A-Za-z0-9]+(?:[_.\-/!@][A-Za-z0-9]+)+|[A-Za-z]+\d\w*|\d+[A-Za-z]\w*|[A-Z][a-z]+[A-Z]\w*)", re.ASCII)  # fmt: skip
PLAIN_COMPOUND = re.compile(r"[GMTK]iB|vCores?|[A-Za-z]+(?:[-/][A-Za-z]+)+|\d+(?:-\w+|%|th|st|nd|rd|[a-z]{1,3}|GiB|MiB|TiB|GB|MB|TB|vcores?|cores?|코어)", ASCII_WORDS)  # fmt: skip
ID_END = re.compile(r"(?<![\w.])\d{4,}(?![\w.%])")
MOST_IN_SIGHT = 9
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
    r"^\s*(?:이(?:고|며|다|라)|입니|예요|이에요|가\s|뿐|\w*\s*(?:are|is|do|have|has)\b|(?:\w+\s)?in total)"
)
ADNOMINAL = re.compile(
    r"(?:[가-힣][는던]|중인|인|[한된쓴진]|짜리)(?<!것은)(?<!것는)\s+(?:\S+(?:의|님의)\s+)?$"
)
WHOLE = re.compile(
    r"\bof (?=\d)|지금|현재|present|current|now\b|코어 중|전체|모두|총|가운데|중에|of the|of all|all (?:the )?|total|in all|altogether",
    re.IGNORECASE,
)
OWN_SHARE = re.compile(r"몫|비중|차지|점유|\bshare\b", re.IGNORECASE)
AGAINST = re.compile(r"(?:\b(?:against|than(?: the)?|versus|vs\.?)|대)\s*$", re.IGNORECASE)
OF_NAME = re.compile(r"^\s*of\s+$", re.IGNORECASE)
TIMES = re.compile(r"^\s*(?:배|times\b|x\b)")
NOW = re.compile(r"지금|현재|\b(?:present|current|now)\b", re.IGNORECASE)
UNUSED = re.compile(
    r"^(?:\S{0,3}\s+(?:비어|남아|놀고)|\s*(?:free|spare|idle|unused)\b)", re.IGNORECASE
)
APIECE = re.compile(r"씩|똑같|동일|\b(?:each|apiece|the same|equally)\b", re.IGNORECASE)
IN_TURN = re.compile(r"각각|\brespectively\b|in that order", re.IGNORECASE)
OVER_TIME = {"mean", "high"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One sentence of a model, and why it was dropped; None when it stands."""

    sentence: str
    reason: Reason | None


def check(words: str, evidence: Evidence, language: Language) -> tuple[Verdict, ...]:
    """Judge a text's sentences, each by itself; the next one may carry on about whom one names."""
    focus = tuple(each for each in evidence.subjects if set(each.names) & set(evidence.about))
    found: list[Verdict] = []
    named: dict[tuple[str, ...], Subject] = {}
    for said in sentences(words):
        sentence = Sentence(said, evidence, focus, tuple(named.values()))
        named |= {
            each.subject.names: each.subject for each in sentence.mentions if each.application
        }
        reason = _reason(sentence, language)
        found.append(Verdict(said, reason))
        if reason is Reason.NAME:
            focus = ()  # "it" would be somebody nobody knows
        elif sentence.applications:
            focus = sentence.applications
    return tuple(found)


def standing(words: str, evidence: Evidence, language: Language) -> tuple[str, ...]:
    """Return the sentences that stand."""
    return tuple(one.sentence for one in check(words, evidence, language) if one.reason is None)


def _reason(sentence: Sentence, language: Language) -> Reason | None:
    said, passages = sentence.said, sentence.evidence.passages
    malformed = len(said) > LONGEST or not ENDED.search(said) or PIECES_OF_JSON.search(said)
    formal = (
        (Reason.FORM, malformed),
        (Reason.LANGUAGE, language_of(said) is not language),
        (Reason.LINK, UNSAFE.search(said) or _foreign(said, sentence.evidence)),
        (Reason.CITATION, any(not 1 <= each <= len(passages) for each in sentence.citations)),
    )
    for reason, fails in formal:
        if fails:
            return reason
    support = Support(sentence)
    if _unknown_name(sentence):
        return Reason.NAME
    if not support.says_times and not _times_stand(sentence):
        return Reason.TIME
    if not all(_stands(one, sentence) or support.says(one) for one in sentence.numbers):
        return Reason.NUMBER
    figures = any(_is_figure(one, sentence) or support.says(one) for one in sentence.numbers)
    return claims.refuted(sentence, support, figures=figures)


def _is_figure(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a quantity is more than how many are in sight, of which everybody can count."""
    if not one.units & COUNTS or one.value > MOST_IN_SIGHT or one.value % 1:
        return True
    if any(map(one.is_figure, cluster_figures(sentence, Unit.NODES))):
        return True
    if any(one.value == len(sentence.members(each)) for each in sentence.queues):
        return True
    jobs = any(map(one.is_figure, cluster_figures(sentence, Unit.JOBS)))
    return jobs and one.value != len(sentence.evidence.listed)


def _foreign(said: str, evidence: Evidence) -> bool:
    known = " ".join(f"{source} {text}" for source, text in evidence.passages)
    return any(link.group().rstrip(".,)") not in known for link in LINK.finditer(said))


def _unknown_name(sentence: Sentence) -> bool:
    """Tell whether a name, an id or a command's piece stands nowhere in the evidence."""
    text = sentence.text
    for mention in reversed(sentence.mentions):
        if mention.named:
            blank = " " * (mention.end - mention.start)
            text = text[: mention.start] + blank + text[mention.end :]
    known = {each.owner for each in sentence.evidence.subjects} | set(sentence.evidence.listed)
    passages = "\n".join(part for passage in sentence.evidence.passages for part in passage)
    for match in IDENTIFIER.finditer(text):
        word = match.group()
        if not (PLAIN_COMPOUND.fullmatch(word) or word in known or word in passages):
            return True
    ids = [name for each in sentence.evidence.subjects for name in each.names[1:]]
    return claims.unknown_person(sentence) or any(
        not any(name.endswith(end.group()) for name in ids) and end.group()[0] == "0"
        for end in ID_END.finditer(text)
    )


def _times_stand(sentence: Sentence) -> bool:
    return all(
        any(found.group() in time for time in sentence.evidence.times)
        for found in CLOCK.finditer(sentence.text)
    )


def _stands(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a quantity is a figure of whom it speaks of, or follows from such figures."""
    text = sentence.text
    start, end = sentence.clause(one.start)
    clause = text[start:end]
    ratio = TIMES.match(text[one.end :])
    if Unit.QUEUES in one.units:
        every = {each.queue for each in sentence.ranked}
        return one.value in {len(every), len({each.names for each in sentence.queues}), 1}
    if one.units & COUNTS and not ratio and _counted(one, sentence, clause):
        return True
    limit = replace(one, bound=0)
    if (one.bound or LIMIT.search(clause)) and any(map(limit.is_figure, sentence.evidence.limits)):
        return True
    subjects = tuple(_subjects(one, sentence))
    topics = _topics(one, sentence)
    figures = [figure for subject in subjects for figure in subject.figures]
    if UNUSED.match(text[one.end :]):
        figures = [each for each in figures if "free" in each.label or each.unit in COUNTS]
    sharing = {each.names: each for each in (m.subject for m in sentence.mentions if m.named)}
    if len(sharing) > 1 and APIECE.search(clause):
        return all(any(map(one.is_figure, each.figures)) for each in sharing.values())
    if any(one.is_figure(item) and _on(item, topics) for item in figures):
        return True
    whole = WHOLE.search(text[max(0, start - 1) : one.end + 8])
    parts = one.units - ({Unit.PERCENT} if not NOW.search(clause) else set())
    known = [item for unit in parts for item in cluster_figures(sentence, unit)]
    of_all = bool(whole) and any(one.is_figure(item) and _on(item, topics) for item in known)
    named_here = any(each.application and start <= each.start < end for each in sentence.mentions)
    if not ratio and not named_here and (start or not sentence.meant):
        units = one.units - COUNTS
        items = (item for unit in units for item in cluster_figures(sentence, unit))
        of_all = of_all or any(one.is_figure(item) and _on(item, topics) for item in items)
    own_id = any(
        name.endswith(f"{one.value:04.0f}") for each in sentence.meant for name in each.names[1:]
    )
    own_id = own_id and len(text[one.start : one.end].strip()) >= 4  # noqa: PLR2004 - an id's last four digits
    return of_all or own_id or _derived(one, sentence)


def _on(figure: Figure, topics: frozenset[str]) -> bool:
    """Tell whether a figure is of what is spoken of: a mean is never the figure of now."""
    if figure.unit in COUNTS:
        return True
    over_time = topics & OVER_TIME
    if over_time or figure.topic in OVER_TIME:
        return figure.topic in over_time
    parts = topics - OVER_TIME - {""}
    return not parts or figure.topic in {"", *parts}


def _topics(one: Quantity, sentence: Sentence) -> frozenset[str]:
    start, end = sentence.clause(one.start)
    after = sentence.text[one.end : end]
    return frozenset(
        each.topic
        for each in sentence.mentions
        if not each.named
        and each.topic
        and (
            start <= each.start < one.start
            or (one.end <= each.start < end and len(after[: each.start - one.end].strip()) < 4)  # noqa: PLR2004 - it follows at once
        )
    )


def _subjects(one: Quantity, sentence: Sentence) -> Iterator[Subject]:
    """Yield whose figure a quantity would be: the nearest named before it, or whom it describes."""
    text = sentence.text

    def able(mention: Mention) -> bool:
        return any(figure.unit in one.units for figure in mention.subject.figures)

    after = [
        each for each in sentence.mentions if each.start >= one.end and each.named and able(each)
    ]
    between = text[one.end : after[0].start] if after else ""
    if after and (ADNOMINAL.search(between) or OF_NAME.match(between)):
        yield after[0].subject
        return
    before = [each for each in sentence.mentions if each.end <= one.start and able(each)]
    alike = [each for each in sentence.numbers if each.units == one.units]
    places = [each.subject for each in before if each.application and each.end <= alike[0].start]
    places = places or list(sentence.together)
    if 1 < len(alike) == len(places) and (IN_TURN.search(text) or _in_a_row(alike, text)):
        yield places[alike.index(one)]
        return
    if not before:
        yield from _carried(one, sentence, after[:1])
        return
    last = before[-1].subject
    yield last
    if AGAINST.search(text[: one.start]):
        yield from near(sentence)
    if last.kind is Kind.CLUSTER:
        others = [each for each in before if each.subject.kind is not Kind.CLUSTER]
        yield from (each.subject for each in others[-1:])
        if not others and (Unit.PERCENT not in one.units or OWN_SHARE.search(text)):
            yield from sentence.focus
        yield from (each for each in sentence.evidence.subjects if each.kind is Kind.LIST)
    elif last.kind is Kind.APPLICATION and ("큐" in text or "queue" in text):
        yield from (
            each
            for each in sentence.evidence.subjects
            if each.kind is Kind.QUEUE and last.queue in each.names
        )
    elif last.kind is Kind.QUEUE:
        yield from (
            each for each in sentence.meant if each.queue in last.names and sentence.applications
        )


def _in_a_row(numbers: list[Quantity], text: str) -> bool:
    """Tell whether numbers stand one right after the other, as those of subjects in their order."""
    return all(ALIKE.match(text[one.end : after.start]) for one, after in pairwise(numbers))


def _carried(one: Quantity, sentence: Sentence, after: list[Mention]) -> Iterator[Subject]:
    """Yield whose figure one without a name before it is: whom it goes on about, or the next named.

    A clause that names nobody may speak of whom the sentence then names: "With 32 cores, X …".
    """
    start, end = sentence.clause(one.start)
    here = any(each.application and start <= each.start < end for each in sentence.mentions)
    away = not here and start == 0
    carried = [each for each in sentence.focus if away or not sentence.applications]
    yield from carried
    ahead = away and end < len(sentence.text)
    if not carried or ahead:
        yield from (each.subject for each in after if not (ahead and sentence.compared(each)))
    if not carried:
        yield from (each.subject for each in sentence.mentions if each.subject.kind is Kind.CLUSTER)


def _counted(one: Quantity, sentence: Sentence, clause: str) -> bool:
    """Tell whether a count is right: of a state, it is that state's; else of what is in sight."""
    if any(one.start <= at < one.end for at in sentence.grouped):
        return True
    if any(one.says(len(sentence.members(each)), Unit.JOBS) for each in sentence.queues):
        return True
    if any(
        0 <= one.start - each.end < 4  # noqa: PLR2004 - it follows at once, as in "etl에 2개"
        for each in sentence.mentions
        if each.subject in sentence.queues
    ):
        return False
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
    if state and predicate:
        return any(map(one.is_figure, of_state))
    if any(one.is_figure(figure) and figure.topic in {state, "", ALL} for figure in figures):
        return True
    in_sight = {len(sentence.focus), len(sentence.evidence.listed)}
    in_sight |= {len(sentence.ranked) - len(sentence.evidence.listed)}
    in_sight |= set(range(2, len(sentence.named_before) + 1))
    if one.units == {Unit.NODES}:
        in_sight = set()
    for kind in (Kind.APPLICATION, Kind.QUEUE, Kind.NODE):
        in_sight.add(len({m.subject.names for m in sentence.mentions if m.subject.kind is kind}))
    return (one.value in in_sight - {0} and not predicate) or (one.value == 1 and not state)


def _state(text: str, at: int) -> str:
    """Return the state named nearest to a place: running, waiting, or not responding."""
    near = [
        (min(abs(match.start() - at), abs(at - match.end())), order, state)
        for order, (state, pattern) in enumerate(STATES.items())
        for match in pattern.finditer(text)
    ]
    return min(near)[2] if near else ""


def _derived(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a quantity is made of the figures of those in sight."""
    ratio = TIMES.match(sentence.text[one.end :])
    return is_ratio(one, sentence) if ratio else follows(one, sentence)
