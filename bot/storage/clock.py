"""The time that rows are written with, one clock for all replicas, and leases on rows by it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage.database import Database
from bot.storage.tables import inbox, outbox, proposals, runs

if TYPE_CHECKING:  # it brings every room's values, and the emergency stop waits for them
    from bot.ports import Clock

LARGEST_LEAD = timedelta(seconds=30)


class SharedClock:
    """Tells our own time until `measure` has asked the server, then the server's.

    Replicas whose machines disagree thus agree on when a card expires and a lease ends.
    """

    def __init__(self, wall: "Clock") -> None:
        self._wall = wall
        self._offset = timedelta(0)

    def __call__(self) -> datetime:
        """Return the time that every replica of one database tells."""
        return self._wall() + self._offset

    async def measure(self, database: Database) -> None:
        """Ask a server that several replicas share for its time. Raises StorageError."""
        if not database.shared:
            return
        before = self._wall()
        query = sa.select(sa.func.clock_timestamp())
        there: datetime = await database.read(lambda c: c.execute(query).scalar_one())
        self._offset = there - (before + (self._wall() - before) / 2)


class SteadyClock:
    """Tells `wall` time; when that is set back, it goes on from where it was.

    `ticks` counts seconds and never steps. Without this a clock set back by an hour would give
    every open card another hour.
    """

    def __init__(self, wall: "Clock", ticks: Callable[[], float]) -> None:
        self.wall = wall
        self._ticks = ticks
        self._ahead = timedelta(0)
        self._last: tuple[datetime, float] = (wall(), ticks())

    def __call__(self) -> datetime:
        """Return the time, never earlier than any time told before."""
        wall, tick = self.wall(), self._ticks()
        last_wall, last_tick = self._last
        if wall < last_wall:
            passed = timedelta(seconds=max(tick - last_tick, 0.0))
            self._ahead += last_wall + passed - wall
        self._last = (wall, tick)
        return wall + self._ahead

    def learn(self, seen: datetime) -> None:
        """Catch up with a time that the database, or another replica, has reached already."""
        behind = seen - self()
        if behind > timedelta(0):
            self._ahead += behind

    def runs_ahead(self) -> bool:
        """Tell whether it is so far ahead of the wall that the wall must have been set back."""
        self()
        return self._ahead > LARGEST_LEAD

    def set_right(self) -> None:
        """Tell the wall's time again, once whatever was dated by this clock has been moved."""
        self._ahead = timedelta(0)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who takes rows, and for how long; another may take them once that is over."""

    owner: str
    duration: timedelta = timedelta(seconds=60)

    def free(self, table: sa.Table, now: datetime) -> sa.ColumnElement[bool]:
        """Return the condition that a row is under nobody's lease.

        One that ends later than any lease taken now was taken by a clock since set back.
        """
        until = table.c.lease_until
        return sa.or_(until.is_(None), until <= now, until > now + self.duration + LARGEST_LEAD)

    def taken(self, now: datetime) -> dict[str, Any]:
        """Return the columns of a row that is taken now."""
        return {"owner": self.owner, "lease_until": now + self.duration}


RELEASED: dict[str, Any] = {"owner": None, "lease_until": None}


async def forget_leases(database: Database) -> None:
    """Free what a dead process held, at once: for the one process of a SQLite file, at its start.

    With PostgreSQL other replicas may be alive, so nothing is done and their leases run out.
    """
    if database.shared:
        return

    def work(connection: Connection) -> None:
        for table in (inbox, outbox):
            held = table.c.owner.is_not(None)
            connection.execute(sa.update(table).where(held).values(**RELEASED))
        held = proposals.c.lease_until.is_not(None)
        connection.execute(sa.update(proposals).where(held).values(lease_until=None))
        running = runs.c.state == "running"
        connection.execute(sa.update(runs).where(running).values(state="failed"))

    await database.transact(work)
