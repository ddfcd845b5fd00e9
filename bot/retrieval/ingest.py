"""Bringing the index in line with the documents: what is new, changed, gone or broken."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from bot.domain.knowledge import Collection
from bot.errors import StartError
from bot.retrieval.documents import FOLDERS, Loaded, load_documents
from bot.retrieval.embeddings import Space
from bot.retrieval.knowledge import Knowledge
from bot.retrieval.search import Progress
from bot.retrieval.split import Chunk, Origin, split
from bot.retrieval.store import Store


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
    """What an ingest did, or would do: what is written, what is removed, and what of each file."""

    write: tuple[Chunk, ...]
    remove: tuple[Chunk, ...]
    results: tuple[FileResult, ...]

    def count(self, state: State) -> int:
        """Return the number of files of one state."""
        return sum(result.state is state for result in self.results)


def load_source(source: Path) -> Loaded:
    """Read a source directory. Raises StartError when it is none: an empty one would delete all."""
    if not any((source / folder).is_dir() for folder in FOLDERS.values()):
        raise StartError(f"{source}: holds neither manual/ nor history/")
    return load_documents(source)


def cut(knowledge: Knowledge, loaded: Loaded | None = None) -> tuple[Loaded, tuple[Chunk, ...]]:
    """Return the documents and kept incidents, and their passages. Raises StartError."""
    loaded = loaded or load_source(knowledge.documents())
    kept = load_documents(knowledge.kept) if knowledge.kept.is_dir() else Loaded((), ())
    sample = knowledge.sample
    chunks = [
        chunk for document in loaded.documents for chunk in split(document, sample=sample)
    ] + [chunk for document in kept.documents for chunk in split(document, Origin.KEPT)]
    return replace(loaded, broken=(*loaded.broken, *kept.broken)), tuple(chunks)


def plan(store: Store, space: Space, loaded: Loaded, wanted: Sequence[Chunk]) -> Report:
    """Compare one space with the documents; a file that cannot be read keeps what is indexed of it.

    Passages that are the same at the same place keep their id, so what is written is what differs.
    """
    held = {chunk.id: chunk for each in FOLDERS for chunk in store.chunks(space, each)}
    broken = {(each.collection, each.file) for each in loaded.broken}
    ids = {chunk.id for chunk in wanted}
    write = tuple(chunk for chunk in wanted if chunk.id not in held)
    remove = tuple(
        chunk
        for id_, chunk in held.items()
        if id_ not in ids and (chunk.collection, chunk.file) not in broken
    )
    results = [
        FileResult(FOLDERS[each.collection], each.file, State.BROKEN, reason=each.reason)
        for each in loaded.broken
    ]
    files: dict[tuple[Collection, str], set[str]] = {}
    for chunk in (*wanted, *remove):
        files.setdefault((chunk.collection, chunk.file), set()).add(chunk.id)
    for (collection, file), mine in files.items():
        state = _state(mine & ids, mine & held.keys())
        results.append(FileResult(FOLDERS[collection], file, state, len(mine & ids or mine)))
    return Report(write, remove, tuple(results))


def carry_out(store: Store, space: Space, report: Report, progress: Progress) -> None:
    """Write and remove; blocks, belongs in a thread. Raises EmbeddingError and STORE_ERRORS."""
    store.write(space, report.write, progress)
    for collection in FOLDERS:
        gone = [chunk.id for chunk in report.remove if chunk.collection is collection]
        store.remove(space, collection, gone)


def fill(knowledge: Knowledge, store: Store, space: Space, progress: Progress) -> None:
    """Add what is missing of the documents to what is indexed, where nothing speaks against it.

    An index that holds what these documents do not is another source's, or an older one's: only
    an ingest by hand changes it. Raises StartError, EmbeddingError and STORE_ERRORS.
    """
    loaded, wanted = cut(knowledge)
    report = plan(store, space, loaded, wanted)
    if not report.remove:
        carry_out(store, space, report, progress)


def _state(wanted: set[str], held: set[str]) -> State:
    if not wanted:
        return State.REMOVED
    if not held:
        return State.NEW
    return State.UNCHANGED if wanted == held else State.CHANGED
