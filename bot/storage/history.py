"""What happened since a time: alerts and decisions, for the digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.alerts import Investigation
from bot.domain.knowledge import GuideFigures
from bot.domain.proposals import Proposal, ProposalState, TargetState
from bot.ports import Clock
from bot.storage import proposal_rows as loading
from bot.storage.database import Database
from bot.storage.inbox import DONE
from bot.storage.investigations import investigation_of
from bot.storage.outbox import owed_rows
from bot.storage.tables import (
    desk,
    guide_answers,
    guide_votes,
    inbox,
    investigations,
    outbox,
    proposals,
    targets,
)

MOST = 200


class SqlHistory:
    """Reads the past from our rows; newest first, at most 200."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def investigations(self, since: datetime) -> tuple[Investigation, ...]:
        """Return investigations opened since then, or still open."""
        recent = (investigations.c.opened_at >= since) | investigations.c.closed_at.is_(None)
        query = (
            sa.select(investigations)
            .where(recent)
            .order_by(investigations.c.opened_at.desc())
            .limit(MOST)
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(investigation_of(row) for row in rows)

    async def proposals(self, since: datetime) -> tuple[Proposal, ...]:
        """Return proposals made since then."""
        where = proposals.c.created_at >= since
        return await self._database.read(lambda c: loading.load(c, where, MOST))

    async def guides(self, since: datetime) -> GuideFigures:
        """Return how many guide answers were given since then, and the votes on them."""
        return await self._database.read(lambda c: _guides(c, since))


def _guides(connection: Connection, since: datetime) -> GuideFigures:
    asked = (guide_answers.c.noted_at >= since) & (guide_answers.c.page == 0)
    answers = sa.select(sa.func.count()).select_from(guide_answers).where(asked)
    votes = sa.select(guide_votes.c.helpful, sa.func.count()).where(guide_votes.c.at >= since)
    counted: dict[int, int] = {
        row[0]: row[1] for row in connection.execute(votes.group_by(guide_votes.c.helpful))
    }
    count = connection.execute(answers).scalar_one()
    return GuideFigures(count, counted.get(1, 0), counted.get(0, 0))


# What the rows say about how we do, read in one go for the operators' figures.


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
