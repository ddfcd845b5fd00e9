"""The index of the documents: passages in Chroma, brought in line with what is written.

Chroma is a directory of our own or a server, with a collection for each space and kind. An ingest
tells what is new, changed, gone or broken.
"""

import argparse
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import chromadb
import httpx
import structlog
from langchain_chroma import Chroma
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text as Characters

from bot.domain.knowledge import Collection
from bot.domain.language import Language, Text
from bot.errors import SettingsError, StartError
from bot.retrieval.documents import FOLDERS, Chunk, Loaded, Origin, load_documents, split
from bot.retrieval.knowledge import EmbeddingError, Knowledge, Space, build_knowledge
from bot.retrieval.search import Progress
from bot.settings import load_settings

log = structlog.get_logger(__name__)
DATABASE = "chroma.sqlite3"
BATCH = 64  # passages written at once: Chroma holds the interpreter meanwhile
PROBES = 24
CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
STORE_ERRORS = (chromadb.errors.ChromaError, httpx.HTTPError, ValueError, KeyError)
"""What Chroma raises: its client turns some network faults into ValueError, and raises others."""


class DamagedStoreError(Exception):
    """What lies in the directory is no usable Chroma index; the message says what is wrong."""


class Store:
    """Reads and writes the passages of every space; its methods block, and raise STORE_ERRORS."""

    def __init__(self, client: chromadb.api.ClientAPI, spaces: Sequence[Space]) -> None:
        self._client = client
        self.spaces = tuple(spaces)
        self._open: dict[str, Chroma] = {}
        self._searched: dict[str, chromadb.Collection] = {}

    def close(self) -> None:
        """Let go of the connections, and of the directory when nobody else here uses it."""
        if isinstance(self._client, chromadb.api.client.Client):  # the interface has no close
            self._client.close()

    def ids(self, space: Space, collection: Collection) -> frozenset[str]:
        """Return the ids of every passage; they change with whatever is written."""
        return frozenset(self._at(space, collection).get(include=[])["ids"])

    def chunks(self, space: Space, collection: Collection) -> tuple[Chunk, ...]:
        """Return every passage, in the order of its id."""
        found = self._at(space, collection).get()
        rows = zip(found["ids"], found["documents"], found["metadatas"], strict=True)
        ordered = sorted(rows, key=lambda row: str(row[0]))
        return tuple(Chunk.of(text, metadata) for _, text, metadata in ordered)

    def whole(self, space: Space, collection: Collection) -> bool:
        """Return False when vectors of passages are missing, looking at some two dozen."""
        known = sorted(self.ids(space, collection))
        probes = known[:: max(1, len(known) // PROBES)]
        if not probes:
            return True
        found = self._at(space, collection).get(ids=probes, include=["embeddings"])
        vectors = found["embeddings"]
        return len(vectors) == len(probes) and all(map(len, vectors))

    def write(
        self, space: Space, chunks: Sequence[Chunk], progress: Callable[[int, int], None]
    ) -> None:
        """Embed and write passages; `progress` hears (written, to write). Raises EmbeddingError."""
        done = 0
        for collection in FOLDERS:
            mine = [chunk.indexed for chunk in chunks if chunk.collection is collection]
            for start in range(0, len(mine), BATCH):
                part = mine[start : start + BATCH]
                self._at(space, collection).add_documents(part)
                done += len(part)
                progress(done, len(chunks))

    def remove(self, space: Space, collection: Collection, ids: Iterable[str]) -> None:
        """Delete passages."""
        ordered = sorted(ids)
        for start in range(0, len(ordered), BATCH):
            self._at(space, collection).delete(ordered[start : start + BATCH])

    def nearest(
        self,
        space: Space,
        collection: Collection,
        vector: list[float],
        limit: int,
        channel: str | None = None,
    ) -> dict[str, float]:
        """Return the cosines of the nearest passages by id; with a channel of those it may read.

        A filter makes Chroma ten times slower, so it is for collections that hold private ones.
        LangChain's search would read the passages, too, which are in memory: five times the work.
        """
        self._at(space, collection)
        vectors: list[Sequence[float] | Sequence[int]] = [vector]
        where: Any = None if channel is None else {"channel": {"$in": ["", channel]}}
        found = self._searched[space.collection(collection)].query(
            query_embeddings=vectors, n_results=limit, where=where, include=["distances"]
        )
        distances = found["distances"] or [[]]
        return {
            id_: 1.0 - distance for id_, distance in zip(found["ids"][0], distances[0], strict=True)
        }

    def _at(self, space: Space, collection: Collection) -> Chroma:
        name = space.collection(collection)
        if name not in self._open:
            self._open[name] = Chroma(
                name,
                space.embeddings,
                client=self._client,
                collection_configuration={"hnsw": {"space": "cosine"}},
            )
            self._searched[name] = self._client.get_collection(name)
        return self._open[name]


def open_store(knowledge: Knowledge) -> Store:
    """Connect to Chroma, as it is. Raises DamagedStoreError (directory), StartError and STORE_ERRORS."""
    # A closed client leaves its sessions open: without idle connections there is nothing to close.
    quiet = chromadb.config.Settings(
        anonymized_telemetry=False, chroma_http_max_keepalive_connections=0
    )
    if knowledge.chroma_url is not None:
        client = _server(knowledge.chroma_url, quiet)
    else:
        directory = knowledge.directory
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StartError(f"DATA_DIR: {directory}: {error.strerror}") from None
        _check_database(directory / DATABASE)
        client = chromadb.PersistentClient(str(directory), quiet)
    store = Store(client, knowledge.spaces)
    _check_vectors(store)
    return store


def open_or_replace(knowledge: Knowledge, now: Callable[[], datetime] = datetime.now) -> Store:
    """Connect to Chroma; a damaged directory is set aside for a new one. Raises StartError."""
    try:
        return open_store(knowledge)
    except (DamagedStoreError, *STORE_ERRORS) as error:
        if knowledge.chroma_url is not None:
            raise StartError(f"CHROMA_URL: {first_line(error)}") from None
        aside = _set_aside(knowledge.directory, now().strftime("%Y%m%d-%H%M%S"))
        log.warning("index_damaged", reason=first_line(error), set_aside=str(aside))
        return open_store(knowledge)


def first_line(error: BaseException) -> str:
    """Return an error as one line of at most 200 characters."""
    return " ".join(str(error).split())[:200] or type(error).__name__


def _server(url: str, quiet: chromadb.config.Settings) -> chromadb.api.ClientAPI:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise StartError("CHROMA_URL: write http://HOST:PORT")
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 8000)
    return chromadb.HttpClient(parts.hostname, port, ssl=secure, settings=quiet)


def _set_aside(directory: Path, stamp: str) -> Path:
    """Rename a damaged directory so that it can be looked at; return its new name."""
    # Chroma keeps opened directories in a process-wide table; a damaged one must leave it.
    chromadb.api.client.Client.clear_system_cache()
    return directory.rename(directory.with_name(f"{directory.name}.damaged-{stamp}"))


def _check_database(path: Path) -> None:
    """Look at the SQLite file first: Chroma opens some damaged files without a word."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as rows:
            verdict = rows.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode not in CORRUPT:
            return  # locked or unreadable: Chroma will say so itself
        raise DamagedStoreError(f"{DATABASE}: {error}") from None
    if verdict is None or verdict[0] != "ok":
        raise DamagedStoreError(f"{DATABASE}: quick_check: {verdict and verdict[0]}"[:200])


def _check_vectors(store: Store) -> None:
    """Read some vectors: the database can be whole while the vector files are gone."""
    for space in store.spaces:
        for collection in FOLDERS:
            if not store.whole(space, collection):
                raise DamagedStoreError(f"{space.collection(collection)}: vectors are missing")


# Bringing it in line with the documents.


COMMAND = "python -m bot ingest"  # `dangjik ingest` is the same; both are there without a checkout

HEADS = (
    Text(ko="파일", en="file"),
    Text(ko="상태", en="state"),
    Text(ko="문단", en="passages"),
    Text(ko="이유", en="reason"),
)
STATES = {
    "new": Text(ko="새로 씀", en="new"),
    "changed": Text(ko="바뀜", en="changed"),
    "unchanged": Text(ko="그대로", en="unchanged"),
    "removed": Text(ko="지움", en="removed"),
    "broken": Text(ko="읽지 못함", en="broken"),
}
COLLECTIONS = {
    "operation_manual": Text(ko="매뉴얼", en="manual"),
    "operation_history": Text(ko="이력", en="history"),
}
SUMMARY = Text(ko="{space}: {counts}. 문단: {held}", en="{space}: {counts}; passages: {held}")
NO_VECTORS = Text(
    ko="{space}: 임베딩 서비스가 벡터를 주지 않았습니다({error}). 검색은 로컬 색인으로 됩니다. 나중에 다시 실행하세요: {command}",
    en="{space}: the provider gave no vectors ({error}). The local index answers; run again later: {command}",
)
NOT_INDEXED = Text(ko="색인하지 못했습니다: {error}", en="ingest: {error}")


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


# The command, which shows what became of each document.


FAILED = 1
USAGE = 2
COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 done, 1 failed, 2 usage or settings."""
    parser = argparse.ArgumentParser(
        prog="ingest", description="Index the operation manual and the incident history."
    )
    parser.add_argument(
        "--source", type=Path, help="directory with manual/ and history/ (default: knowledge/)"
    )
    options = parser.parse_args(arguments)
    out, err = (Console(stderr=each, highlight=False, soft_wrap=True) for each in (False, True))
    try:
        settings = load_settings()
    except SettingsError as error:
        err.print(*error.problems, sep="\n", markup=False)
        return USAGE
    language = Language.KO if settings.language == "ko" else Language.EN
    try:
        return run(build_knowledge(settings, options.source), out, err, language)
    except (StartError, *STORE_ERRORS) as error:
        err.print(NOT_INDEXED(language, error=first_line(error)), markup=False)
        return FAILED


def run(knowledge: Knowledge, out: Console, err: Console, language: Language = Language.EN) -> int:
    """Ingest into every space; a provider that is lost fails only its own space.

    Raises StartError and STORE_ERRORS.
    """
    loaded, chunks = cut(knowledge)
    store, code = open_or_replace(knowledge), 0
    for space in store.spaces:
        report = plan(store, space, loaded, chunks)
        try:
            _carry_out(store, space, report, out)
            _show(store, space, report, out, language)
        except EmbeddingError as error:
            values = {"space": space.name, "error": error, "command": COMMAND}
            err.print(NO_VECTORS(language, **values), markup=False)
            code = FAILED
    store.close()
    knowledge.note_source(knowledge.documents())
    return code


def _carry_out(store: Store, space: Space, report: Report, out: Console) -> None:
    with Bar(*COLUMNS, console=out, transient=True) as bar:
        task = bar.add_task(space.name, total=None)
        carry_out(
            store, space, report, lambda done, total: bar.update(task, completed=done, total=total)
        )


def _show(store: Store, space: Space, report: Report, out: Console, language: Language) -> None:
    table = Table(*(head(language) for head in HEADS))
    for result in report.results:
        if result.state is not State.UNCHANGED:
            file = Characters(f"{result.folder}/{result.file}")
            state = STATES[result.state.value](language)
            table.add_row(file, state, str(result.passages), Characters(result.reason))
    if table.row_count:
        out.print(table)
    counts = ", ".join(f"{report.count(state)} {STATES[state.value](language)}" for state in State)
    held = ", ".join(
        f"{len(store.ids(space, each))} {COLLECTIONS[each.value](language)}" for each in FOLDERS
    )
    out.print(SUMMARY(language, space=space.name, counts=counts, held=held), markup=False)
