"""Proposals and targets as rows, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.approvals.model import KILL_WINDOW
from bot.domain.applications import ApplicationRef
from bot.domain.language import Language
from bot.domain.proposals import Proposal, ProposalState, Target, TargetState, Vote, snapshot
from bot.storage.audit import Event, append
from bot.storage.clock import LARGEST_LEAD
from bot.storage.tables import (
    MICROSECOND,
    attempts,
    audit,
    cards,
    desk,
    proposals,
    targets,
    votes,
)

Row = Mapping[str, Any]
UNTOLD = datetime.fromtimestamp(0, UTC)  # stands for a start that the cluster does not tell
CONVERTED = {"language", "state", "dry_run", "relaunched", "audit_head"}
PLAIN = {field.name for field in fields(Proposal)} & set(proposals.c.keys()) - CONVERTED
OPEN = (ProposalState.PENDING.value, ProposalState.CLAIMED.value)
OVER = {ProposalState.DENIED, ProposalState.EXPIRED, ProposalState.CANCELLED, ProposalState.DONE}


def proposal_row(proposal: Proposal) -> dict[str, Any]:
    """Return the columns that the proposal itself decides."""
    return {name: getattr(proposal, name) for name in PLAIN} | {
        "language": proposal.language.value,
        "state": proposal.state.value,
        "dry_run": int(proposal.dry_run),
        "relaunched": list(proposal.relaunched),
    }


def target_row(proposal: Proposal, position: int) -> dict[str, Any]:
    """Return one target's row."""
    target = proposal.targets[position]
    return {
        "proposal_id": proposal.id,
        "position": position,
        "cluster": target.ref.cluster,
        "backend": target.ref.backend,
        "application_id": target.ref.id,
        "started_at": target.started_at or UNTOLD,  # the index that keeps one open wants a value
        "snapshot": snapshot(target) | {"rank": target.rank},  # the digest is of the rest
        "state": target.state.value,
        "reason": target.reason,
        "open": int(proposal.state not in OVER and not target.state.final),
    }


def _proposal(row: Row, part: Mapping[str, Sequence[Row]]) -> Proposal:
    return Proposal(
        **{name: row[name] for name in PLAIN},
        language=Language(row["language"]),
        state=ProposalState(row["state"]),
        dry_run=bool(row["dry_run"]),
        relaunched=tuple(row["relaunched"]),
        audit_head=row["audit_head"],
        targets=tuple(_target(each) for each in part["targets"]),
        votes=tuple(
            Vote(each["user"], bool(each["approve"]), each["at"]) for each in part["votes"]
        ),
        card_ts=next((each["ts"] for each in part["cards"]), None),
    )


def _target(row: Row) -> Target:
    frozen = dict(row["snapshot"])
    ref = ApplicationRef(*(frozen.pop(name) for name in ("cluster", "backend", "id")))
    began = frozen.pop("started_at")
    return Target(
        ref=ref,
        started_at=began and datetime.fromisoformat(began),
        state=TargetState(row["state"]),
        reason=row["reason"],
        **frozen,
    )


# Reads proposals with their targets, votes, cards and attempts.


_PARTS = {
    "targets": sa.select(targets).order_by(targets.c.position),
    "votes": sa.select(votes).order_by(votes.c.at, votes.c.user),
    "cards": sa.select(cards).order_by(cards.c.ts),
    "attempts": sa.select(attempts).order_by(attempts.c.position),
}
_ID: sa.BindParameter[str] = sa.bindparam("proposal_id", type_=sa.Text())
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
    """A proposal with its row, and the rows of its parts by table: the desk's rules need them."""

    proposal: Proposal
    row: Row
    part: Mapping[str, Sequence[Row]]


def load_one(connection: Connection, proposal_id: str) -> Stored | None:
    """Return a proposal with all its rows, None when there is none with this id."""
    found = _load(connection, proposals.c.id == proposal_id, 1)
    return found[0] if found else None


def load(
    connection: Connection, where: sa.ColumnElement[bool], limit: int | None
) -> tuple[Proposal, ...]:
    """Return the proposals that fit, newest first."""
    return tuple(each.proposal for each in _load(connection, where, limit))


def _load(connection: Connection, where: sa.ColumnElement[bool], limit: int | None) -> list[Stored]:
    query = sa.select(proposals).where(where).order_by(proposals.c.number.desc()).limit(limit)
    found = [dict(row) for row in connection.execute(query).mappings()]
    parts = {name: _grouped(connection, name, [row["id"] for row in found]) for name in _PARTS}
    stored = []
    for row in found:
        part = {name: groups.get(row["id"], []) for name, groups in parts.items()}
        proposal = _with_end(connection, _proposal(row, part))
        stored.append(Stored(proposal, row, part))
    return stored


def _with_end(connection: Connection, proposal: Proposal) -> Proposal:
    """Add who cancelled a proposal and why, as the audit tells."""
    if proposal.state is not ProposalState.CANCELLED:
        return proposal
    event, actor = connection.execute(_LAST_EVENT, {"proposal_id": proposal.id}).one()
    return replace(proposal, ended_why=event, ended_by=actor)


def recent_kills(connection: Connection, proposal: Proposal, now: datetime) -> int:
    """Count other kills begun lately on these clusters, and those approved but not begun."""
    clusters = sorted({target.ref.cluster for target in proposal.targets})
    key: dict[str, Any] = {"proposal_id": proposal.id, "clusters": clusters}
    begun = connection.scalar(_BEGUN, key | {"since": now - KILL_WINDOW})
    return int(begun or 0) + int(connection.scalar(_PROMISED, key) or 0)


def _grouped(connection: Connection, name: str, ids: Sequence[str]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    if ids:
        query = _PARTS[name].where(_PARTS[name].selected_columns.proposal_id.in_(ids))
        for row in connection.execute(query).mappings():
            groups.setdefault(row["proposal_id"], []).append(dict(row))
    return groups


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
    append(connection, wall, Event("", "clock_set_right", "bot", {"seconds": seconds}))
    return lead


def _micros(column: sa.Column[Any]) -> sa.ColumnElement[int]:
    """Return a moment's column as the number it is kept as."""
    return sa.type_coerce(column, sa.BigInteger)
