"""What several replicas share on PostgreSQL: checkpoints, and one turn per thread at a time.

Imported only where a PostgreSQL address is set: the client takes 10 MB.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, LiteralString

import psycopg
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from bot.errors import StorageError
from bot.storage.checkpoints import Checkpoints, ProcessLocks, strict_serializer

POLL = 0.05  # seconds
POOL_SIZE = 10


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

    async def aclose(self) -> None:
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
async def open_postgres_threads(url: str) -> AsyncIterator[tuple[Checkpoints, PostgresLocks]]:
    """Open what replicas share: checkpoints, over a pool that checks its connections, and locks."""
    pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
        url,
        min_size=1,
        max_size=POOL_SIZE,
        kwargs={
            "autocommit": True,
            "client_encoding": "utf8",  # a database made in the C locale would give bytes
            "prepare_threshold": 0,
            "row_factory": dict_row,
        },
        check=AsyncConnectionPool.check_connection,
        open=False,
    )
    locks = PostgresLocks(url)
    async with pool, aclosing(locks):
        saver = AsyncPostgresSaver(pool, serde=strict_serializer())
        # The tables are made once although replicas start together. Polled, for a waiting lock
        # call deadlocks with CREATE INDEX CONCURRENTLY.
        async with locks.hold("the tables of checkpoints"):
            await saver.setup()

        async def ask(query: str, parameter: str) -> list[str]:
            async with pool.connection() as connection:
                found = await connection.execute(query.replace("?", "%s"), (parameter,))
                return [next(iter(row.values())) for row in await found.fetchall()]

        yield Checkpoints(saver, ask), locks
