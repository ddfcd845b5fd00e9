"""LangGraph's checkpoints: one per thread, kept apart from our own rows."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import aiosqlite
import structlog
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from bot.errors import StartError

_LOG = structlog.get_logger(__name__)
_IDLE = "SELECT thread_id FROM checkpoints GROUP BY thread_id HAVING max(checkpoint_id) < ?"
_LATEST = (
    "SELECT thread_id FROM checkpoints WHERE thread_id LIKE ?"
    " GROUP BY thread_id ORDER BY max(checkpoint_id) DESC LIMIT 50"
)
_UUID_EPOCH = datetime(1582, 10, 15, tzinfo=UTC)


def strict_serializer() -> JsonPlusSerializer:
    """Return a serializer that rebuilds plain JSON values only.

    The library's default imports and calls whatever a checkpoint names; our state is JSON, so
    nothing is lost by refusing.
    """
    return JsonPlusSerializer(allowed_msgpack_modules=None)


class Checkpoints:
    """Holds the saver the graph writes to, and keeps one checkpoint per thread.

    `ask` runs a query with one parameter, "?", and returns the first column.
    """

    def __init__(
        self, saver: BaseCheckpointSaver[Any], ask: Callable[[str, str], Awaitable[list[str]]]
    ) -> None:
        self.saver = saver
        self._ask = ask

    async def prune(self, thread_id: str) -> None:
        """Delete all but the latest checkpoint of a thread."""
        if isinstance(self.saver, AsyncSqliteSaver):
            await _prune_sqlite(self.saver, thread_id)
        else:
            await self.saver.aprune([thread_id], strategy="keep_latest")

    async def latest(self, prefix: str) -> tuple[str, ...]:
        """Return the threads whose ids begin so, the one last spoken in first, at most 50."""
        found = await self._ask(_LATEST, f"{prefix}%")
        return tuple(each for each in found if each.startswith(prefix))  # "_" stands for any sign

    async def forget_idle(self, kept: timedelta) -> int:
        """Forget threads in which nothing was said for that long; return how many."""
        since = _id_at(datetime.now(UTC) - kept)
        idle = await self._ask(_IDLE, since)
        for thread_id in idle:
            await self.saver.adelete_thread(thread_id)
        return len(idle)


def _id_at(moment: datetime) -> str:
    """Return the beginning of the ids of a time: UUIDs of version 6, which sort by it."""
    ticks = (moment - _UUID_EPOCH) // timedelta(microseconds=1) * 10
    digits = f"{ticks >> 12:012x}"
    return f"{digits[:8]}-{digits[8:]}"


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
    """Open the checkpoint file of a single process. Raises StartError.

    Losing it loses no approval, so a broken one is put aside, told of, and begun anew.
    """
    try:
        await asyncio.to_thread(_check, path)
    except sqlite3.OperationalError as error:
        raise StartError(f"{path} cannot be used: {error}") from error
    except sqlite3.DatabaseError as error:
        _LOG.error("checkpoints_begun_anew", error=str(error), kept_as=_put_aside(path))
    async with aiosqlite.connect(path) as connection:
        saver = AsyncSqliteSaver(connection, serde=strict_serializer())
        await saver.setup()
        await connection.execute("PRAGMA synchronous = NORMAL")

        async def ask(query: str, parameter: str) -> list[str]:
            async with saver.lock, connection.execute(query, (parameter,)) as found:
                return [row[0] for row in await found.fetchall()]

        yield Checkpoints(saver, ask)


def _put_aside(path: Path) -> str:
    """Rename the file and forget what belongs to it; return its new name."""
    aside = path.with_name(f"{path.name}.broken-{int(path.stat().st_mtime)}")
    path.rename(aside)
    for rest in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + rest).unlink(missing_ok=True)
    return aside.name


def _check(path: Path) -> None:
    """Raise sqlite3.DatabaseError for a file that is damaged or no database."""
    with closing(sqlite3.connect(path)) as connection:
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("the file is damaged")


class ProcessLocks:
    """One turn per thread at a time, in this process: a lock per key while anybody wants it."""

    def __init__(self) -> None:
        self._locks = WeakValueDictionary[str, asyncio.Lock]()

    def hold(self, key: str) -> asyncio.Lock:
        """Give what waits for the key and holds it."""
        return self._locks.setdefault(key, asyncio.Lock())
