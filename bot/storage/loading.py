"""Reads proposals with their targets, votes and cards. Statements are built once: they are hot."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.approvals.model import KILL_WINDOW
from bot.domain.proposals import Proposal, ProposalState, TargetState
from bot.storage import proposal_rows as rows
from bot.storage.tables import attempts, audit, cards, proposals, targets, votes

_PARTS = {
    "targets": sa.select(targets).order_by(targets.c.position),
    "votes": sa.select(votes).order_by(votes.c.at, votes.c.user),
    "cards": sa.select(cards).order_by(cards.c.ts),
    "attempts": sa.select(attempts).order_by(attempts.c.position),
}
_ID: sa.BindParameter[str] = sa.bindparam("proposal_id", type_=sa.Text())
_ONE = sa.select(proposals).where(proposals.c.id == _ID)
_OF_ONE = {
    name: query.where(query.selected_columns.proposal_id == _ID) for name, query in _PARTS.items()
}
_LAST_EVENT = (
    sa.select(audit.c.event, audit.c.actor)
    .where(audit.c.proposal_id == _ID)
    .order_by(audit.c.seq.desc())
    .limit(1)
)
_BEGUN = sa.select(sa.func.count()).where(
    attempts.c.cluster.in_(sa.bindparam("clusters", expanding=True)),
    attempts.c.calling_at > sa.bindparam("since"),
    attempts.c.proposal_id != _ID,
)
_PROMISED = (
    sa.select(sa.func.count())
    .select_from(targets.join(proposals, targets.c.proposal_id == proposals.c.id))
    .where(
        proposals.c.state == ProposalState.CLAIMED.value,
        proposals.c.id != _ID,
        targets.c.cluster.in_(sa.bindparam("clusters", expanding=True)),
        targets.c.state == TargetState.WAITING.value,
    )
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A proposal with the columns and rows that only the desk's rules need."""

    proposal: Proposal
    row: rows.Row
    votes: Sequence[rows.Row]
    cards: Sequence[rows.Row]
    attempts: Sequence[rows.Row]


def load_one(connection: Connection, proposal_id: str) -> Stored | None:
    """Return a proposal with all its rows, None when there is none with this id."""
    key = {"proposal_id": proposal_id}
    row = connection.execute(_ONE, key).mappings().first()
    if row is None:
        return None
    part = {
        name: [dict(each) for each in connection.execute(query, key).mappings()]
        for name, query in _OF_ONE.items()
    }
    proposal = rows.proposal_of(dict(row), part["targets"], part["votes"], _first(part["cards"]))
    return Stored(
        _with_end(connection, proposal),
        dict(row),
        part["votes"],
        part["cards"],
        part["attempts"],
    )


def load(
    connection: Connection, where: sa.ColumnElement[bool], limit: int | None
) -> tuple[Proposal, ...]:
    """Return the proposals that fit, newest first."""
    query = sa.select(proposals).where(where).order_by(proposals.c.number.desc()).limit(limit)
    found = connection.execute(query).mappings().all()
    ids = [row["id"] for row in found]
    part = {name: _grouped(connection, name, ids) for name in ("targets", "votes", "cards")}
    return tuple(
        _with_end(
            connection,
            rows.proposal_of(
                dict(row),
                part["targets"].get(row["id"], ()),
                part["votes"].get(row["id"], ()),
                _first(part["cards"].get(row["id"], ())),
            ),
        )
        for row in found
    )


def _with_end(connection: Connection, proposal: Proposal) -> Proposal:
    """Add who cancelled a proposal and why, as the audit tells."""
    if proposal.state is not ProposalState.CANCELLED:
        return proposal
    row = connection.execute(_LAST_EVENT, {"proposal_id": proposal.id}).first()
    return proposal if row is None else replace(proposal, ended_why=row.event, ended_by=row.actor)


def recent_kills(connection: Connection, proposal: Proposal, now: datetime) -> int:
    """Count other kills begun lately on these clusters, and those approved but not begun."""
    clusters = sorted({target.ref.cluster for target in proposal.targets})
    key: dict[str, Any] = {"proposal_id": proposal.id, "clusters": clusters}
    begun = connection.scalar(_BEGUN, key | {"since": now - KILL_WINDOW})
    return int(begun or 0) + int(connection.scalar(_PROMISED, key) or 0)


def _first(found: Sequence[rows.Row]) -> str | None:
    return found[0]["ts"] if found else None


def _grouped(connection: Connection, name: str, ids: Sequence[str]) -> dict[str, list[rows.Row]]:
    groups: dict[str, list[rows.Row]] = {}
    if ids:
        query = _PARTS[name].where(_PARTS[name].selected_columns.proposal_id.in_(ids))
        for row in connection.execute(query).mappings():
            groups.setdefault(row["proposal_id"], []).append(dict(row))
    return groups
