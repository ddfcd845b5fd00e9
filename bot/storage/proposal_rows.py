"""Proposals and targets as rows, and back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.domain.applications import ApplicationRef
from bot.domain.kill_cards import snapshot
from bot.domain.language import Language
from bot.domain.proposals import Proposal, ProposalState, Target, TargetState, Vote

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
