"""What may leave for the web: a query put together from public words, never from the question.

A word of the question only chooses an entry of the vocabulary; what is sent is the entry. A word
glued to anything else (a host, a path, an application's or a user's name) chooses nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from bot.retrieval import egress_terms as known
from bot.retrieval.egress_korean import KOREAN, TRADE_KOREAN

MAX_WORDS = 12
MAX_QUESTION = 4000
RUN = re.compile(r"[A-Za-z0-9_.:/\\@#$%+=~&*-]+|[\uac00-\ud7a3]+(?: [\uac00-\ud7a3]+)*")
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
VERSION = re.compile(r"v?(\d{1,2}\.\d{1,2}(?:\.\d{1,2})?)")
KEY = re.compile(r"[a-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)+")
CLASS = re.compile(r"[A-Za-z0-9_$]+(?:\.[A-Za-z0-9_$]+)*")
CAMEL = re.compile(r"[A-Z]{2,}(?=[A-Z][a-z]|$)|[A-Z]?[a-z]+|[A-Z]+|\d+")
HOST_ENDS = frozenset({"local", "net", "io"})  # hive.metastore.local is a machine, not a key
TRAILING = ".,:;!?%"
PARTICLES = re.compile(
    r"(?:이|가|은|는|을|를|의|에|에서|로|으로|만|도|들|별|좀|과|와|인데|이랑|랑|하나|제출|실행|종료|상태|목록)?$"
)


class Weight(IntEnum):
    """How much a word tells: a shade, a subject, or an error class or configuration key."""

    SHADE = 0
    SUBJECT = 1
    EXACT = 2


@dataclass(frozen=True, slots=True)
class Word:
    """An entry of the vocabulary that the question chose."""

    text: str
    weight: Weight
    trade: bool = False


def allowed_query(question: str) -> str:
    """Return the query that may leave, at most 12 words; empty when it would say nothing.

    An error class or a configuration key is enough; a subject needs a second word beside it.
    """
    words: dict[str, Word] = {}
    for word in _words(question):
        words.setdefault(word.text, word)
    # What is exact goes first when there is too much: long questions end in pleasantries.
    kept = sorted(words.values(), key=lambda word: -word.weight)[:MAX_WORDS]
    chosen = [word for word in words.values() if word in kept]
    best = max((word.weight for word in chosen), default=Weight.SHADE)
    if best is Weight.SHADE or (best is Weight.SUBJECT and len(chosen) < 2):  # noqa: PLR2004 - a subject and a second word
        return ""
    return " ".join(word.text for word in chosen)


def speaks_of_the_trade(question: str) -> bool:
    """Return True when the question names anything that only people of a data platform say."""
    return any(word.trade for word in _words(question))


def _words(question: str) -> Iterator[Word]:
    before = ""
    for match in RUN.finditer(question[:MAX_QUESTION]):
        run = match.group()
        if "\uac00" <= run[0] <= "\ud7a3":
            yield from _korean(run)
            before = ""
            continue
        for part in filter(None, run.split("=", 1)):
            word = _latin(part.rstrip(TRAILING), before)
            if word is not None:
                yield word
            before = word.text if word is not None else ""


def _latin(run: str, before: str) -> Word | None:
    if PLAIN.fullmatch(run):
        return _plain(run)
    version = VERSION.fullmatch(run)
    if version:
        return Word(version.group(1), Weight.SHADE) if before in known.PRODUCTS else None
    if run in known.CODES:
        return Word(run, Weight.SHADE) if before in known.BEFORE_CODES else None
    if KEY.fullmatch(run) and _is_key(run):
        return Word(run, Weight.EXACT, trade=True)
    if CLASS.fullmatch(run) and run.startswith(known.PUBLIC_PACKAGES):
        last = re.split(r"[.$]", run)[-1]
        return Word(last, Weight.EXACT, trade=True) if _is_error(last) else None
    return None


def _plain(run: str) -> Word | None:
    word = run.lower()
    trade = word in known.TRADE
    if word in known.ERROR_WORDS:
        return Word(word, Weight.EXACT, trade=True)
    if word in known.PRODUCTS or word in known.SUBJECTS:
        return Word(word, Weight.SUBJECT, trade=trade)
    if word in known.SHADES:
        return Word(word, Weight.SHADE)
    if _is_error(run):
        return Word(run, Weight.EXACT, trade=True)
    return None


def _is_error(name: str) -> bool:
    parts = CAMEL.findall(name)
    return (
        name.endswith(known.ERROR_ENDS)
        and len(parts) > 1
        and "".join(parts) == name
        and all(part in known.ERROR_PARTS for part in parts)
    )


def _is_key(key: str) -> bool:
    segments = re.split(r"[._-]", key)
    if segments[0] not in known.KEY_ROOTS or "." not in key or segments[-1] in HOST_ENDS:
        return False
    parts = [part for segment in segments for part in CAMEL.findall(segment)]
    return "".join(parts) == "".join(segments) and all(
        part.lower() in known.KEY_PARTS for part in parts
    )


def _korean(run: str) -> Iterator[Word]:
    position = 0
    while position < len(run):
        found = next(
            (
                length
                for length in range(min(LONGEST, len(run) - position), 0, -1)
                if _stands(run, position, length)
            ),
            0,
        )
        if found:
            korean = run[position : position + found]
            english = KOREAN[korean]
            weight = Weight.SHADE if english in known.SHADES else Weight.SUBJECT
            yield Word(english, weight, trade=korean in TRADE_KOREAN)
        position += found or 1


def _stands(run: str, position: int, length: int) -> bool:
    """Return True when a Korean word stands here; one of a single syllable needs clear borders."""
    word = run[position : position + length]
    if word not in KOREAN:
        return False
    if length > 1 or KOREAN[word] in known.SHADES:
        return length > 1 or position == 0 or run[position - 1] == " "
    rest = run[position + 1 :].partition(" ")[0]
    return PARTICLES.fullmatch(rest) is not None


LONGEST = max(map(len, KOREAN))
