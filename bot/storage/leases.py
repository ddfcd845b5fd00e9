"""Leases on rows: work a replica took, and that another may take once the time is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage.clock import LARGEST_LEAD
from bot.storage.database import Database
from bot.storage.tables import inbox, outbox, proposals, runs


@dataclass(frozen=True, slots=True)
class Lease:
    """Who takes rows, and for how long."""

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
