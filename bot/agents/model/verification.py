"""A sentence stands only when this turn's evidence says all of it; otherwise it is dropped.

Over figures and names: every number with its unit, every name and every time must occur, beside
the subject it belongs to, and every other word must be plain or stand for a claim that holds.
Over documents: one passage must say it, in nearly the same words and with the same negations.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.agents.model.evidence import ALL, Claim, Evidence, Figure, Subject, Unit
from bot.agents.model.known_words import vocabulary
from bot.agents.model.quantities import CLOCK, WORD_NUMBERS, Quantity, quantities

SENTENCE = re.compile(r"[^.!?。\n]+(?:[.!?。]+(?=\s|$)|[.!?。](?=\S)[^.!?。\n]*)*")
CLAUSE = re.compile(r"[,;]|(?<=[고며])\s|\b(?:and|while|whereas|but)\b")
UNSAFE = re.compile(
    r"https?:|www\.|<[@!#a-z/]|[@#]\w|\]\(|!\[|```|\{\{|[\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)
CODE = re.compile(r"[{}\\|=]|\"\s*[:,\]]|[\[\]]\s*\"")  # pieces of JSON are no sentences
ENDED = re.compile(r"(?:[.!?。]|[다요])[\"'”’)]*$")
MARKUP = re.compile(r"[*_`>]{2,}|^\s*(?:[-*•>]|\d+[.)])\s+|[`*]")
ASCII_WORDS = re.IGNORECASE | re.ASCII  # a Korean particle after a word does not lengthen it
TOPICS = {
    "cpu": re.compile(r"\bCPUs?\b", ASCII_WORDS),
    "memory": re.compile(r"메모리|\bmemory\b", ASCII_WORDS),
    "disk": re.compile(r"디스크|\bdisks?\b", ASCII_WORDS),
    "hdfs": re.compile(r"\bHDFS\b", ASCII_WORDS),
    "mean": re.compile(r"평균|\b(?:average[ds]?|averaging|mean)\b", ASCII_WORDS),
    "high": re.compile(r"최고|최대|\bpeak(?:ed|ing|s)?\b", ASCII_WORDS),
}
STATES = {
    "running": re.compile(r"실행|\brunning\b|\bruns?\b", ASCII_WORDS),
    "waiting": re.compile(r"대기|\bwait(?:ing)?\b", ASCII_WORDS),
    "lost": re.compile(r"응답|\brespond(?:ing)?\b|\blost\b|\bunreachable\b", ASCII_WORDS),
}
OVER_TIME = {"mean", "high"}
CLUSTER = re.compile(
    r"(?<!of the )(?<!the whole )\bcluster\b|클러스터(?!\s*(?:의\s*)?(?:전체|코어))", ASCII_WORDS
)
SUBJECT_CLAIMS = {Claim.MOST, Claim.HEAVY, Claim.RUNAWAY, Claim.PROTECTED, Claim.KILLED}
LEVELS = {Claim.HIGH, Claim.CALM, Claim.SPREAD}
LONGEST, MOST_SENTENCES = 400, 4
SMALL_NUMBERS = (
    *(
        (re.compile(rf"(?<![\w.-]){word}(?![\w.-])", re.IGNORECASE), str(digit))
        for digit, word in enumerate(("two", "three", "four", "five"), 2)
    ),
    *(
        (re.compile(rf"(?<![\uac00-\ud7a3]){word}\s*(?=개|대|건|잡|노드|시간)"), str(digit))
        for digit, word in enumerate(("한", "두", "세", "네", "다섯"), 1)
    ),
)
COUNTED = {Unit.JOBS, Unit.NODES}
GENERAL = {"cluster", "expectation", "list"}
PLAIN_NAME = re.compile(r"[\w.:/\[\]-]{1,120}")


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a sentence, and the subjects it may stand for."""

    start: int
    end: int
    subjects: tuple[Subject, ...]


def sentences(text: str) -> tuple[str, ...]:
    """Return a text's sentences without markup, at most four."""
    found: list[str] = []
    for line in text.splitlines():
        clean = MARKUP.sub("", line).strip()
        found.extend(piece.group().strip() for piece in SENTENCE.finditer(clean))
    return tuple(piece for piece in found if piece)[:MOST_SENTENCES]


def numbered(sentence: str) -> str:
    """Return a sentence with its small numbers in digits, so that they are checked as numbers."""
    for pattern, digit in SMALL_NUMBERS:
        sentence = pattern.sub(digit, sentence)
    return sentence


def supported(sentence: str, evidence: Evidence) -> bool:
    """Tell whether the evidence says all of a sentence about figures and names."""
    if len(sentence) > LONGEST or not ENDED.search(sentence):
        return False
    if any(pattern.search(sentence) for pattern in (UNSAFE, CODE, WORD_NUMBERS)):
        return False
    sentence = numbered(sentence)
    mentions = tuple(_mentions(sentence, evidence))
    rest = _blanked(sentence, [(item.start, item.end) for item in mentions])
    if not _times_stand(rest, evidence):
        return False
    rest = CLOCK.sub(lambda found: " " * len(found.group()), rest)
    counted = quantities(rest)
    if not all(_stands(item, mentions, rest, evidence) for item in counted):
        return False
    words = _blanked(rest, [(item.start, item.end) for item in counted])
    anchored = bool(counted) or any(item.subjects[0].kind != "cluster" for item in mentions)
    return _worded(words, mentions, evidence, anchored=anchored)


