"""Scheduled work: each slot is claimed once, whatever the number of replicas."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.ports import Clock
from bot.storage.database import Database, insert_once
from bot.storage.leases import Lease
from bot.storage.tables import runs

RUNNING, DONE, FAILED = "running", "done", "failed"
MOST_TRIES = 3


class SqlRuns:
    """Slots of scheduled work, such as `digest` at `2026-01-05T09:00+09:00`."""

    def __init__(self, database: Database, clock: Clock, lease: Lease) -> None:
        self._database = database
        self._clock = clock
        self._lease = lease

    async def claim(self, name: str, slot: str) -> bool:
        """Take a slot; False when it is done, or under another's lease.

        A slot whose holder died or failed may be taken again, 3 times in all.
        """
        now = self._clock()
        return await self._database.transact(lambda c: self._claim(c, name, slot, now))

    async def done(self, name: str, slot: str) -> None:
        """Note that the slot's work is done; nobody takes it again."""
        await self._end(name, slot, DONE)

    async def failed(self, name: str, slot: str) -> None:
        """Give the slot back after a failure."""
        await self._end(name, slot, FAILED)

    def _claim(self, connection: Connection, name: str, slot: str, now: datetime) -> bool:
        row = {"name": name, "slot": slot, "state": RUNNING, "tries": 1, **self._lease.taken(now)}
        if insert_once(connection, runs, row):
            return True
        again = (
            (runs.c.name == name)
            & (runs.c.slot == slot)
            & (runs.c.tries < MOST_TRIES)
            & sa.or_(
                runs.c.state == FAILED, (runs.c.state == RUNNING) & (runs.c.lease_until <= now)
            )
        )
        values = {**self._lease.taken(now), "state": RUNNING, "tries": runs.c.tries + 1}
        return connection.execute(sa.update(runs).where(again).values(**values)).rowcount == 1

    async def _end(self, name: str, slot: str, state: str) -> None:
        mine = (runs.c.name == name) & (runs.c.slot == slot) & (runs.c.owner == self._lease.owner)
        await self._database.transact(
            lambda c: c.execute(sa.update(runs).where(mine).values(state=state))
        )
