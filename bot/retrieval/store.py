"""The passages in Chroma: a directory of our own or a server, a collection for each space and kind."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import chromadb
import httpx
import structlog
from langchain_chroma import Chroma

from bot.domain.knowledge import Collection
from bot.errors import StartError
from bot.retrieval.documents import FOLDERS, Chunk
from bot.retrieval.knowledge import Knowledge, Space

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
