"""Proposals and targets as rows, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.approvals.model import KILL_WINDOW
from bot.domain.applications import ApplicationRef
from bot.domain.language import Language
from bot.domain.proposals import Proposal, ProposalState, Target, TargetState, Vote, snapshot
from bot.storage.tables import attempts, audit, cards, proposals, targets, votes

Row = Mapping[str, Any]
UNTOLD = datetime.fromtimestamp(0, UTC)  # stands for a start that the cluster does not tell
PLAIN = (
    "id",
    "team",
    "channel",
    "thread_ts",
    "requester",
    "alert_key",
    "digest",
    "approvals_required",
    "created_at",
    "listed_at",
    "expires_at",
    "decided_at",
    "finished_at",
    "cpu_before",
    "cpu_after",
)
OVER = {ProposalState.DENIED, ProposalState.EXPIRED, ProposalState.CANCELLED, ProposalState.DONE}


def proposal_row(proposal: Proposal) -> dict[str, Any]:
    """Return the columns that the proposal itself decides."""
    row: dict[str, Any] = {name: getattr(proposal, name) for name in PLAIN}
    return row | {
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


def proposal_of(
    row: Row, targets: Sequence[Row], votes: Sequence[Row], card: str | None
) -> Proposal:
    """Return the proposal that rows tell of."""
    return Proposal(
        **{name: row[name] for name in PLAIN},
        language=Language(row["language"]),
        state=ProposalState(row["state"]),
        dry_run=bool(row["dry_run"]),
        relaunched=tuple(row["relaunched"]),
        audit_head=row["audit_head"],
        targets=tuple(_target(each) for each in targets),
        votes=tuple(Vote(each["user"], bool(each["approve"]), each["at"]) for each in votes),
        card_ts=card,
    )


def _target(row: Row) -> Target:
    frozen = row["snapshot"]
    return Target(
        ref=ApplicationRef(frozen["cluster"], frozen["backend"], frozen["id"]),
        attempt=frozen["attempt"],
        name=frozen["name"],
        user=frozen["user"],
        queue=frozen["queue"],
        started_at=frozen["started_at"] and datetime.fromisoformat(frozen["started_at"]),
        cores=frozen["cores"],
        memory=frozen["memory"],
        cores_basis=frozen["cores_basis"],
        share=frozen["share"],
        relief=frozen["relief"],
        state=TargetState(row["state"]),
        reason=row["reason"],
        rank=frozen.get("rank"),
        granted_cores=frozen.get("granted_cores"),
        partly=frozen.get("partly", False),
    )


# Reads proposals with their targets, votes and cards. Statements are built once: they are hot.


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
    row: Row
    votes: Sequence[Row]
    cards: Sequence[Row]
    attempts: Sequence[Row]


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
    proposal = proposal_of(dict(row), part["targets"], part["votes"], _first(part["cards"]))
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
            proposal_of(
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


def _first(found: Sequence[Row]) -> str | None:
    return found[0]["ts"] if found else None


def _grouped(connection: Connection, name: str, ids: Sequence[str]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    if ids:
        query = _PARTS[name].where(_PARTS[name].selected_columns.proposal_id.in_(ids))
        for row in connection.execute(query).mappings():
            groups.setdefault(row["proposal_id"], []).append(dict(row))
    return groups