def _mentions(sentence: str, evidence: Evidence) -> Iterator[Mention]:
    """Yield names where they stand, the longest first where they overlap."""
    known: dict[str, list[Subject]] = {}
    for subject in evidence.subjects:
        values = [value for key, value in subject.about if key in {"owner", "queue"}]
        for name in (*subject.names, *values):
            if PLAIN_NAME.fullmatch(name) and subject not in known.setdefault(name, []):
                known[name].append(subject)
    taken: list[tuple[int, int]] = []
    found: list[Mention] = []
    for name in sorted(known, key=len, reverse=True):
        pattern = re.compile(
            rf"(?<![A-Za-z0-9_.-]){re.escape(name)}(?![A-Za-z0-9_]|[.-][A-Za-z0-9])"
        )
        for match in pattern.finditer(sentence):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                found.append(Mention(*match.span(), tuple(known[name])))
    cluster = next((item for item in evidence.subjects if item.kind == "cluster"), None)
    if cluster is not None:
        found.extend(
            Mention(match.start(), match.start(), (cluster,))
            for match in CLUSTER.finditer(sentence)
            if not any(start < match.end() and match.start() < end for start, end in taken)
        )
    yield from sorted(found, key=lambda item: item.start)


def _stands(
    quantity: Quantity, mentions: tuple[Mention, ...], text: str, evidence: Evidence
) -> bool:
    """Tell whether a quantity is a figure of the subject it stands beside."""
    if quantity.units == {Unit.RANK}:
        return any(quantity.says(item) for one in evidence.subjects for item in one.figures)
    figured = [item for item in mentions if any(one.figures for one in item.subjects)]
    before = [item for item in figured if item.end <= quantity.start]
    topic = _topic(text, before[-1].end if before else 0, quantity)
    nearest = before[-1] if before else None
    if nearest is None and not topic:
        cut = CLAUSE.search(text, quantity.end)
        end = cut.start() if cut else len(text)
        nearest = next((item for item in figured if item.start < end), None)
    chosen = nearest.subjects if nearest else _general(evidence)
    state = _state(text, quantity)
    if quantity.units <= COUNTED:
        chosen = (*chosen, *_general(evidence))
    return any(
        quantity.says(figure) and _on(figure, topic) and _in_state(figure, state)
        for subject in chosen
        for figure in subject.figures
    )


def _general(evidence: Evidence) -> tuple[Subject, ...]:
    return tuple(item for item in evidence.subjects if item.kind in GENERAL)


def _topic(text: str, start: int, quantity: Quantity) -> str:
    """Return what a quantity is of: the word right after it, else the last one before it.

    An average or a peak stays one when CPU is named between: `평균 CPU 사용률은 62%`.
    """
    after = text[quantity.end :].lstrip()
    for topic, pattern in TOPICS.items():
        if pattern.match(after):
            return topic
    cuts = [cut.end() for cut in CLAUSE.finditer(text, start, quantity.start)]
    named = sorted(
        (match.start(), topic)
        for topic, pattern in TOPICS.items()
        for match in pattern.finditer(text, start, quantity.start)
    )
    over_time = [topic for at, topic in named if topic in OVER_TIME and at >= max(cuts, default=0)]
    if named and named[-1][1] == "cpu" and over_time:
        return over_time[-1]
    return named[-1][1] if named else ""


def _on(figure: Figure, topic: str) -> bool:
    return not topic or figure.topic in {"", topic} or figure.unit in COUNTED


def _state(text: str, quantity: Quantity) -> str:
    """Return the state named nearest to a quantity: running, waiting, or not responding."""
    near = [
        (min(abs(match.start() - quantity.end), abs(quantity.start - match.end())), order, state)
        for order, (state, pattern) in enumerate(STATES.items())
        for match in pattern.finditer(text)
    ]
    return min(near)[2] if near else ""


def _in_state(figure: Figure, state: str) -> bool:
    """Tell whether a count may be said of a state: each count is of one, or of none."""
    if figure.unit not in COUNTED or not figure.topic:
        return True
    return figure.topic == state or (figure.topic == ALL and not state)


def _times_stand(text: str, evidence: Evidence) -> bool:
    return all(
        any(time.startswith(found.group()) for time in evidence.times)
        for found in CLOCK.finditer(text)
    )


def _worded(
    text: str, mentions: tuple[Mention, ...], evidence: Evidence, *, anchored: bool
) -> bool:
    """Tell whether each clause is made of plain words and of words for what holds."""
    claimed = False
    start = 0
    for cut in (*CLAUSE.finditer(text), None):
        end = cut.start() if cut else len(text)
        near = [item for item in mentions if start <= item.start < end] or list(mentions)
        if start == 0:
            near = [item for item in mentions if item.start < end]
        holding = _holding(near, evidence)
        if vocabulary().unknown(text[start:end], holding):
            return False
        claimed = claimed or vocabulary().claimed(text[start:end], holding)
        start = cut.end() if cut else end
    return anchored or claimed


def _holding(mentions: list[Mention], evidence: Evidence) -> set[Claim]:
    subjects = [
        subject for item in mentions for subject in item.subjects if subject.kind != "cluster"
    ]
    general = set(evidence.claims) - (LEVELS if subjects else set())
    own = set.intersection(*(set(item.claims) for item in subjects)) if subjects else set()
    return general | (own & (SUBJECT_CLAIMS | LEVELS))


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
