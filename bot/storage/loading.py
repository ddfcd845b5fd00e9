"""Reads proposals with their targets, votes and cards, in four statements however many there are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.proposals import Proposal, ProposalState
from bot.kill_rules import KILL_WINDOW
from bot.storage import rows
from bot.storage.tables import attempts, cards, proposals, targets, votes


def recent_kills(connection: Connection, proposal: Proposal, now: datetime) -> int:
    """Count other kills begun lately on these clusters, and those approved but not begun."""
    clusters = {target.ref.cluster for target in proposal.targets}
    begun = sa.select(sa.func.count()).where(
        attempts.c.cluster.in_(clusters),
        attempts.c.calling_at > now - KILL_WINDOW,
        attempts.c.proposal_id != proposal.id,
    )
    promised = (
        sa.select(sa.func.count())
        .select_from(targets.join(proposals, targets.c.proposal_id == proposals.c.id))
        .where(
            proposals.c.state == ProposalState.CLAIMED.value,
            proposals.c.id != proposal.id,
            targets.c.cluster.in_(clusters),
            targets.c.state == "waiting",
        )
    )
    return int(connection.scalar(begun) or 0) + int(connection.scalar(promised) or 0)


def column(
    connection: Connection, column: sa.Column[Any], where: sa.ColumnElement[bool]
) -> list[Any]:
    return list(connection.scalars(sa.select(column).where(where)))


def load_one(connection: Connection, proposal_id: str) -> Proposal | None:
    return next(iter(load(connection, proposals.c.id == proposal_id, 1)), None)


def load(
    connection: Connection, where: sa.ColumnElement[bool], limit: int | None
) -> tuple[Proposal, ...]:
    order = (proposals.c.created_at.desc(), proposals.c.audit_head.desc())
    query = sa.select(proposals).where(where).order_by(*order).limit(limit)
    found = connection.execute(query).mappings().all()
    ids = [row["id"] for row in found]
    parts = {
        table.name: _grouped(connection, table, order_by, ids)
        for table, order_by in ((targets, "position"), (votes, "at"), (cards, "ts"))
    }
    return tuple(
        rows.proposal_of(
            dict(row),
            parts["targets"].get(row["id"], ()),
            parts["votes"].get(row["id"], ()),
            next((each["ts"] for each in parts["cards"].get(row["id"], ())), None),
        )
        for row in found
    )


def _grouped(
    connection: Connection, table: sa.Table, order_by: str, ids: Sequence[str]
) -> dict[str, list[rows.Row]]:
    groups: dict[str, list[rows.Row]] = {}
    if ids:
        query = sa.select(table).where(table.c.proposal_id.in_(ids)).order_by(table.c[order_by])
        for row in connection.execute(query).mappings():
            groups.setdefault(row["proposal_id"], []).append(dict(row))
    return groups
