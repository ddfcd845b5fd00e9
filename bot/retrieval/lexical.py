"""BM25 over a fixed set of passages."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import bm25s
import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


class Lexical:
    """A BM25 index; scores come in the order of the passages it was made of."""

    def __init__(self, words: Sequence[Sequence[str]]) -> None:
        self._words = [frozenset(text) for text in words]
        self._frequency = Counter(word for text in self._words for word in text)
        self._bm25 = bm25s.BM25(method="lucene")
        if self._frequency:
            # A text without a word still holds its place.
            self._bm25.index([list(text) or [""] for text in words], show_progress=False)

    def scores(self, words: Sequence[str]) -> Scores:
        """Return one score per passage, 0 where none of the words occurs."""
        asked = [word for word in words if word in self._frequency]
        if not asked:
            return np.zeros(len(self._words), dtype=np.float32)
        found: Scores = self._bm25.get_scores(asked)
        return found

    def coverage(self, words: Iterable[str], positions: Iterable[int]) -> float:
        """Return how much of the asked words, weighed by rarity, the best passage holds: 0 to 1."""
        weights = {word: self._rarity(word) for word in set(words)}
        total = sum(weights.values())
        if not total:
            return 0.0
        return (
            max(
                (
                    sum(weight for word, weight in weights.items() if word in self._words[position])
                    for position in positions
                ),
                default=0.0,
            )
            / total
        )

    def _rarity(self, word: str) -> float:
        count = self._frequency[word]
        return math.log(1 + (len(self._words) - count + 0.5) / (count + 0.5))
