"""LangGraph's checkpoints: one per thread, kept apart from our own rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver


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
