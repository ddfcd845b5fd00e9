"""What the models see of a message, as numbers: its letters, its meaning and the thread's state.

Known names, ids and longer numbers are masked: what is asked does not hang on whose job it is.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.domain.conversation import ThreadView

Floats = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Floats]
"""Turns texts into vectors of DIMENSION floats of unit length, one row a text."""

BINS = 1 << 16  # two in three of the labelled sentences' n-grams have a bin of their own
DIMENSION = 512
LONGEST = 400  # characters that are read; a longer message asks in its first lines
LAST = 200  # characters of the line before: what is answered stands at its end
_LETTERS = (1, 5)
_JAMO = (3, 6)
_PAIRED = (1, 4)
_NAME, _USER, _QUEUE, _ID = "ⓙ", "ⓤ", "ⓠ", "ⓐ"
_IDS = re.compile(r"(?:application|job)_\d+_\d+")
_NUMBERS = re.compile(r"\d\d+")
_BLANKS = re.compile(r"\s+")


class State(StrEnum):
    """How far a thread has come, the latest that changes what words mean."""

    NEW = "new"
    LISTED = "listed"
    CARD = "card"
    KILLED = "killed"
    DETAIL = "detail"


@dataclass(frozen=True, slots=True)
class Hashed:
    """A sparse vector of BINS places: where it is not zero, and what stands there."""

    places: NDArray[np.int64]
    values: Floats


def state_of(view: ThreadView) -> State:
    """Return how far the thread has come."""
    if view.open_card:
        return State.CARD
    if view.looked_at:
        return State.DETAIL
    if view.kills_proved:
        return State.KILLED
    return State.LISTED if view.listed else State.NEW


def masked(text: str, view: ThreadView) -> str:
    """Return the text in lower case, one blank between words, what is known of the listing masked."""
    plain = _IDS.sub(_ID, unicodedata.normalize("NFKC", text[:LONGEST]).casefold())
    pattern, marks = _known(view.names, view.users, view.queues)
    if pattern is not None:
        plain = pattern.sub(lambda match: marks[match[0]], plain)
    return _BLANKS.sub(" ", _NUMBERS.sub("00", plain)).strip()


def words_of(text: str, state: State) -> Hashed:
    """Return a masked text's n-grams: of its letters, of its jamo, and of both with the state."""
    return hashed(
        (
            (2.0, ngrams(text, *_LETTERS)),
            (1.5, (f"J{each}" for each in ngrams(jamo(text), *_JAMO))),
            (1.5, (f"{state}\0{each}" for each in ngrams(text, *_PAIRED))),
        )
    )


def line_of(text: str, before: str) -> Hashed:
    """Return the n-grams of a masked line in a thread, of the line before, and of where they meet."""
    said = before[-LAST:]
    return hashed(
        (
            (2.0, ngrams(text, *_LETTERS)),
            (1.5, (f"J{each}" for each in ngrams(jamo(text), *_JAMO))),
            (1.0, _seams(said, text)),
            (2.0, (f"B{each}" for each in ngrams(said, *_PAIRED)) if said else ()),
        )
    )


def _seams(before: str, text: str) -> Iterator[str]:
    """Yield how one line ends with how the next begins and ends: a question and its answer."""
    for own in (1, 2, 3):
        for other in (1, 2):
            end = before[-other:] or "none"
            yield f"S{end}|{text[:own]}"
            yield f"E{end}|{text[-own:]}"


def flags_of(view: ThreadView) -> Floats:
    """Return the thread's state as flags."""
    state = state_of(view)
    flags = [state is each for each in State] + [len(view.on_card) == 1]
    return np.array(flags, dtype=np.float32) * np.float32(0.5)


def jamo(text: str) -> str:
    """Return Hangul syllables taken apart, so that endings show whatever they are joined to."""
    return unicodedata.normalize("NFD", text)


def ngrams(text: str, shortest: int, longest: int) -> set[str]:
    """Return every run of so many characters; the text's edges count as blanks."""
    padded = f" {text} "
    return {
        padded[begin : begin + size]
        for size in range(shortest, longest + 1)
        for begin in range(len(padded) - size + 1)
    }


def hashed(blocks: Iterable[tuple[float, Iterable[str]]]) -> Hashed:
    """Return blocks of words as one vector; each block has the length given with it."""
    places: list[NDArray[np.int64]] = []
    values: list[Floats] = []
    for length, words in blocks:
        bins = sorted({crc32(word.encode("utf-8", "replace")) % BINS for word in words})
        places.append(np.array(bins, dtype=np.int64))
        values.append(np.full(len(bins), length / max(len(bins), 1) ** 0.5, dtype=np.float32))
    return Hashed(np.concatenate(places), np.concatenate(values))


@lru_cache(maxsize=256)
def _known(
    names: frozenset[str], users: frozenset[str], queues: frozenset[str]
) -> tuple[re.Pattern[str] | None, dict[str, str]]:
    marks: dict[str, str] = {}
    for known, mark in ((queues, _QUEUE), (users, _USER), (names, _NAME)):
        marks.update((name.casefold(), mark) for name in known if name)
    if not marks:
        return None, marks
    longest_first = sorted(marks, key=len, reverse=True)
    choice = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<![a-z0-9_])(?:{choice})(?![a-z0-9_])"), marks
