"""Bringing the index in line with the documents: what is new, changed, gone or broken."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path

from bot.domain.knowledge import Collection
from bot.errors import StartError
from bot.retrieval.documents import FOLDERS, Document, Loaded, load_documents
from bot.retrieval.index import Index
from bot.retrieval.rows import Held, digest_of
from bot.retrieval.split import Piece, split

WORKERS = 2
AHEAD = 8
Progress = Callable[[int, int], None]


class Origin(StrEnum):
    """Who a document comes from; an ingest deletes only what is of its own origin."""

    SOURCE = "source"  # knowledge/ or another source directory
    KEPT = "kept"  # incidents kept from threads, under DATA_DIR


class State(StrEnum):
    """What became of a file."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class FileResult:
    """One file of an ingest; `reason` only for a broken one."""

    folder: str
    file: str
    state: State
    passages: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest did, or with `dry_run` would have done."""

    results: tuple[FileResult, ...]
    dry_run: bool = False

    def count(self, state: State) -> int:
        """Return the number of files of one state."""
        return sum(result.state is state for result in self.results)


@dataclass(frozen=True, slots=True)
class _Plan:
    write: tuple[tuple[Piece, ...], ...]
    before: Mapping[tuple[Collection, str], frozenset[str]]
    remove: tuple[tuple[Collection, frozenset[str]], ...]
    results: tuple[FileResult, ...]


def load_source(source: Path) -> Loaded:
    """Read a source directory. Raises StartError when it is none: an empty one would delete all."""
    if not any((source / folder).is_dir() for folder in FOLDERS.values()):
        raise StartError(f"{source}: holds neither manual/ nor history/")
    return load_documents(source)


def ingest(
    index: Index,
    loaded: Loaded,
    origin: Origin,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Write what is new or changed and delete what is gone; blocks, belongs in a thread.

    A file that became unreadable keeps what was indexed of it. `progress` hears (passages
    written, passages to write). Raises ChromaError and EmbeddingError.
    """
    plan = _plan(index, loaded, origin)
    if dry_run:
        return Report(plan.results, dry_run=True)
    total, done = sum(map(len, plan.write)), 0
    touched: set[Collection] = set()
    for pieces, vectors in _embedded(index, plan.write):
        collection, file = pieces[0].document.collection, pieces[0].document.file
        index.put(pieces, vectors, origin, plan.before.get((collection, file), ()))
        touched.add(collection)
        done += len(pieces)
        if progress is not None:
            progress(done, total)
    for collection, ids in plan.remove:
        index.remove(collection, ids)
        touched.add(collection)
    for collection in touched:
        index.finish(collection)
    return Report(plan.results)


def add(index: Index, document: Document, origin: Origin) -> int:
    """Index one document at once and return its number of passages."""
    pieces = split(document)
    if pieces:
        vectors = index.space.embeddings.embed_documents([piece.indexed for piece in pieces])
        before = index.ids_of(document.collection, document.file, origin)
        index.put(pieces, vectors, origin, before)
        index.finish(document.collection)
    return len(pieces)


def _plan(index: Index, loaded: Loaded, origin: Origin) -> _Plan:
    write: list[tuple[Piece, ...]] = []
    remove: list[tuple[Collection, frozenset[str]]] = []
    replaced: dict[tuple[Collection, str], frozenset[str]] = {}
    results = [
        FileResult(FOLDERS[broken.collection], broken.file, State.BROKEN, reason=broken.reason)
        for broken in loaded.broken
    ]
    kept_anyway = {(broken.collection, broken.file) for broken in loaded.broken}
    for collection, folder in FOLDERS.items():
        held = index.held(collection, origin)
        for document in loaded.documents:
            if document.collection is not collection:
                continue
            pieces = split(document)
            before = held.pop(document.file, None)
            state = _state(pieces, before)
            if state is State.REMOVED and before is not None:
                remove.append((collection, before.ids))
            elif state in {State.NEW, State.CHANGED} and pieces:
                write.append(pieces)
                if before is not None:
                    replaced[collection, document.file] = before.ids
            results.append(FileResult(folder, document.file, state, len(pieces)))
        for file, gone in held.items():
            if (collection, file) in kept_anyway:
                continue
            remove.append((collection, gone.ids))
            results.append(FileResult(folder, file, State.REMOVED, len(gone.ids)))
    return _Plan(tuple(write), replaced, tuple(remove), tuple(results))


def _state(pieces: Sequence[Piece], before: Held | None) -> State:
    if not pieces:
        return State.REMOVED if before else State.UNCHANGED
    if before is None:
        return State.NEW
    if before.whole and before.digest == digest_of(pieces):
        return State.UNCHANGED
    return State.CHANGED


def _embedded(
    index: Index, documents: Sequence[tuple[Piece, ...]]
) -> Iterator[tuple[tuple[Piece, ...], list[list[float]]]]:
    """Embed a few documents ahead of the writing, so that both cores work."""
    embeddings = index.space.embeddings
    waiting: list[tuple[tuple[Piece, ...], Future[list[list[float]]]]] = []
    rest = iter(documents)
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="embed") as pool:
        while True:
            for pieces in islice(rest, AHEAD - len(waiting)):
                texts = [piece.indexed for piece in pieces]
                waiting.append((pieces, pool.submit(embeddings.embed_documents, texts)))
            if not waiting:
                return
            pieces, future = waiting.pop(0)
            yield pieces, future.result()
