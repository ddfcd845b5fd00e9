"""Investigations, one open per alert group and channel, and the threads the bot takes part in."""

import hashlib
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.alerts import Alert, Investigation
from bot.ports import Clock
from bot.storage.database import Database, insert_once
from bot.storage.tables import investigations, threads

FORGOTTEN = timedelta(hours=12)  # without a repeat; the resolved post never came


class SqlInvestigations:
    """Investigations in the database; see bot.ports.Investigations.

    Asking twice for the same post gives the same answer: its first reply may have been lost.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def open(self, alert: Alert) -> tuple[Investigation, bool]:
        """Return the group's open investigation, counting a repeat; True when this post opened it."""
        return await self._database.transact(lambda c: self._open(c, alert))

    async def close(self, alert: Alert) -> Investigation | None:
        """Close the group's open investigation; None when there is none."""
        return await self._database.transact(lambda c: self._close(c, alert))

    async def join(self, channel: str, thread_ts: str) -> None:
        """Remember that the bot takes part in a thread."""
        row = {"channel": channel, "thread_ts": thread_ts, "joined_at": self._clock()}
        if not await self.joined(channel, thread_ts):
            await self._database.transact(lambda c: insert_once(c, threads, row))

    async def joined(self, channel: str, thread_ts: str) -> bool:
        """Tell whether the bot takes part in a thread."""
        query = sa.select(threads.c.joined_at).where(
            threads.c.channel == channel, threads.c.thread_ts == thread_ts
        )
        return await self._database.read(lambda c: c.execute(query).first() is not None)

    def _open(self, connection: Connection, alert: Alert) -> tuple[Investigation, bool]:
        row = self._current(connection, alert)
        if row is not None and row.last_at < alert.posted_at - FORGOTTEN:
            self._end(connection, row.id, alert)
            row = None
        if row is None:
            mine = investigations.c.id == _id(alert)
            if not insert_once(connection, investigations, _new(alert)):
                # Opened by this very post and closed since, or opened by another replica just now.
                row = connection.execute(sa.select(investigations).where(mine)).first()
                row = row or self._current(connection, alert)
            else:
                row = connection.execute(sa.select(investigations).where(mine)).one()
        if alert.ts not in {row.opened_by, row.last_ts}:
            row = self._count(connection, row.id, alert)
        return _investigation(row), row.opened_by == alert.ts

    def _current(self, connection: Connection, alert: Alert) -> Any:
        query = (
            sa.select(investigations)
            .where(
                investigations.c.channel == alert.channel,
                investigations.c.alert_key == alert.key,
                investigations.c.closed_at.is_(None),
            )
            .with_for_update()
        )
        return connection.execute(query).first()

    def _count(self, connection: Connection, id_: str, alert: Alert) -> Any:
        mine = investigations.c.id == id_
        values = {
            "repeats": investigations.c.repeats + 1,
            "last_ts": alert.ts,
            "last_at": alert.posted_at,
        }
        connection.execute(sa.update(investigations).where(mine).values(**values))
        return connection.execute(sa.select(investigations).where(mine)).one()

    def _close(self, connection: Connection, alert: Alert) -> Investigation | None:
        row = self._current(connection, alert)
        if row is not None:
            self._end(connection, row.id, alert)
        closed_by_it = (
            (investigations.c.channel == alert.channel)
            & (investigations.c.alert_key == alert.key)
            & (investigations.c.closed_by == alert.ts)
        )
        ended = connection.execute(sa.select(investigations).where(closed_by_it)).first()
        return _investigation(ended) if ended is not None else None

    def _end(self, connection: Connection, id_: str, alert: Alert) -> None:
        values = {"closed_at": self._clock(), "closed_by": alert.ts}
        connection.execute(
            sa.update(investigations).where(investigations.c.id == id_).values(**values)
        )


def _id(alert: Alert) -> str:
    text = f"{alert.channel}\0{alert.key}\0{alert.ts}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _new(alert: Alert) -> dict[str, Any]:
    return {
        "id": _id(alert),
        "alert_key": alert.key,
        "channel": alert.channel,
        "thread_ts": alert.thread_ts,
        "opened_at": alert.posted_at,
        "opened_by": alert.ts,
        "last_ts": alert.ts,
        "last_at": alert.posted_at,
        "repeats": 1,
    }


def _investigation(row: Any) -> Investigation:
    return Investigation(
        id=row.id,
        alert_key=row.alert_key,
        channel=row.channel,
        thread_ts=row.thread_ts,
        opened_at=row.opened_at,
        repeats=row.repeats,
        closed_at=row.closed_at,
    )
