"""Whether our documents could answer a question: a logistic regression.

It sees what a search found, and what the question means: an error text of another program shares
words with ours, and finds pages that are near, but none that speaks of it.
"""

from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
MODEL = Path(__file__).with_name("judge.npz")


@dataclass(frozen=True, slots=True)
class Signs:
    """What a search of one collection tells of a question.

    `cosine` is that of the nearest passage, NaN when none could be asked for. `covered` is the
    share of the question that one passage says, `unknown` the share that none does; both count
    rare words more. `notions` are those of the trade, `words` everything it asks for, in logarithm.
    """

    cosine: float
    covered: float
    unknown: float
    notions: float
    words: float

    @property
    def numbers(self) -> Floats:
        """Return them as one row."""
        return np.array(astuple(self), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Judge:
    """`mean` and `spread` are those of the signs it was trained on; `weights` are of both."""

    mean: Floats
    spread: Floats
    weights: Floats
    bias: float

    @classmethod
    def read(cls, path: Path = MODEL) -> Self:
        """Return the judge a model file keeps."""
        with np.load(path, allow_pickle=False) as arrays:
            mean, spread, weights = (arrays[each] for each in ("mean", "spread", "weights"))
            return cls(mean, spread, weights, float(arrays["bias"]))

    def seen(self, signs: Floats, meanings: Floats) -> Floats:
        """Return what it weighs, a row a question: signs are (n, 5), meanings (n, 512)."""
        row: Floats = np.hstack([np.nan_to_num((signs - self.mean) / self.spread), meanings])
        return row

    def believed(self, signs: Floats, meanings: Floats) -> Floats:
        """Return the probabilities, from 0 to 1, that our documents could answer the questions."""
        score = self.seen(signs, meanings) @ self.weights + self.bias
        shares: Floats = 1 / (1 + np.exp(-score))
        return shares


@lru_cache(maxsize=1)
def load_judge() -> Judge:
    """Return the judge of the model file."""
    return Judge.read()
