"""Proposals: operations waiting for a person's decision, and what came of them."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.domain.applications import Application, ApplicationRef, Shared
from bot.domain.cluster import ClusterMetrics
from bot.domain.conversation import API
from bot.domain.core_usage import freed_cores
from bot.domain.language import Language
from bot.domain.protection import shared_service


class ProposalState(StrEnum):
    """A proposal's life as a whole; each target's own life is `TargetState`."""

    PENDING = "pending"
    DENIED = "denied"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    CLAIMED = "claimed"  # approved and being carried out
    DONE = "done"  # every target has a final state


class TargetState(StrEnum):
    """One target's life after approval. Final: all but WAITING, CALLING, ACCEPTED, UNKNOWN."""

    WAITING = "waiting"
    CALLING = "calling"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    REJECTED = "rejected"
    GONE = "gone"
    ABORTED = "aborted"
    NEEDS_HUMAN = "needs_human"

    @property
    def final(self) -> bool:
        """True when nothing more will happen to the target."""
        return self not in {
            TargetState.WAITING,
            TargetState.CALLING,
            TargetState.ACCEPTED,
            TargetState.UNKNOWN,
        }


@dataclass(frozen=True, slots=True)
class Target:
    """One application as it was when the card was made; the kill is for exactly this identity.

    `share` is its part of the cluster's cores (0 to 1); `relief` the CPU percentage points
    expected back; both None when unknown, as is `memory` (bytes). `cores` are those of
    `cores_basis`; `partly` when they leave out nodes that were not read. `reason` says in a word why a final state came.
    `rank` is its number on the list it was chosen from, None when it was named by itself.
    """

    ref: ApplicationRef
    attempt: int
    name: str
    user: str
    queue: str
    started_at: datetime | None
    cores: float | None
    memory: int | None
    cores_basis: str
    share: float | None = None
    relief: float | None = None
    state: TargetState = TargetState.WAITING
    reason: str = ""
    rank: int | None = None
    granted_cores: float | None = None
    partly: bool = False

    def same_identity(self, application: Application) -> bool:
        """Tell whether the application read now is the one frozen here."""
        return (
            self.ref == application.ref
            and self.attempt == application.attempt
            and self.started_at == application.started_at
            and self.user == application.user
            and self.name == application.name
            and self.queue == application.queue
        )


@dataclass(frozen=True, slots=True)
class DecidingRules:
    """How a card is decided here: who may, how many must, and for how long; ids are Slack's."""

    approvers: tuple[str, ...]
    group: str | None
    required: int
    ttl: timedelta


@dataclass(frozen=True, slots=True)
class ProposalRequest:
    """A wish to kill, resolved to targets by code, before the desk's guards.

    `id` is deterministic (turn and targets), so a repeated turn makes no second card.
    `requester` is a Slack user id, or `system`. `listed_at` is when the list was taken. `moving`
    is the id of a card elsewhere that this one is to take the place of.
    """

    id: str
    team: str
    channel: str
    thread_ts: str
    requester: str
    language: Language
    targets: tuple[Target, ...]
    listed_at: datetime
    before: ClusterMetrics | None = None
    alert_key: str = ""
    moving: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's decision on one proposal."""

    user: str
    approve: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal row as stored: what the card shows is made from this and nothing else.

    `digest` is the SHA-256 of the frozen targets, hex. `cpu_before` and `cpu_after` are percent,
    measured around the kill; `cores_before` and `cores_after` those all applications used, by
    what told the targets' own. `relaunched` are ids seen under the same name and user afterwards.
    `audit_head` is `number.hash` of its latest audit row: shown on the card, it anchors the chain
    outside the database. `ended_why` and `ended_by` are the audit's event and actor that cancelled
    it: withdrawn, superseded (another card in the thread), outranked or moved (another elsewhere).
    """

    id: str
    team: str
    channel: str
    thread_ts: str
    requester: str
    language: Language
    targets: tuple[Target, ...]
    digest: str
    state: ProposalState
    votes: tuple[Vote, ...]
    approvals_required: int
    created_at: datetime
    listed_at: datetime
    expires_at: datetime
    dry_run: bool = False
    card_ts: str | None = None
    decided_at: datetime | None = None
    finished_at: datetime | None = None
    cpu_before: float | None = None
    cpu_after: float | None = None
    cores_before: float | None = None
    cores_after: float | None = None
    relaunched: tuple[str, ...] = ()
    alert_key: str = ""
    audit_head: str = ""
    ended_why: str = ""
    ended_by: str = ""

    @property
    def killed(self) -> tuple[Target, ...]:
        """The targets this proposal is proved to have killed."""
        return tuple(each for each in self.targets if each.state is TargetState.SUCCEEDED)

    @property
    def expected(self) -> tuple[float | None, bool]:
        """The cores its kills should free together, and whether they were measured in use.

        Not measured means at most so many; None where those of one are not told.
        """
        freed = [freed_cores(each) for each in self.killed]
        known = [cores for cores, _ in freed if cores is not None]
        whole = sum(known) if known and len(known) == len(freed) else None
        return whole, all(measured for _, measured in freed)

    @property
    def slack_thread(self) -> str:
        """The ts its thread in Slack begins with: its card's own where it came from the API."""
        return self.card_ts or "" if self.thread_ts.startswith(API) else self.thread_ts


