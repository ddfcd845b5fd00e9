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
PLAIN, SURELY = 0.4, 0.7  # so probable a plain statement stands; so probable one of time or cause
# The grammar of what happens: tense, time, cause, the first person. Its words are few, whereas the
# words for what may have happened have no end, and those the model has not seen look plain to it.
HAPPENS = re.compile(
    r"\b(?:since|ago|yesterday|already|just now|last (?:week|night|month)|any ?more|no longer|still|again|because|due to|owing to|thanks to|hence|caus\w+|reason|why|stems?|keeps?|so far|by now|until)\b"
    r"|\b(?:has|have|had|was|were|been|be|got|gets?|is|are|'s|'ve)\s+(?:\w+ly\s+|not\s+|just\s+)?(?:\w{2,}(?:ed|ing|en|own)|hung|stuck|dead|gone|done|down|put|set|run|shut|let|told|sent|made|lost)\b"
    r"|\b(?:i|we)(?:'ve|'ll|'m)?\s(?!can|could|would|see|have no|don't|cannot|read|do not|think)"
    r"|부터|전보다|지난|어제|아까|방금|이미|벌써|계속|점점|원인|매일|갈수록|때문|탓|느라|덕분|[는은] (?:바람|통)에|결과로|다 보니|제가|[았었했됐렸졌겼쳤췄났냈갔왔놨뒀켰꼈봤줬]\S*|상태|중[이입]",
    re.IGNORECASE,
)
MEASURED = re.compile(
    r"\b(?:(?:has|have) been (?:going|running|up)|granted|allocated|handed out|given out|reserved|taken(?! (?:out|off|down|over|by)))\b"
)
"""How much is given out, and how long something runs, is no event: it is measured."""
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
        """Return a plain statement where that is probable enough, else the likeliest other kind."""
        believed = self.believed(text)
        likeliest = max(believed, key=lambda each: believed[each])
        if HAPPENS.search(MEASURED.sub("", text)):
            stands = believed[Assertion.PLAIN] >= SURELY
        else:
            stands = likeliest is Assertion.PLAIN or believed[Assertion.PLAIN] >= PLAIN
        others = set(believed) - {Assertion.PLAIN}
        return Assertion.PLAIN if stands else max(others, key=lambda each: believed[each])


@lru_cache(maxsize=1)
def load_remainder() -> Remainder:
    """Return the model of the file."""
    return Remainder.read()
