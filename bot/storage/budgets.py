"""What a model has used, by day and thread: one count for all replicas, kept over restarts."""

from datetime import datetime, timedelta, tzinfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.ports import Clock
from bot.storage.database import Database, insert_once
from bot.storage.tables import model_usage

KEPT = timedelta(days=35)


class SqlSpending:
    """Tokens and calls of a model; a day begins at midnight in `zone`."""

    def __init__(self, database: Database, clock: Clock, zone: tzinfo) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone

    async def spent(self, thread: str) -> tuple[int, int]:
        """Return the tokens used today: (by this thread, by all). Raises StorageError."""
        today = self._day(self._clock())
        return await self._database.read(lambda c: _spent(c, today, thread))

    async def add(self, thread: str, calls: int, tokens: int) -> None:
        """Add to today's count of a thread. Raises StorageError."""
        now = self._clock()
        today, oldest = self._day(now), self._day(now - KEPT)
        await self._database.transact(lambda c: _add(c, (today, thread), (calls, tokens), oldest))

    def _day(self, at: datetime) -> str:
        return at.astimezone(self._zone).date().isoformat()


def _spent(connection: Connection, today: str, thread: str) -> tuple[int, int]:
    mine = sa.case((model_usage.c.thread == thread, model_usage.c.tokens), else_=0)
    query = sa.select(
        sa.func.coalesce(sa.func.sum(mine), 0),
        sa.func.coalesce(sa.func.sum(model_usage.c.tokens), 0),
    ).where(model_usage.c.day == today)
    own, everything = connection.execute(query).one()
    return int(own), int(everything)


def _add(connection: Connection, key: tuple[str, str], used: tuple[int, int], oldest: str) -> None:
    """Count in the row itself, so that replicas that add together lose nothing."""
    (day, thread), (calls, tokens) = key, used
    mine = (model_usage.c.day == day) & (model_usage.c.thread == thread)
    more = (
        sa.update(model_usage)
        .where(mine)
        .values(calls=model_usage.c.calls + calls, tokens=model_usage.c.tokens + tokens)
    )
    if connection.execute(more).rowcount:
        return
    row = {"day": day, "thread": thread, "calls": calls, "tokens": tokens}
    if not insert_once(connection, model_usage, row):
        connection.execute(more)
        return
    connection.execute(sa.delete(model_usage).where(model_usage.c.day < oldest))
