"""Ranking passages: by meaning and by words, put together."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import bm25s

from bot.agents.reading.words import Morphemes
from bot.domain.knowledge import Collection, Passage
from bot.domain.language import Language, language_of
from bot.retrieval.judge import Signs
from bot.retrieval.split import Chunk
from bot.retrieval.tokens import Terms, terms

CANDIDATES = 60
DENSE_SHARE = 0.5
MOST_NOTIONS = 5  # that are told apart in number
Cosines = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class LoadedPassages:
    """Every passage as it was when loaded, BM25 over them; replaced as a whole when one changes.

    Both collections are one here, so that a rare word is as rare, and a score as much, in either.
    `first` holds the first passage of each section, by its place and whether it is a twin's.
    """

    passages: Mapping[str, Chunk]
    words: Mapping[str, tuple[str, ...]]
    said: Mapping[str, frozenset[str]]
    first: Mapping[tuple[str, str, bool], str]
    frequency: Counter[str]
    bm25: bm25s.BM25

    @classmethod
    def of(cls, chunks: Iterable[Chunk], kiwi: Morphemes, before: Self | None = None) -> Self:
        """Take the words of every passage, its headings twice; those known `before` are kept."""
        known = before.words if before is not None else {}
        passages = {chunk.id: chunk for chunk in chunks}
        words = {
            id_: known.get(id_) or terms(f"{chunk.path}\n" * 2 + chunk.text, kiwi).words
            for id_, chunk in passages.items()
        }
        said = {id_: frozenset(each) for id_, each in words.items()}
        frequency = Counter(word for each in said.values() for word in each)
        bm25 = bm25s.BM25(method="lucene")
        if frequency:  # a text without a word still holds its place
            bm25.index([list(each) or [""] for each in words.values()], show_progress=False)
        first = {(*each.place, each.english): id_ for id_, each in reversed(passages.items())}
        return cls(passages, words, said, first, frequency, bm25)

    def ids(self, collection: Collection) -> frozenset[str]:
        """Return the ids of a collection's passages."""
        return frozenset(
            id_ for id_, chunk in self.passages.items() if chunk.collection is collection
        )

    def readable(self, collection: Collection, channel: str) -> dict[str, Chunk]:
        """Return the passages of a collection that may be read from a channel, by id."""
        return {
            id_: chunk
            for id_, chunk in self.passages.items()
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
    ) -> tuple[Signs, tuple[Passage, ...]]:
        """Return one passage a section, best first, in the question's language where there is one.

        `cosines` are those of the nearest passages in the local space, None when it could not be
        asked, and in a provider's space, which rank in their place where they are there.
        """
        near, ranking = cosines
        allowed = self.readable(collection, channel)
        scores = self._scores(asked, allowed, ranking or near or {}) if asked.words else {}
        best = sorted(scores, key=lambda id_: (-scores[id_], id_))
        english = language_of(question) is Language.EN
        chosen = self._sections(best, allowed, english=english, limit=limit)
        passages = tuple(chunk.passage(round(scores[top], 4)) for top, chunk in chosen)
        return self._signs(asked, best[:CANDIDATES], near), passages

    def _scores(self, asked: Terms, allowed: Iterable[str], dense: Cosines) -> dict[str, float]:
        """Return the scores, from 0 to 1, of the passages that anything speaks for.

        A BM25 score is told as a share of what a passage made of the asked words alone would have.
        """
        known = [word for word in asked.words if word in self.frequency]
        lexical: Mapping[str, float] = {}
        if known:
            most = sum(map(self._rarity, known))
            found = (self.bm25.get_scores(known) / most).tolist()
            lexical = dict(zip(self.passages, found, strict=True))
        share = DENSE_SHARE if dense else 0.0
        far = min(dense.values(), default=0.0)
        return {
            id_: share * dense.get(id_, far) + (1 - share) * lexical.get(id_, 0.0)
            for id_ in allowed
            if id_ in dense or lexical.get(id_)
        }

    def _signs(self, asked: Terms, best: Sequence[str], near: Cosines | None) -> Signs:
        """Return what tells whether one of the best passages speaks of what is asked.

        Half a rare word more counts as asked and not found: a question of a word or two, which
        most pages say, tells little of what it is about.
        """
        weights = {word: self._rarity(word) for word in asked.rest | asked.notions}
        total = sum(weights.values()) + self._rarity("") / 2
        said = (weights.keys() & self.said[id_] for id_ in best)
        covered = max((sum(weights[word] for word in each) for each in said), default=0.0)
        unknown = sum(weight for word, weight in weights.items() if not self.frequency[word])
        return Signs(
            math.nan if near is None else max(near.values(), default=0.0),
            covered / total,
            unknown / total,
            min(len(asked.notions), MOST_NOTIONS),
            math.log1p(len(weights)),
        )

    def _rarity(self, word: str) -> float:
        count = self.frequency[word]
        return math.log(1 + (len(self.passages) - count + 0.5) / (count + 0.5))

    def _sections(
        self, best: Iterable[str], allowed: Mapping[str, Chunk], *, english: bool, limit: int
    ) -> list[tuple[str, Chunk]]:
        """Return the passage to show of each section, by the id of its best one, in order.

        A page and its English twin are one: whichever was found, the asker's language is shown.
        """
        shown: dict[tuple[str, str], tuple[str, Chunk]] = {}
        for id_ in best:
            chunk = allowed[id_]
            if chunk.place not in shown:
                twin = id_ if chunk.english is english else self.first.get((*chunk.place, english))
                shown[chunk.place] = id_, allowed.get(twin or id_, chunk)
            if len(shown) == limit:
                break
        return list(shown.values())
