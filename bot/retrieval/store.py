"""Opening Chroma: a directory of our own or a server; never its default embedder or telemetry."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import chromadb
import httpx
from chromadb.api import ClientAPI
from chromadb.api.client import Client
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings
from chromadb.errors import ChromaError

from bot.errors import StartError

DATABASE = "chroma.sqlite3"
# Works from a checkout and from an installed wheel alike; `dangjik ingest` is the same.
REBUILD = "python -m bot ingest --rebuild"
CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class DamagedStoreError(Exception):
    """What lies in the directory is no usable Chroma index; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class StorePlace:
    """Where Chroma is: `url` of a server, else `directory` (made when it is not there)."""

    directory: Path
    url: str | None = None

    def __str__(self) -> str:
        """Return the place as an operator names it, without credentials."""
        if self.url is None:
            return str(self.directory)
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}:{parts.port or ''}".rstrip(":")


def open_store(place: StorePlace) -> ClientAPI:
    """Connect to Chroma. Raises DamagedStoreError (directory) and StartError (server)."""
    if place.url is not None:
        return _server(place)
    try:
        place.directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"DATA_DIR: {place.directory}: {error.strerror}") from None
    _check_database(place.directory / DATABASE)
    return _opened(
        lambda: chromadb.PersistentClient(
            path=str(place.directory), settings=Settings(anonymized_telemetry=False)
        )
    )


def close_store(client: ClientAPI) -> None:
    """Let go of the connections, and of the directory when nobody else here uses it."""
    if isinstance(client, Client):  # Chroma's interface has no close, its one client has
        client.close()
    # A closed client of chromadb 1.5 leaves its two HTTP sessions open; each is its own.
    for part in (client, getattr(client, "_admin_client", None)):
        session = getattr(getattr(part, "_server", None), "_session", None)
        if isinstance(session, httpx.Client):
            session.close()


def set_aside(directory: Path, stamp: str) -> Path:
    """Rename a damaged directory so that it can be looked at; return its new name."""
    # Chroma keeps opened directories in a process-wide table; a damaged one must leave it.
    SharedSystemClient.clear_system_cache()
    target = directory.with_name(f"{directory.name}.damaged-{stamp}")
    number = 1
    while target.exists():
        number += 1
        target = directory.with_name(f"{directory.name}.damaged-{stamp}-{number}")
    return directory.rename(target)


def _opened(client: Callable[[], ClientAPI]) -> ClientAPI:
    try:
        return client()
    except ChromaError as error:
        raise DamagedStoreError(first_line(error)) from error


def _server(place: StorePlace) -> ClientAPI:
    parts = urlsplit(place.url or "")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise StartError("CHROMA_URL: write http://HOST:PORT")
    try:
        return chromadb.HttpClient(
            host=parts.hostname,
            port=parts.port or (443 if parts.scheme == "https" else 8000),
            ssl=parts.scheme == "https",
            settings=Settings(anonymized_telemetry=False),
        )
    except (ChromaError, ValueError) as error:  # the client turns every network fault into these
        raise StartError(f"CHROMA_URL: {place}: {first_line(error)}") from None


def _check_database(path: Path) -> None:
    """Look at the SQLite file first: Chroma opens some damaged files without a word."""
    if not path.exists():
        return
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode not in CORRUPT:
            return  # locked or unreadable: Chroma will say so itself
        raise DamagedStoreError(f"{DATABASE}: {error}") from None
    if verdict is None or verdict[0] != "ok":
        raise DamagedStoreError(f"{DATABASE}: quick_check: {verdict and verdict[0]}"[:200])


def first_line(error: BaseException) -> str:
    """Return an error as one line of at most 200 characters."""
    return " ".join(str(error).split())[:200] or type(error).__name__
