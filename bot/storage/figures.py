"""What the rows say about how we do, read in one go for the operators' figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.proposals import ProposalState, TargetState
from bot.ports import Clock
from bot.storage.database import Database
from bot.storage.inbox import DONE
from bot.storage.outbox import owed_rows
from bot.storage.tables import desk, inbox, outbox, proposals, targets


@dataclass(frozen=True, slots=True)
class RowFigures:
    """Rows that wait and the age in seconds of the oldest, by where; cards by state; the switch.

    `needs_human` counts cards that ask a person to look, also those that do so for long.
    """

    waiting: Mapping[str, int]
    oldest: Mapping[str, float]
    cards: Mapping[str, int]
    needs_human: int
    frozen: bool


class SqlFigures:
    """Reads the figures."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def read(self) -> RowFigures:
        """Return the figures as of now. Raises StorageError."""
        now = self._clock()
        return await self._database.read(lambda connection: _read(connection, now))


def _read(connection: Connection, now: datetime) -> RowFigures:
    came = sa.select(sa.func.count(), sa.func.min(inbox.c.received_at)).where(inbox.c.state != DONE)
    wait = sa.select(sa.func.count(), sa.func.min(outbox.c.changed_at)).where(outbox.c.open == 1)
    waiting, oldest = {}, {}
    for where, query in (("inbox", came), ("outbox", wait)):
        count, since = connection.execute(query).one()
        waiting[where] = int(count)
        oldest[where] = max(0.0, (now - since).total_seconds()) if since else 0.0
    owed = sa.select(sa.func.count()).select_from(outbox).where(owed_rows())
    waiting["owed"], oldest["owed"] = int(connection.scalar(owed) or 0), 0.0
    states = sa.select(proposals.c.state, sa.func.count()).group_by(proposals.c.state)
    counted = {str(state): int(count) for state, count in connection.execute(states)}
    human = sa.select(sa.func.count(sa.distinct(targets.c.proposal_id))).where(
        targets.c.state == TargetState.NEEDS_HUMAN.value
    )
    return RowFigures(
        waiting,
        oldest,
        {state.value: counted.get(state.value, 0) for state in ProposalState},
        int(connection.scalar(human) or 0),
        bool(connection.scalar(sa.select(desk.c.frozen))),
    )
