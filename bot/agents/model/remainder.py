"""What a sentence asserts once its names and figures are taken out: a logistic regression tells.

Names and numbers are checked one by one. What is left is a plain statement of them, advice, a
caveat or a guess, or it says that something was done, changes, is in a state, has a cause or is
allowed. No list of words tells these apart; many sentences of each kind do (`data/remainder.*.tsv`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bot.agents.reading.features import Floats, Hashed, hashed, jamo, ngrams
from bot.agents.reading.linear import Linear

MODEL = Path(__file__).with_name("remainder.npz")
JOB, PERSON, QUEUE = "ⓙ", "ⓤ", "ⓠ"
WORD = re.compile(rf"[\w{JOB}{PERSON}{QUEUE}]+")
NUMBER = re.compile(r"\d[\d,.:]*\d|\d")
MARK = re.compile(r"\[\d+(?:, ?\d+)*\]|[`*]")
BLANKS = re.compile(r"\s+")
PLAIN = 0.4  # so probable a plain statement stands, whatever else is likelier
NO_DENSE = np.zeros(0, dtype=np.float32)


class Assertion(StrEnum):
    """What a sentence says beside its figures; the value is the label of the data."""

    PLAIN = "plain"  # figures, places, comparisons, caveats, advice, guesses, offers
    ACT = "act"  # something was done, or will be
    KILL = "kill"
    APPROVAL = "approval"
    TREND = "trend"
    STATE = "state"
    CAUSE = "cause"
    PERMIT = "permit"  # something may be done, or left out, that has its rules
    WORSE = "worse"  # a kill would bring nothing, or harm
    SECRET = "secret"  # noqa: S105 - a label
    STORY = "story"  # what nobody can know here of people, purposes and the past


def masked(text: str, names: Iterable[tuple[int, int, str]]) -> str:
    """Return a text as the model reads it, the names given by (start, end, mark) masked."""
    for start, end, mark in sorted(names, reverse=True):
        text = f"{text[:start]}{mark}{text[end:]}"
    return BLANKS.sub(" ", NUMBER.sub("0", MARK.sub("", text))).strip().lower()


def signs_of(text: str) -> Hashed:
    """Return a masked text's n-grams: of its letters, of its jamo, of its words."""
    words = WORD.findall(text)
    pairs = (" ".join(pair) for pair in pairwise(words))
    return hashed(
        (
            (2.0, ngrams(text, 2, 5)),
            (1.5, (f"J{each}" for each in ngrams(jamo(text), 3, 6))),
            (1.5, (f"W{each}" for each in (*words, *pairs))),
        )
    )


@dataclass(frozen=True, slots=True)
class Remainder:
    """Tells what masked texts assert."""

    kinds: tuple[Assertion, ...]
    weights: Linear

    @classmethod
    def read(cls, path: Path = MODEL) -> Self:
        """Return what a model file keeps."""
        with np.load(path, allow_pickle=False) as arrays:
            kinds = tuple(map(Assertion, arrays["kinds"].tolist()))
            return cls(kinds, Linear.read(arrays, "kind"))

    def believed(self, text: str) -> dict[Assertion, float]:
        """Return how probable each kind is; they add up to 1."""
        scores = self.weights.scores(signs_of(text), NO_DENSE)
        odds: Floats = np.exp(scores - scores.max())
        shares: NDArray[np.float32] = odds / odds.sum()
        return dict(zip(self.kinds, shares.tolist(), strict=True))

    def asserted(self, text: str) -> Assertion:
        """Return the likeliest kind; a plain statement where that is probable enough."""
        believed = self.believed(text)
        return (
            Assertion.PLAIN
            if believed[Assertion.PLAIN] >= PLAIN
            else max(believed, key=lambda each: believed[each])
        )


@lru_cache(maxsize=1)
def load_remainder() -> Remainder:
    """Return the model of the file."""
    return Remainder.read()
