"""What happened since a time: alerts and decisions, for the digest."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.alerts import Investigation
from bot.domain.knowledge import GuideFigures
from bot.domain.proposals import Proposal
from bot.storage import loading
from bot.storage.database import Database
from bot.storage.investigations import investigation_of
from bot.storage.tables import guide_answers, guide_votes, investigations, proposals

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
