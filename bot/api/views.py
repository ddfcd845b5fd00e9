"""What callers are told, as types: OpenAPI and MCP read their schemas from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Generic, TypeVar

from pydantic import Discriminator

from bot.api.markdown import markdown
from bot.domain.answers import Answer, Part
from bot.domain.conversation import AgentName, Intent
from bot.domain.language import Language
from bot.domain.proposals import (
    Caution,
    Proposal,
    ProposalState,
    Target,
    TargetState,
    Vote,
    cautions,
)
from bot.errors import FaultKind, FaultReason, Missing
from bot.texts import api as texts

T = TypeVar("T")
UNITS = {
    "cores": "CPU cores",
    "memory": "bytes",
    "percent": "percent, 0 to 100",
    "share": "part of the whole, 0 to 1",
    "network_in, network_out": "bytes per second",
    "score, strength": "0 to 1",
    "time": "ISO 8601 with offset; durations as ISO 8601",
}
PROOF_WITHIN = timedelta(
    minutes=3
)  # after the last kill; by then the effect is measured or will not be


@dataclass(frozen=True, slots=True)
class Lacking:
    """A part of the picture that is missing: which system, why, and how many things it befell."""

    system: str
    kind: FaultKind
    reason: FaultReason | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class ToolResult(Generic[T]):
    """What a read tool found: read `at` that time from `sources`; a figure that is null is unknown.

    `units` are by the names of figures; `missing` is what could not be read, so that it is not
    taken for zero.
    """

    tool: str
    cluster: str
    at: datetime
    sources: tuple[str, ...]
    units: dict[str, str]
    missing: tuple[Lacking, ...]
    result: T


def lacking(missing: Sequence[Missing]) -> tuple[Lacking, ...]:
    """Return what is missing without the lines for the log, which may hold addresses."""
    return tuple(Lacking(each.system, each.kind, each.reason, each.count) for each in missing)


@dataclass(frozen=True, slots=True)
class TargetView:
    """One application of a proposal, as frozen when it was made; cores, bytes, CPU points."""

    id: str
    name: str
    user: str
    queue: str
    cluster: str
    backend: str
    attempt: int
    rank: int | None
    started_at: datetime | None
    cores: float | None
    cores_basis: str
    memory: int | None
    share: float | None
    relief: float | None
    cautions: tuple[Caution, ...]
    state: TargetState
    reason: str


class TaskStatus(StrEnum):
    """Where the work on a proposal is; the words of MCP's tasks."""

    WORKING = "working"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal as stored: what a person decides on, and what came of it.

    `digest` is that of the frozen targets; a decision must name it. `status` is `working` until a
    person decided and, after an approval, until the proof; `message` says where it stands.
    `cpu_before` and `cpu_after` are percent. `decide_at` says where people decide.
    """

    id: str
    state: ProposalState
    status: TaskStatus
    message: str
    digest: str
    targets: tuple[TargetView, ...]
    requester: str
    language: Language
    decide_at: str
    votes: tuple[Vote, ...]
    approvals_required: int
    created_at: datetime
    listed_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    finished_at: datetime | None
    cpu_before: float | None
    cpu_after: float | None
    relaunched: tuple[str, ...]
    dry_run: bool
    audit_head: str
    units: dict[str, str]


def proposal_view(proposal: Proposal, now: datetime) -> ProposalView:
    """Return a proposal for a caller."""
    return ProposalView(
        id=proposal.id,
        state=proposal.state,
        status=_status(proposal, now),
        message=texts.STATES[proposal.state](proposal.language),
        digest=proposal.digest,
        targets=tuple(_target(each, proposal.created_at) for each in proposal.targets),
        requester=proposal.requester,
        language=proposal.language,
        decide_at=proposal.channel,
        votes=proposal.votes,
        approvals_required=proposal.approvals_required,
        created_at=proposal.created_at,
        listed_at=proposal.listed_at,
        expires_at=proposal.expires_at,
        decided_at=proposal.decided_at,
        finished_at=proposal.finished_at,
        cpu_before=proposal.cpu_before,
        cpu_after=proposal.cpu_after,
        relaunched=proposal.relaunched,
        dry_run=proposal.dry_run,
        audit_head=proposal.audit_head,
        units={"cores": UNITS["cores"], "memory": "bytes", "relief": "CPU percentage points"},
    )


def _status(proposal: Proposal, now: datetime) -> TaskStatus:
    if proposal.state is ProposalState.CANCELLED:
        return TaskStatus.CANCELLED
    if proposal.state in {ProposalState.PENDING, ProposalState.CLAIMED}:
        return TaskStatus.WORKING
    killed = bool(proposal.killed)
    if not killed or proposal.cpu_after is not None or proposal.finished_at is None:
        return TaskStatus.COMPLETED
    late = now - proposal.finished_at > PROOF_WITHIN
    return TaskStatus.COMPLETED if late else TaskStatus.WORKING


def _target(target: Target, at: datetime) -> TargetView:
    return TargetView(
        id=target.ref.id,
        name=target.name,
        user=target.user,
        queue=target.queue,
        cluster=target.ref.cluster,
        backend=target.ref.backend,
        attempt=target.attempt,
        rank=target.rank,
        started_at=target.started_at,
        cores=target.cores,
        cores_basis=str(target.cores_basis),
        memory=target.memory,
        share=target.share,
        relief=target.relief,
        cautions=cautions(target, at),
        state=target.state,
        reason=target.reason,
    )


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a message, as typed parts and as Markdown; `proposal` when a card goes with it.

    `applications` are ids in the order shown, `llm` whether a model wrote sentences of it. A
    `draft` holds the facts, and the whole answer follows.
    """

    thread: str
    message: str
    language: Language
    intent: Intent
    intents: tuple[Intent, ...]
    agent: AgentName
    summary: str
    parts: tuple[Annotated[Part, Discriminator("kind")], ...]
    markdown: str
    applications: tuple[str, ...]
    sources: tuple[str, ...]
    llm: bool
    draft: bool
    proposal: ProposalView | None


def reply(
    thread: str, message: str, answer: Answer, proposal: ProposalView | None, *, draft: bool
) -> Reply:
    """Return an answer for a caller."""
    return Reply(
        thread=thread,
        message=message,
        language=answer.language,
        intent=answer.intent,
        intents=answer.intents or (answer.intent,),
        agent=answer.agent,
        summary=answer.summary,
        parts=answer.parts,
        markdown=markdown(answer),
        applications=answer.applications,
        sources=answer.sources,
        llm=answer.llm,
        draft=draft,
        proposal=proposal,
    )
