"""Watches in the database; each is told once, or ends."""

import sqlalchemy as sa
from pydantic import TypeAdapter

from bot.domain.watches import Watch
from bot.ports import Clock
from bot.storage.database import Database, insert_once
from bot.storage.tables import watches

WATCH = TypeAdapter(Watch)
OPEN = "open"
MOST = 1000  # looked at in one round


class SqlWatches:
    """Open watches, and what became of the others."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def add(self, watch: Watch) -> None:
        """Keep a watch; one that is there already stays as it is."""
        row = {
            "id": watch.id,
            "channel": watch.channel,
            "thread_ts": watch.thread_ts,
            "watch": WATCH.dump_python(watch, mode="json"),
            "state": OPEN,
            "changed_at": self._clock(),
        }
        await self._database.transact(lambda c: insert_once(c, watches, row))

    async def open(self) -> tuple[Watch, ...]:
        """Return every open watch, the oldest first."""
        return await self._found(watches.c.state == OPEN)

    async def in_thread(self, channel: str, thread_ts: str) -> tuple[Watch, ...]:
        """Return a thread's open watches, the oldest first."""
        here = (watches.c.channel == channel) & (watches.c.thread_ts == thread_ts)
        return await self._found(here & (watches.c.state == OPEN))

    async def close(self, id_: str, state: str) -> bool:
        """End an open watch as told, cancelled or expired; False when it was over before."""
        mine = (watches.c.id == id_) & (watches.c.state == OPEN)
        change = sa.update(watches).where(mine).values(state=state, changed_at=self._clock())
        return await self._database.transact(lambda c: c.execute(change).rowcount == 1)

    async def _found(self, where: sa.ColumnElement[bool]) -> tuple[Watch, ...]:
        query = sa.select(watches.c.watch).where(where).order_by(watches.c.changed_at).limit(MOST)
        rows = await self._database.read(lambda c: c.execute(query).scalars().all())
        return tuple(WATCH.validate_python(row) for row in rows)
