"""One collection ready for searching: its passages in memory, BM25 over them, Chroma behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from bot.domain.knowledge import Collection, Passage
from bot.retrieval.entries import Row
from bot.retrieval.fusion import MatchScores, fused
from bot.retrieval.index import Index
from bot.retrieval.lexical import Lexical, Scores
from bot.retrieval.morphemes import Words
from bot.retrieval.sections import assembled
from bot.retrieval.split import source_of
from bot.retrieval.tokenizer import tokenize

CANDIDATES = 30
ENOUGH_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A question, cut into words both ways, and who asks for which time."""

    text: str
    channel: str
    limit: int
    trade: bool
    morphemes: Words | None = None
    since: date | None = None
    until: date | None = None

    def allows(self, row: Row) -> bool:
        """Return True when this passage may be shown here and is of the asked time."""
        if row.channel and row.channel != self.channel:
            return False
        if self.since is None and self.until is None:
            return True
        return row.dated is not None and (
            (self.since is None or row.dated >= self.since)
            and (self.until is None or row.dated <= self.until)
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """An index and the question's vector in its space."""

    index: Index
    vector: Sequence[float]


@dataclass(frozen=True, slots=True)
class LoadedCollection:
    """A collection as it was when loaded; replaced as a whole when the index changes."""

    collection: Collection
    revision: str
    rows: tuple[Row, ...]
    positions: Mapping[str, int]
    words: Mapping[str, Words]  # morphemes by passage id; empty until they are known
    lexical: Lexical
    by_morphemes: bool
    files: Mapping[str, tuple[int, ...]]  # positions of each file's passages

    def search(self, query: SearchQuery, local: Asked, remote: Asked | None) -> tuple[Passage, ...]:
        """Return the passages that fit, best first.

        Where a remote space is given it ranks; the local one still tells whether anything fits.
        """
        asked = tokenize(query.text, query.morphemes if self.by_morphemes else None)
        scores = self.lexical.scores(asked.words)
        near = self._near(query, local)
        ranking = remote or local
        cosines = self._near(query, remote) if remote else dict(near)
        ids = list(dict.fromkeys([*cosines, *self._top(query, scores)]))
        unknown = [id_ for id_ in ids if id_ not in cosines]
        cosines |= ranking.index.cosines(self.collection, ranking.vector, unknown)
        lexical = {id_: float(scores[self.positions[id_]]) for id_ in ids}
        coverage = self.lexical.coverage(
            asked.rest | asked.notions, [self.positions[id_] for id_ in ids]
        )
        evidence = MatchScores(
            max(near.values(), default=0.0),
            coverage,
            len(asked.notions),
            trade=query.trade,
            analysed=self.by_morphemes and query.morphemes is not None,
        )
        if not evidence.fits:
            return ()
        return tuple(
            _passage(self.rows[self.positions[id_]], score * evidence.strength)
            for id_, score in fused(ids, cosines, lexical)[: query.limit]
        )

    def section(self, source: str, channel: str) -> Passage | None:
        """Return a section or a document, as far as this channel may read it; None when it may not."""
        file = source.partition("#")[0].removeprefix(f"{self.collection.value}/")
        rows = [self.rows[position] for position in self.files.get(file, ())]
        return assembled([row for row in rows if row.channel in {"", channel}], source)

    def _allows(self, query: SearchQuery, id_: str) -> bool:
        position = self.positions.get(id_)  # Chroma may hold a passage written since we loaded
        return position is not None and query.allows(self.rows[position])

    def _top(self, query: SearchQuery, scores: Scores) -> list[str]:
        top: list[str] = []
        for position in np.argsort(-scores, kind="stable").tolist():
            if scores[position] <= 0 or len(top) == CANDIDATES:
                break
            if query.allows(self.rows[position]):
                top.append(self.rows[position].id)
        return top

    def _near(self, query: SearchQuery, asked: Asked) -> dict[str, float]:
        """Ask Chroma without a filter, which is ten times faster; with one when too few remain."""
        if not self.rows:
            return {}
        found = asked.index.nearest(self.collection, asked.vector, min(CANDIDATES, len(self.rows)))
        kept = {id_: cosine for id_, cosine in found.items() if self._allows(query, id_)}
        if len(kept) >= ENOUGH_CANDIDATES or len(kept) == len(found) == len(self.rows):
            return kept
        allowed = [row.id for row in self.rows if query.allows(row)]
        if len(kept) == len(allowed):
            return kept
        limit = min(CANDIDATES, len(allowed))
        return asked.index.nearest_among(self.collection, asked.vector, limit, allowed)


def shelf_of(
    collection: Collection, revision: str, rows: tuple[Row, ...], words: Mapping[str, Words] | None
) -> LoadedCollection:
    """Build a shelf; `words` are the morphemes of every passage, None to use pairs of letters."""
    texts = [tokenize(row.indexed, words[row.id] if words is not None else None) for row in rows]
    return LoadedCollection(
        collection=collection,
        revision=revision,
        rows=rows,
        positions={row.id: position for position, row in enumerate(rows)},
        words=words or {},
        lexical=Lexical([text.words for text in texts]),
        by_morphemes=words is not None,
        files=_by_file(rows),
    )


def _by_file(rows: Sequence[Row]) -> dict[str, tuple[int, ...]]:
    files: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        files.setdefault(row.file, []).append(position)
    return {file: tuple(positions) for file, positions in files.items()}


def _passage(row: Row, score: float) -> Passage:
    return Passage(
        collection=row.collection,
        source=source_of(row.collection, row.file, row.heading),
        title=row.title,
        heading=row.heading,
        text=row.text,
        score=round(min(1.0, max(0.0, score)), 4),
        dated=row.dated,
    )
