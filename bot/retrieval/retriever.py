"""Ranking passages: by meaning and by words, put together."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import bm25s

from bot.agents.reading.words import Morphemes
from bot.domain.knowledge import POINTED, Collection, Found
from bot.domain.language import Language, language_of
from bot.retrieval.split import Chunk
from bot.retrieval.tokens import Terms, terms

CANDIDATES = 60
DENSE_SHARE = 0.5
# A question that speaks the trade's language is believed sooner: by this much for each notion of
# it, up to so many.
SOONER = 0.05
MOST_NOTIONS = 3
Cosines = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class LoadedPassages:
    """Every passage as it was when loaded, BM25 over them; replaced as a whole when one changes.

    Both collections are one here, so that a rare word is as rare, and a score as much, in either.
    """

    chunks: tuple[Chunk, ...]
    words: Mapping[str, tuple[str, ...]]
    frequency: Counter[str]
    bm25: bm25s.BM25

    @classmethod
    def of(cls, chunks: Sequence[Chunk], kiwi: Morphemes, before: Self | None = None) -> Self:
        """Take the words of every passage, its headings twice; those known `before` are kept."""
        known = before.words if before is not None else {}
        words = {
            chunk.id: known.get(chunk.id) or terms(f"{chunk.path}\n" * 2 + chunk.text, kiwi).words
            for chunk in chunks
        }
        frequency = Counter(word for each in words.values() for word in set(each))
        bm25 = bm25s.BM25(method="lucene")
        if frequency:  # a text without a word still holds its place
            listed = [list(words[chunk.id]) or [""] for chunk in chunks]
            bm25.index(listed, show_progress=False)
        return cls(tuple(chunks), words, frequency, bm25)

    def ids(self, collection: Collection) -> frozenset[str]:
        """Return the ids of a collection's passages."""
        return frozenset(chunk.id for chunk in self.chunks if chunk.collection is collection)

    def readable(self, collection: Collection, channel: str) -> dict[str, Chunk]:
        """Return the passages of a collection that may be read from a channel, by id."""
        return {
            chunk.id: chunk
            for chunk in self.chunks
            if chunk.collection is collection and chunk.channel in {"", channel}
        }

    def search(
        self,
        collection: Collection,
        question: str,
        asked: Terms,
        channel: str,
        *,
        limit: int,
        cosines: tuple[Cosines | None, Cosines | None],
    ) -> Found:
        """Return one passage a section, best first, in the question's language where there is one.

        None when too little speaks for the best. `cosines` are those of the nearest passages in
        the local space, None when it could not be asked, and in a provider's space, which rank in
        their place where they are there.
        """
        near, ranking = cosines
        allowed = self.readable(collection, channel)
        scores = self._scores(asked, allowed, ranking or near or {})
        best = [allowed[id_] for id_ in sorted(scores, key=lambda id_: (-scores[id_], id_))]
        strength = round(self._strength(asked, best[:CANDIDATES], near), 4)
        if strength < POINTED:
            return Found(strength=strength)
        english = language_of(question) is Language.EN
        chosen = list(_sections(best, allowed.values(), english=english).items())[:limit]
        return Found(
            tuple(chunk.passage(round(scores[top], 4)) for top, chunk in chosen), strength=strength
        )

    def _scores(self, asked: Terms, allowed: Iterable[str], dense: Cosines) -> dict[str, float]:
        """Return the scores, from 0 to 1, of the passages that anything speaks for.

        A BM25 score is told as a share of what a passage made of the asked words alone would have.
        """
        known = [word for word in asked.words if word in self.frequency]
        lexical: Mapping[str, float] = {}
        if known:
            most = sum(map(self._rarity, known))
            found = (self.bm25.get_scores(known) / most).tolist()
            lexical = dict(zip((chunk.id for chunk in self.chunks), found, strict=True))
        share = DENSE_SHARE if dense else 0.0
        far = min(dense.values(), default=0.0)
        return {
            id_: share * dense.get(id_, far) + (1 - share) * lexical.get(id_, 0.0)
            for id_ in allowed
            if id_ in dense or lexical.get(id_)
        }

    def _strength(self, asked: Terms, best: Sequence[Chunk], near: Cosines | None) -> float:
        """Return how much speaks for the best passages; comparable between collections, 0 to 1.15."""
        weights = {word: self._rarity(word) for word in asked.rest | asked.notions}
        total = sum(weights.values()) or 1.0
        said = [weights.keys() & set(self.words[chunk.id]) for chunk in best]
        covered = max((sum(weights[word] for word in each) for each in said), default=0.0) / total
        familiar = SOONER * min(len(asked.notions), MOST_NOTIONS) * bool(best)
        if near is None:
            return covered + familiar
        cosine = max((near[chunk.id] for chunk in best if chunk.id in near), default=0.0)
        return DENSE_SHARE * max(0.0, cosine) + (1 - DENSE_SHARE) * covered + familiar

    def _rarity(self, word: str) -> float:
        count = self.frequency[word]
        return math.log(1 + (len(self.chunks) - count + 0.5) / (count + 0.5))


def _sections(
    best: Sequence[Chunk], allowed: Iterable[Chunk], *, english: bool
) -> dict[str, Chunk]:
    """Return the passage to show of each section, by the id of its best one, in order.

    A page and its English twin are one: whichever was found, the asker's language is shown.
    """
    first: dict[tuple[str, str], Chunk] = {}
    shown: dict[tuple[str, str], Chunk] = {}
    for chunk in best:
        first.setdefault(chunk.place, chunk)
    for chunk in (*best, *allowed):
        if chunk.english is english:
            shown.setdefault(chunk.place, chunk)
    return {chunk.id: shown.get(place, chunk) for place, chunk in first.items()}
