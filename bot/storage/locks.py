"""One turn per thread at a time: in this process, and over replicas where PostgreSQL is shared."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString

import psycopg
from psycopg import AsyncConnection

from bot.errors import StorageError

ThreadLock = Callable[[str], AbstractAsyncContextManager[None]]
POLL = 0.05  # seconds


@dataclass(slots=True)
class _Held:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0


class ProcessLocks:
    """A lock per key, kept only while somebody holds or wants it."""

    def __init__(self) -> None:
        self._locks: dict[str, _Held] = {}

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[None]:
        """Wait for the key and hold it."""
        held = self._locks.setdefault(key, _Held())
        held.wanted += 1
        try:
            async with held.lock:
                yield
        finally:
            held.wanted -= 1
            if not held.wanted:
                self._locks.pop(key, None)


class PostgresLocks:
    """Advisory locks shared by all replicas, held on one connection; freed when a replica dies.

    Session locks count up when taken twice on a connection, so this process's own waiters queue
    before it asks. A waiting lock call would block the connection for everyone, hence the polling.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._own = ProcessLocks()
        self._connecting = asyncio.Lock()
        self._connection: AsyncConnection[tuple[Any, ...]] | None = None

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[None]:
        """Wait for the key on every replica and hold it. Raises StorageError."""
        number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], signed=True)
        async with self._own.hold(key):
            while not await self._ask("SELECT pg_try_advisory_lock(%s)", number):  # noqa: ASYNC110 - another process holds it
                await asyncio.sleep(POLL)
            try:
                yield
            finally:
                await self._ask("SELECT pg_advisory_unlock(%s)", number)

    async def close(self) -> None:
        """Let go of every lock."""
        if self._connection is not None:
            await self._connection.close()

    async def _ask(self, statement: LiteralString, number: int) -> bool:
        try:
            connection = await self._connected()
            row = await (await connection.execute(statement, (number,))).fetchone()
        except psycopg.Error as error:
            raise StorageError(f"thread lock: {type(error).__name__}") from error
        return bool(row and row[0])

    async def _connected(self) -> AsyncConnection[tuple[Any, ...]]:
        async with self._connecting:
            if self._connection is None or self._connection.closed:
                self._connection = await AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=5
                )
            return self._connection


@asynccontextmanager
async def open_thread_locks(url: str | None) -> AsyncIterator[ThreadLock]:
    """Give the lock for threads: over replicas with a PostgreSQL address, else in this process."""
    if url is None:
        yield ProcessLocks().hold
        return
    locks = PostgresLocks(url)
    try:
        yield locks.hold
    finally:
        await locks.close()
