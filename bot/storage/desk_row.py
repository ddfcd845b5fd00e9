"""The desk's one row: its lock, its clock that never goes back, and how that clock is mended."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.proposals import ProposalState
from bot.storage import audit
from bot.storage.clock import LARGEST_LEAD
from bot.storage.database import Store
from bot.storage.tables import MICROSECOND, Moment, attempts, desk, proposals, votes

OPEN = (ProposalState.PENDING.value, ProposalState.CLAIMED.value)


def lock(connection: Connection, now: datetime) -> tuple[datetime, bool]:
    """Take the desk's lock; return its clock, which never goes back, and the freeze switch."""
    later = sa.case((desk.c.seen < now, sa.literal(now, Moment())), else_=desk.c.seen)
    row = connection.execute(
        sa.update(desk).values(seen=later).returning(desk.c.seen, desk.c.frozen)
    ).one()
    return row.seen, bool(row.frozen)


def set_right(
    connection: Connection, now: datetime, wall: datetime, *, shared: bool
) -> timedelta | None:
    """Bring the desk's time back from `now` to the wall's, with what is open; return by how much.

    Everything open is moved together: no card gains or loses a second. None when another replica
    did so before: each notes the desk's time whenever it sweeps.
    """
    held = connection.execute(sa.update(desk).values(seen=desk.c.seen).returning(desk.c.seen))
    seen = held.scalar_one()
    if shared and seen - wall <= LARGEST_LEAD:
        return None
    lead: timedelta = max(seen, now) - wall
    back = int(lead / MICROSECOND)
    moving = sa.or_(proposals.c.state.in_(OPEN), proposals.c.watching == 1)
    ids = sa.select(proposals.c.id).where(moving)
    dated = {
        votes: (votes.c.proposal_id.in_(ids), ["at"]),
        attempts: (
            sa.or_(attempts.c.proposal_id.in_(ids), attempts.c.calling_at > wall),
            ["calling_at"],
        ),
        proposals: (
            moving,
            ["created_at", "expires_at", "decided_at", "finished_at", "lease_until"],
        ),
    }
    for table, (which, names) in dated.items():
        earlier = {name: _micros(table.c[name]) - back for name in names}
        connection.execute(sa.update(table).where(which).values(**earlier))
    connection.execute(sa.update(desk).values(seen=wall))
    seconds = round(lead.total_seconds())
    audit.append(connection, wall, audit.Event("", "clock_set_right", "bot", {"seconds": seconds}))
    return lead


def _micros(column: sa.Column[Any]) -> sa.ColumnElement[int]:
    """Return a moment's column as the number it is kept as."""
    return sa.type_coerce(column, sa.BigInteger)


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
