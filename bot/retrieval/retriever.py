"""Ranking the passages of one collection: by meaning and by words, put together."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import bm25s
import numpy as np

from bot.agents.reading.words import Morphemes
from bot.domain.knowledge import POINTED, Found
from bot.domain.language import Language, language_of
from bot.retrieval.split import Chunk
from bot.retrieval.tokens import Terms, terms

CANDIDATES = 60
DENSE_SHARE = 0.5
# A question that speaks the trade's language is believed sooner: by this much for each notion of
# it, up to so many.
SOONER = 0.05
MOST_NOTIONS = 3


@dataclass(frozen=True, slots=True)
class LoadedCollection:
    """A collection as it was when loaded, BM25 over it; replaced as a whole when it changes."""

    chunks: tuple[Chunk, ...]
    words: Mapping[str, tuple[str, ...]]
    frequency: Counter[str]
    bm25: bm25s.BM25

    @classmethod
    def of(cls, chunks: Sequence[Chunk], kiwi: Morphemes, before: Self | None = None) -> Self:
        """Take the words of every passage; those known `before` are not taken again."""
        known = before.words if before is not None else {}
        words = {
            chunk.id: known.get(chunk.id) or terms(f"{chunk.path}\n{chunk.text}", kiwi).words
            for chunk in chunks
        }
        frequency = Counter(word for each in words.values() for word in set(each))
        bm25 = bm25s.BM25(method="lucene")
        if frequency:  # a text without a word still holds its place
            listed = [list(words[chunk.id]) or [""] for chunk in chunks]
            bm25.index(listed, show_progress=False)
        return cls(tuple(chunks), words, frequency, bm25)

    @property
    def ids(self) -> frozenset[str]:
        """Return the ids of its passages."""
        return frozenset(self.words)

    def of_file(self, file: str, channel: str) -> tuple[Chunk, ...]:
        """Return the passages of one file that a channel may read."""
        return tuple(
            chunk for chunk in self.chunks if chunk.file == file and chunk.channel in {"", channel}
        )

    def private(self, channel: str) -> bool:
        """Return True when some passage may not be read from this channel."""
        return any(chunk.channel not in {"", channel} for chunk in self.chunks)

    def search(
        self,
        question: str,
        asked: Terms,
        channel: str,
        limit: int,
        cosines: tuple[Mapping[str, float] | None, Mapping[str, float] | None],
    ) -> Found:
        """Return one passage a section, best first, in the question's language where there is one.

        None when too little speaks for the best.

        `cosines` are those of the nearest passages in the local space, None when it could not be
        asked, and in a provider's space, which rank in their place where they are there.
        """
        near, ranking = cosines
        dense = ranking or near or {}
        lexical = self._scores(asked.words)
        allowed = {chunk.id: chunk for chunk in self.chunks if chunk.channel in {"", channel}}
        by_words = sorted(allowed, key=lambda id_: -lexical.get(id_, 0.0))[:CANDIDATES]
        ids = [id_ for id_ in dict.fromkeys([*dense, *by_words]) if id_ in allowed]
        ids = [id_ for id_ in ids if id_ in dense or lexical.get(id_)]
        scores = _fused(ids, dense, lexical)
        best = sorted(scores, key=lambda id_: (-scores[id_], id_))
        chosen = _sections([allowed[id_] for id_ in best], language_of(question))
        strength = round(self._strength(asked, best, near), 4)
        return Found(
            tuple(
                chunk.passage(round(scores[top] * min(1.0, strength), 4))
                for top, chunk in list(chosen.items())[: limit if strength >= POINTED else 0]
            ),
            strength=strength,
        )

    def _scores(self, words: Iterable[str]) -> dict[str, float]:
        known = [word for word in words if word in self.frequency]
        if not known:
            return {}
        found = self.bm25.get_scores(known).tolist()
        return {chunk.id: score for chunk, score in zip(self.chunks, found, strict=True) if score}

    def _strength(
        self, asked: Terms, ids: Sequence[str], near: Mapping[str, float] | None
    ) -> float:
        """Return how much speaks for the best passages; comparable between collections, 0 to 1.15."""
        weights = {word: self._rarity(word) for word in asked.rest | asked.notions}
        total = sum(weights.values()) or 1.0
        said = [weights.keys() & set(self.words[id_]) for id_ in ids]
        covered = max((sum(weights[word] for word in each) for each in said), default=0.0) / total
        familiar = SOONER * min(len(asked.notions), MOST_NOTIONS) * bool(ids)
        if near is None:
            return covered + familiar
        cosine = max((near[id_] for id_ in ids if id_ in near), default=0.0)
        return DENSE_SHARE * max(0.0, cosine) + (1 - DENSE_SHARE) * covered + familiar

    def _rarity(self, word: str) -> float:
        count = self.frequency[word]
        return math.log(1 + (len(self.chunks) - count + 0.5) / (count + 0.5))


def _fused(
    ids: Sequence[str], cosines: Mapping[str, float], lexical: Mapping[str, float]
) -> dict[str, float]:
    """Return the candidates' scores, 0 to 1: both kinds stretched over the candidates, averaged."""
    lowest = min(cosines.values(), default=0.0)
    dense = _stretched([cosines.get(id_, lowest) for id_ in ids])
    words = _stretched([lexical.get(id_, 0.0) for id_ in ids])
    mixed = DENSE_SHARE * dense + (1 - DENSE_SHARE) * words
    return dict(zip(ids, mixed.tolist(), strict=True))


def _stretched(values: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    found = np.array(values, dtype=np.float64)
    span = np.ptp(found) if len(found) else 0.0
    return (found - found.min()) / span if span else np.zeros(len(found))


def _sections(best: Sequence[Chunk], language: Language) -> dict[str, Chunk]:
    """Return the passage to show of each section, by the id of its best one, in order.

    A page and its English twin are one: whichever was found, the asker's language is shown.
    """
    wanted = language is Language.EN
    first: dict[tuple[str, int], Chunk] = {}
    shown: dict[tuple[str, int], Chunk] = {}
    for chunk in best:
        first.setdefault(chunk.place, chunk)
        if chunk.english is wanted or chunk.place not in shown:
            before = shown.get(chunk.place)
            if before is None or before.english is not wanted:
                shown[chunk.place] = chunk
    return {chunk.id: shown[place] for place, chunk in first.items()}