@dataclass(frozen=True, slots=True)
class KillOrder:
    """The one call of an approved target: by which proposal, at which place, on whose approval.

    `digest` is that of all the proposal's frozen targets.
    """

    proposal_id: str
    position: int
    digest: str
    approvers: tuple[str, ...]

    @property
    def reason(self) -> str:
        """What the cluster is told: ids alone, never text of a person or an application."""
        return f"approved by {', '.join(self.approvers)}, proposal {self.proposal_id}"


def order_of(proposal: Proposal, position: int) -> KillOrder:
    """Return the order to call one of a proposal's targets."""
    approvers = tuple(vote.user for vote in proposal.votes if vote.approve)
    return KillOrder(proposal.id, position, proposal.digest, approvers)


@dataclass(frozen=True, slots=True)
class Click:
    """A press of Approve or Reject, exactly as Slack reported it.

    Beside Slack there is no message, and `via` names the API's token.
    """

    envelope_id: str
    proposal_id: str
    digest: str
    approve: bool
    user: str
    team: str
    channel: str
    message_ts: str | None
    at: datetime
    via: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """What Slack says of a user, for the approver check."""

    id: str
    team: str
    name: str = ""
    deleted: bool = False
    bot: bool = False
    guest: bool = False
    stranger: bool = False
    locale: str = ""


def digest_of(targets: Sequence[Target]) -> str:
    """Return the SHA-256, hex, of everything frozen about the targets, in their order."""
    text = json.dumps(
        [snapshot(target) for target in targets], sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def snapshot(target: Target) -> dict[str, Any]:
    """Return what is frozen of a target as JSON values: all but its state and reason."""
    more = {"granted_cores": target.granted_cores, "partly": target.partly or None}
    told = {name: value for name, value in more.items() if value is not None}
    return told | {
        "cluster": target.ref.cluster,
        "backend": target.ref.backend,
        "id": target.ref.id,
        "attempt": target.attempt,
        "name": target.name,
        "user": target.user,
        "queue": target.queue,
        "started_at": target.started_at and target.started_at.isoformat(),
        "cores": target.cores,
        "memory": target.memory,
        "cores_basis": str(target.cores_basis),
        "share": target.share,
        "relief": target.relief,
    }


class Caution(StrEnum):
    """What an approver should think of before a target dies, as far as its own figures tell."""

    PROD = "prod"
    STREAMING = "streaming"
    SHARED = "shared"
    YOUNG = "young"
    SCHEDULED = "scheduled"


YOUNG = timedelta(minutes=10)
_SCHEDULERS = {"airflow", "oozie", "azkaban", "dagster", "luigi", "prefect", "nifi"}


def cautions(target: Target, at: datetime) -> tuple[Caution, ...]:
    """Return what speaks for care at a time; names are all that tells a stream or a service."""
    service = shared_service(target.name)
    holds = {
        Caution.PROD: "prod" in re.split(r"[^a-z]+", target.queue.casefold()),
        Caution.STREAMING: service is Shared.STREAM,
        Caution.SHARED: service is not None and service is not Shared.STREAM,
        Caution.YOUNG: target.started_at is not None and at - target.started_at < YOUNG,
        Caution.SCHEDULED: target.user.casefold() in _SCHEDULERS,
    }
    return tuple(caution for caution, held in holds.items() if held)
