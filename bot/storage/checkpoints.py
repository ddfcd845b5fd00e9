"""LangGraph's checkpoints: one per thread, kept apart from our own rows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

SETUP_LOCK = 0x64616E676A696B  # "dangjik": any number of ours, the same on every replica
POOL_SIZE = 10


def strict_serializer() -> JsonPlusSerializer:
    """Return a serializer that rebuilds plain JSON values only.

    The library's default imports and calls whatever a checkpoint names; our state is JSON, so
    nothing is lost by refusing.
    """
    return JsonPlusSerializer(allowed_msgpack_modules=None)


class Checkpoints:
    """Holds the saver the graph writes to, and keeps one checkpoint per thread."""

    def __init__(self, saver: BaseCheckpointSaver[Any]) -> None:
        self.saver = saver

    async def prune(self, thread_id: str) -> None:
        """Delete all but the latest checkpoint of a thread."""
        if isinstance(self.saver, AsyncSqliteSaver):
            await _prune_sqlite(self.saver, thread_id)
        else:
            await self.saver.aprune([thread_id], strategy="keep_latest")

    async def forget(self, thread_id: str) -> None:
        """Delete a thread's memory, e.g. when it cannot be read any more."""
        await self.saver.adelete_thread(thread_id)


async def _prune_sqlite(saver: AsyncSqliteSaver, thread_id: str) -> None:
    latest = "SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ?1"
    async with saver.lock:
        for table in ("checkpoints", "writes"):
            await saver.conn.execute(
                f"DELETE FROM {table} WHERE thread_id = ?1 AND checkpoint_id <> ({latest})",  # noqa: S608 - both names are ours
                (thread_id,),
            )
        await saver.conn.commit()


@asynccontextmanager
async def open_sqlite_checkpoints(path: Path) -> AsyncIterator[Checkpoints]:
    """Open the checkpoint file of a single process; losing it loses no approval."""
    async with aiosqlite.connect(path) as connection:
        saver = AsyncSqliteSaver(connection, serde=strict_serializer())
        await saver.setup()
        await connection.execute("PRAGMA synchronous = NORMAL")
        yield Checkpoints(saver)


@asynccontextmanager
async def open_postgres_checkpoints(url: str) -> AsyncIterator[Checkpoints]:
    """Open checkpoints that several replicas share, over a pool that checks its connections."""
    pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
        url,
        min_size=1,
        max_size=POOL_SIZE,
        kwargs={"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
        check=AsyncConnectionPool.check_connection,
        open=False,
    )
    async with pool:
        saver = AsyncPostgresSaver(pool, serde=strict_serializer())
        await _setup_alone(pool, saver)
        yield Checkpoints(saver)


async def _setup_alone(
    pool: AsyncConnectionPool[AsyncConnection[DictRow]], saver: AsyncPostgresSaver
) -> None:
    """Create the tables once although replicas start together.

    The lock is polled: a waiting `pg_advisory_lock` deadlocks with CREATE INDEX CONCURRENTLY.
    """
    async with pool.connection() as connection:
        while True:
            cursor = await connection.execute(
                "SELECT pg_try_advisory_lock(%s) AS held", (SETUP_LOCK,)
            )
            row = await cursor.fetchone()
            if row and row["held"]:
                break
            await asyncio.sleep(0.1)
        try:
            await saver.setup()
        finally:
            await connection.execute("SELECT pg_advisory_unlock(%s)", (SETUP_LOCK,))
