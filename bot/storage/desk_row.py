"""The desk's one row: its lock, its clock that never goes back, and the freeze switch.

The emergency stop waits for what is imported here, so it is no more than that takes.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage import audit
from bot.storage.database import Store
from bot.storage.tables import Moment, desk


def lock(connection: Connection, now: datetime) -> tuple[datetime, bool]:
    """Take the desk's lock; return its clock, which never goes back, and the freeze switch."""
    later = sa.case((desk.c.seen < now, sa.literal(now, Moment())), else_=desk.c.seen)
    row = connection.execute(
        sa.update(desk).values(seen=later).returning(desk.c.seen, desk.c.frozen)
    ).one()
    return row.seen, bool(row.frozen)


class SqlTrail(Store):
    """Adds entries to the trail that are of no proposal."""

    async def note(self, event: str, actor: str, detail: Mapping[str, Any]) -> None:
        """Add one. Raises StorageError."""
        now = self._clock()

        def work(connection: Connection) -> None:
            seen, _ = lock(connection, now)
            audit.append(connection, seen, audit.Event("", event, actor, detail))

        await self._database.transact(work)


# The freeze switch: while it is on nothing is killed, whatever was approved.


class SqlFreeze(Store):
    """The switch in the desk's row: it is read in the transaction in which a call begins."""

    async def on(self) -> bool:
        """Tell whether kills are stopped."""
        query = sa.select(desk.c.frozen)
        return bool(await self._database.read(lambda c: c.scalar(query)))

    async def turn(self, *, on: bool, actor: str) -> bool:
        """Stop all kills, or lift that; False when it was so already. The trail says who did."""
        now = self._clock()

        def work(connection: Connection) -> bool:
            seen, frozen = lock(connection, now)
            if frozen == on:
                return False
            connection.execute(sa.update(desk).values(frozen=int(on)))
            name = "freeze_on" if on else "freeze_off"
            audit.append(connection, seen, audit.Event("", name, actor, {}))
            return True

        return await self._database.transact(work)
