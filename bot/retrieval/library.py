"""The passages, searched by words and meaning, and their index; all of it blocks: for a thread."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Self

import bm25s
import numpy as np
import structlog
from numpy.typing import NDArray

from bot.agents.reading.words import Morphemes, load_morphemes
from bot.domain.knowledge import Collection, Document, Found, Passage
from bot.domain.language import Language, language_of
from bot.errors import BackendError, FaultKind, Missing, StartError
from bot.retrieval.documents import (
    FOLDERS,
    Chunk,
    Origin,
    joined,
    safe_name,
    split,
    write_document,
)
from bot.retrieval.index import STORE_ERRORS, Store, cut, fill, first_line, open_or_replace
from bot.retrieval.knowledge import NAME_SOURCE, EmbeddingError, Knowledge
from bot.retrieval.search import Progress
from bot.retrieval.tokens import Terms, terms

Floats = NDArray[np.float32]
MODEL = Path(__file__).with_name("judge.npz")


# Whether our documents could answer a question: a logistic regression. It sees what a search
# found, and what the question means: an error text of another program shares words with ours,
# and finds pages that are near, but none that speaks of it.


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


# Ranking passages: by meaning and by words, put together.


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
        language: Language | None = None,
    ) -> tuple[Signs, tuple[Passage, ...]]:
        """Return one passage a section, best first, in the asker's language where there is one.

        Without a `language` that is the question's.

        `cosines` are those of the nearest passages in the local space, None when it could not be
        asked, and in a provider's space, which rank in their place where they are there.
        """
        near, ranking = cosines
        allowed = self.readable(collection, channel)
        scores = self._scores(asked, allowed, ranking or near or {}) if asked.words else {}
        best = sorted(scores, key=lambda id_: (-scores[id_], id_))
        english = (language or language_of(question)) is Language.EN
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


log = structlog.get_logger(__name__)
LOOK_SECONDS = 10.0  # between looks for what other processes wrote, and at a Chroma that was lost


class Library:
    """Answers from memory and Chroma; without Chroma from memory alone, by words.

    `monotonic` counts seconds; `progress` hears of a first filling, and what it raises ends it.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        kiwi: Morphemes,
        progress: Progress = lambda _done, _total: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._knowledge = knowledge
        self._kiwi = kiwi
        self._progress = progress
        self._monotonic = monotonic
        self._store: Store | None = None
        self._loaded = LoadedPassages.of((), kiwi)
        self._whole: Mapping[Collection, bool] = {}
        self._fault = ""
        self._again = 0.0

    def open(self) -> None:
        """Open Chroma and fill it; where it is down, read the documents. Raises StartError."""
        try:
            store = open_or_replace(self._knowledge)
            self._fill(store)
            self._store, self._fault = store, ""
            self._load(store)
        except (StartError, *STORE_ERRORS) as error:
            self.lose(first_line(error))
            if not self._loaded.passages:  # the documents themselves
                self._loaded = LoadedPassages.of(cut(self._knowledge)[1], self._kiwi)
        if not self._loaded.passages:
            raise StartError(
                f"no passage is indexed: {self._knowledge.documents()} holds no document;"
                f" {NAME_SOURCE}"
            )

    def close(self) -> None:
        """Let go of Chroma."""
        if self._store is not None:
            self._store.close()

    @property
    def remote(self) -> bool:
        """True when a provider's space is searched, too."""
        return self._knowledge.remote is not None

    def embed(self, question: str) -> list[float] | None:
        """Return a question's vector at the provider; None when it gives none."""
        try:
            remote = self._knowledge.remote
            return remote.embeddings.embed_query(question) if remote else None
        except EmbeddingError as error:
            log.warning("embedding_provider_lost", reason=str(error), instead="local space")
            return None

    def lose(self, fault: str) -> None:
        """Leave Chroma alone for a while."""
        log.warning("chroma_lost", reason=fault, instead="words alone")
        self._fault, self._again = fault, self._monotonic() + LOOK_SECONDS

    def due(self) -> bool:
        """Return True, once in a while, when it is time to `look`."""
        if self._monotonic() < self._again:
            return False
        self._again = self._monotonic() + LOOK_SECONDS
        return True

    def look(self) -> None:
        """Take up a Chroma that was lost, and what other processes wrote."""
        if self._store is None:
            self.open()
            return
        try:
            now = {each: self._store.ids(self._knowledge.local, each) for each in FOLDERS}
            if not any(now.values()):  # an index that was deleted under us is no answer
                self.lose("the index is gone")
                return
            self._fault = ""
            if any(now[each] != self._loaded.ids(each) for each in FOLDERS):
                self._load(self._store)
        except STORE_ERRORS as error:
            self.lose(first_line(error))
            self.close()  # what was made anew, by a restart or by hand, is opened anew
            self._store = None

    def search(
        self,
        collection: Collection,
        question: str,
        channel: str,
        limit: int,
        vector: list[float] | None = None,
        *,
        language: Language | None = None,
    ) -> Found:
        """Return passages, best first; `vector` is the question's in the provider's space."""
        signs, passages = self.signed(
            collection, question, channel, limit, vector, language=language
        )
        meaning = self._knowledge.local.embeddings.embed_query(question)
        (strength,) = load_judge().believed(
            signs.numbers[None], np.array([meaning], dtype=np.float32)
        )
        missing = None
        if math.isnan(signs.cosine):
            missing = Missing(collection.value, FaultKind.UNREACHABLE, f"Chroma: {self._fault}")
        return Found(passages, missing, round(float(strength), 4))

    def signed(
        self,
        collection: Collection,
        question: str,
        channel: str,
        limit: int,
        vector: list[float] | None = None,
        *,
        language: Language | None = None,
    ) -> tuple[Signs, tuple[Passage, ...]]:
        """Return the passages with the signs that they answer."""
        cosines = self._cosines(collection, question, channel, vector)
        asked = terms(question, self._kiwi)
        return self._loaded.search(
            collection,
            question,
            asked,
            channel,
            limit=limit,
            cosines=cosines,
            language=language,
        )

    def _cosines(
        self, collection: Collection, question: str, channel: str, vector: list[float] | None
    ) -> tuple[Cosines | None, Cosines | None]:
        """Return those of the nearest passages in the local and in a provider's space."""
        loaded, local, remote = self._loaded, self._knowledge.local, self._knowledge.remote
        if self._store is None or self._fault:
            return None, None
        whole = len(loaded.readable(collection, channel)) == len(loaded.ids(collection))
        private, ranking = None if whole else channel, None
        try:
            own = local.embeddings.embed_query(question)
            near = self._store.nearest(local, collection, own, CANDIDATES, private)
            if remote is not None and vector is not None and self._whole[collection]:
                ranking = self._store.nearest(remote, collection, vector, CANDIDATES, private)
        except STORE_ERRORS as error:
            self.lose(first_line(error))
            return None, None
        return near, ranking

    def section(self, source: str, channel: str) -> Passage | None:
        """Return a whole section or document; None when it may not be read from this channel."""
        name, _, rest = source.partition("/")
        collection = next((each for each in FOLDERS if each.value == name), None)
        if collection is None:
            return None
        file = rest.partition("#")[0]
        readable = self._loaded.readable(collection, channel).values()
        return joined([chunk for chunk in readable if chunk.file == file], source)

    def keep(self, document: Document) -> None:
        """Write an incident under DATA_DIR and index it. Raises BackendError."""
        named = replace(document, file=safe_name(document.file))
        self._replace(named.file, lambda kept: write_document(kept, named), named)

    def withdraw(self, document: Document) -> None:
        """Take back a kept incident: its file and its passages. Raises BackendError."""
        file = safe_name(document.file)
        path = self._knowledge.kept / FOLDERS[Collection.HISTORY] / file
        self._replace(file, lambda _kept: path.unlink(missing_ok=True))

    def _replace(
        self, file: str, change: Callable[[Path], object], document: Document | None = None
    ) -> None:
        """Change a kept file, then the index: what could not be indexed waits for an ingest."""
        system = Collection.HISTORY.value
        written = split(document, Origin.KEPT) if document is not None else ()
        try:
            change(self._knowledge.kept)
            if self._store is None:
                raise BackendError(system, FaultKind.UNREACHABLE, f"Chroma: {self._fault}")
            for space in self._knowledge.spaces:
                old = {
                    chunk.id
                    for chunk in self._store.chunks(space, Collection.HISTORY)
                    if chunk.file == file and chunk.origin is Origin.KEPT
                }
                try:
                    self._store.write(space, written, self._progress)
                except EmbeddingError as error:
                    log.warning("document_not_embedded", reason=str(error))
                gone = old - {chunk.id for chunk in written}
                self._store.remove(space, Collection.HISTORY, gone)
            self._load(self._store)
        except (*STORE_ERRORS, OSError) as error:
            raise BackendError(system, FaultKind.FAILED, first_line(error)) from error

    def _fill(self, store: Store) -> None:
        for space in self._knowledge.spaces:
            try:
                fill(self._knowledge, store, space, self._progress)
            except EmbeddingError as error:
                log.warning("index_not_filled", space=space.name, reason=str(error))

    def _load(self, store: Store) -> None:
        local, remote = self._knowledge.local, self._knowledge.remote
        chunks = [chunk for each in FOLDERS for chunk in store.chunks(local, each)]
        loaded = LoadedPassages.of(chunks, self._kiwi, self._loaded)
        self._whole = {
            each: remote is not None and store.ids(remote, each) == loaded.ids(each)
            for each in FOLDERS
        }
        self._loaded = loaded


def open_library(
    knowledge: Knowledge,
    progress: Progress,
    monotonic: Callable[[], float] = time.monotonic,
) -> Library:
    """Return the library, opened. Raises StartError."""
    library = Library(knowledge, load_morphemes(), progress, monotonic)
    library.open()
    return library
