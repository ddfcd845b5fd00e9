"""Linear models: one row of weights an n-gram's bin, one a dense number, one column a class."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bot.agents.reading.features import BINS, Floats, Hashed

_STEPS = 127  # weights of bins are kept as whole numbers of this many steps of the largest


@dataclass(frozen=True, slots=True)
class Linear:
    """`bins` is (BINS, classes) in steps of `step` (classes,); `dense` is (numbers, classes)."""

    bins: NDArray[np.int8]
    step: Floats
    dense: Floats
    bias: Floats

    @classmethod
    def of(cls, weights: NDArray[np.float64], bias: NDArray[np.float64]) -> Self:
        """Return a model of trained weights, (classes, BINS + dense numbers), and (classes,)."""
        bins, dense = weights[:, :BINS].T, weights[:, BINS:].T
        step = np.maximum(np.abs(bins).max(axis=0), 1e-9) / _STEPS
        return cls(
            np.rint(bins / step).astype(np.int8),
            step.astype(np.float32),
            dense.astype(np.float16).astype(np.float32),
            bias.astype(np.float32),
        )

    def scores(self, letters: Hashed, dense: Floats) -> Floats:
        """Return one score a class, not normalised."""
        from_letters = letters.values @ self.bins[letters.places].astype(np.float32)
        scores: Floats = from_letters * self.step + dense @ self.dense + self.bias
        return scores

    def arrays(self, name: str) -> dict[str, NDArray[np.generic]]:
        """Return what a file keeps of it, under names that begin with `name`."""
        return {
            f"{name}_bins": self.bins,
            f"{name}_step": self.step,
            f"{name}_dense": self.dense.astype(np.float16),
            f"{name}_bias": self.bias,
        }

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[np.generic]], name: str) -> Self:
        """Return the model a file keeps under this name."""
        return cls(
            np.asarray(arrays[f"{name}_bins"], dtype=np.int8),
            np.asarray(arrays[f"{name}_step"], dtype=np.float32),
            np.asarray(arrays[f"{name}_dense"], dtype=np.float32),
            np.asarray(arrays[f"{name}_bias"], dtype=np.float32),
        )
