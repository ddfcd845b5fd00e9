"""What threads remember is forgotten with their rows, on SQLite and on PostgreSQL."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from langgraph.checkpoint.base import empty_checkpoint

from bot.storage.checkpoints import Checkpoints, _id_at, open_sqlite_checkpoints
from bot.storage.sharing import open_postgres_threads

DAY = timedelta(days=1)


async def _remember(kept: Checkpoints, thread: str, at: datetime) -> None:
    checkpoint = empty_checkpoint()
    checkpoint["id"] = f"{_id_at(at)}-6000-8000-000000000000"
    config: Any = {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}
    await kept.saver.aput(config, checkpoint, {}, {})


async def test_a_thread_nobody_wrote_in_for_long_is_forgotten(database_address: str) -> None:
    """Its newest word counts, not its first; a second look finds nothing more."""
    now = datetime.now(UTC)
    async with AsyncExitStack() as stack:
        if "://" in database_address:
            kept, _ = await stack.enter_async_context(open_postgres_threads(database_address))
        else:
            path = Path(database_address).with_name("checkpoints.db")
            kept = await stack.enter_async_context(open_sqlite_checkpoints(path))
        for thread, at in (("old", 91), ("old", 200), ("busy", 200), ("busy", 1)):
            await _remember(kept, thread, now - at * DAY)
        assert await kept.forget_idle(90 * DAY) == 1
        assert await kept.forget_idle(90 * DAY) == 0
        left = [
            await kept.saver.aget_tuple({"configurable": {"thread_id": thread}})
            for thread in ("old", "busy")
        ]
    assert [each is not None for each in left] == [False, True]
