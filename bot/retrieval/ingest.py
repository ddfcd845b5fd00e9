"""Bringing the index in line with the documents: what is new, changed, gone or broken."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.domain.knowledge import Collection
from bot.errors import StartError
from bot.retrieval.documents import FOLDERS, Document, Loaded, load_documents
from bot.retrieval.entries import Held, IndexEntry, entries_of
from bot.retrieval.index import Index
from bot.retrieval.split import split

WORKERS = 2
GENTLE = 32
FAST = 256
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
    write: tuple[IndexEntry, ...]
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
    batch: int = GENTLE,
) -> Report:
    """Write what is new or changed and delete what is gone; blocks, belongs in a thread.

    A file that became unreadable keeps what was indexed of it. `progress` hears (passages
    written, passages to write). `batch` passages are written at once: `GENTLE` leaves the event
    loop of a running bot its turns, `FAST` is for a process of its own. Raises ChromaError and EmbeddingError.
    """
    plan = _plan(index, loaded, origin)
    if dry_run:
        return Report(plan.results, dry_run=True)
    total, done = len(plan.write), 0
    for entries, vectors in _embedded(index, plan.write, batch):
        index.put(entries, vectors, origin)
        done += len(entries)
        if progress is not None:
            progress(done, total)
    for collection, ids in plan.remove:
        index.remove(collection, ids)
    changed = {entry.piece.document.collection for entry in plan.write}
    for collection in changed | {collection for collection, _ in plan.remove}:
        index.finish(collection)
    return Report(plan.results)


def add(index: Index, document: Document, origin: Origin) -> int:
    """Index one document at once and return its number of passages."""
    entries = entries_of(split(document), origin)
    if not entries:
        return 0
    before = index.ids_of(document.collection, document.file, origin)
    for part, vectors in _embedded(index, entries, GENTLE):
        index.put(part, vectors, origin)
    index.remove(document.collection, set(before) - {entry.id for entry in entries})
    index.finish(document.collection)
    return len(entries)


def withdraw(index: Index, collection: Collection, file: str, origin: Origin) -> None:
    """Take one document out of the index at once."""
    index.remove(collection, index.ids_of(collection, file, origin))
    index.finish(collection)


def _plan(index: Index, loaded: Loaded, origin: Origin) -> _Plan:
    write: list[IndexEntry] = []
    remove: list[tuple[Collection, frozenset[str]]] = []
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
            entries = entries_of(split(document), origin)
            before = held.pop(document.file, None)
            state = _state(entries, before)
            if state in {State.NEW, State.CHANGED}:
                write.extend(entries)
            if state in {State.CHANGED, State.REMOVED} and before is not None:
                remove.append((collection, before.ids - {entry.id for entry in entries}))
            results.append(FileResult(folder, document.file, state, len(entries)))
        for file, gone in held.items():
            if (collection, file) in kept_anyway:
                continue
            remove.append((collection, gone.ids))
            results.append(FileResult(folder, file, State.REMOVED, len(gone.ids)))
    return _Plan(tuple(write), tuple(remove), tuple(results))


def _state(entries: Sequence[IndexEntry], before: Held | None) -> State:
    if not entries:
        return State.REMOVED if before else State.UNCHANGED
    if before is None:
        return State.NEW
    if before.whole and before.digest == entries[0].digest:
        return State.UNCHANGED
    return State.CHANGED


def _embedded(
    index: Index, entries: Sequence[IndexEntry], batch: int
) -> Iterator[tuple[Sequence[IndexEntry], list[list[float]]]]:
    """Embed batches of one collection, one ahead of the writing, so that both cores work."""
    batches = [
        of_one[start : start + batch]
        for collection in FOLDERS
        if (of_one := [e for e in entries if e.piece.document.collection is collection])
        for start in range(0, len(of_one), batch)
    ]
    waiting: deque[tuple[Sequence[IndexEntry], Future[list[list[float]]]]] = deque()
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="embed") as pool:
        for part in batches:
            texts = [(entry.piece.path, entry.piece.indexed) for entry in part]
            waiting.append((part, pool.submit(index.space.vectors, texts)))
            if len(waiting) > WORKERS:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()
