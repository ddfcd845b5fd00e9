"""What callers send and are told, as types that OpenAPI and MCP read; a refusal; a thread to keep."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Generic, TypeVar

import structlog
from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import (
    AliasPath,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    ValidationError,
)
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.agents.templates.markdown import markdown, plain, table
from bot.api.tokens import Token
from bot.domain.answers import Answer, Part
from bot.domain.conversation import AgentName, Intent
from bot.domain.language import Language, Text
from bot.domain.proposals import (
    Caution,
    Proposal,
    ProposalState,
    TargetState,
    Vote,
    cautions,
)
from bot.domain.trail import AuditEntry
from bot.errors import BackendError, Missing, ProposalRefusedError, StorageError
from bot.texts import figures
from bot.texts.cards import TARGET
from bot.tools.kill_spark_job import MOST

# Refusals as RFC 9457 asks for them: one line each, nothing of what was sent in them.


_LOG = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"


class ProblemBody(BaseModel):
    """What a refused call gets (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str


class Problem(HTTPException):
    """A call that is refused: `code` is a word for programs, `detail` a line for people."""

    def __init__(
        self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, detail, headers)
        kind, title = f"urn:dangjik:problem:{code}", HTTPStatus(status).phrase
        self.code = code
        self.body = ProblemBody(type=kind, title=title, status=status, code=code, detail=detail)

    def response(self) -> Response:
        """Return the problem as an answer."""
        return Response(
            self.body.model_dump_json(), self.status_code, self.headers, media_type=MEDIA_TYPE
        )


def problem_of(error: Exception) -> Problem:  # noqa: PLR0911 - one for each kind
    """Return what a caller is told of an error; of an unknown one no more than a reference."""
    match error:
        case Problem():
            return error
        case HTTPException(status_code=status, detail=detail, headers=headers):
            return Problem(status, HTTPStatus(status).name.lower(), detail, headers)
        case RequestValidationError() | ValidationError():
            faults = error.errors()[:5]
            told = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in faults)
            return Problem(422, "unfit", "; ".join(told)[:500])
        case BackendError(missing=missing):
            return Problem(502, "backend", f"{missing.system}: {missing.kind.value}")
        case StorageError():
            return Problem(503, "storage", "The database takes no write now; ask again shortly.")
        case ProposalRefusedError(code=code):
            return Problem(409, code, f"No proposal was made: {code}.")
    reference = uuid.uuid4().hex[:8]
    _LOG.error("api_failed", reference=reference, exc_info=error)
    return Problem(500, "internal", f"Something failed here: {reference}.")


# What is sent and told.


STATES = {
    ProposalState.PENDING: Text(
        ko="사람의 승인을 기다립니다.", en="Waiting for a person to decide."
    ),
    ProposalState.CLAIMED: Text(
        ko="승인되어 종료하는 중입니다.", en="Approved, being carried out."
    ),
    ProposalState.DONE: Text(
        ko="끝났습니다. 잡마다 결과가 있습니다.", en="Over; each target says how it ended."
    ),
    ProposalState.DENIED: Text(
        ko="거절되어 아무것도 종료하지 않았습니다.", en="Rejected; nothing was killed."
    ),
    ProposalState.EXPIRED: Text(
        ko="승인 시간이 지나 아무것도 종료하지 않았습니다.",
        en="Nobody decided in time; nothing was killed.",
    ),
    ProposalState.CANCELLED: Text(
        ko="거두어져 아무것도 종료하지 않았습니다.", en="Withdrawn; nothing was killed."
    ),
}

THREAD = Text(ko="대화", en="Thread")
EXPORTED = Text(ko="{at}에 저장했습니다.", en="Saved {at}.")
LAST_LINES = Text(
    ko="봇이 기억하는 마지막 20줄이며, 답은 요약입니다.",
    en="The last 20 lines the bot remembers; answers as their summaries.",
)
SAID = Text(ko="주고받은 말", en="What was said")
BY = {
    "person": Text(ko="사람", en="Person"),
    "bot": Text(ko="당직", en="Dangjik"),
    "room": Text(ko="다른 사람", en="Somebody else"),
}
CARDS = Text(ko="종료 카드", en="Kill cards")
CARD_HEADS = Text(
    ko="#|잡|id|사용자|큐|코어|메모리|결과",
    en="#|Job|id|User|Queue|Cores|Memory|Outcome",
)
ASKED_BY = Text(ko="요청: {who}", en="Asked for by {who}")
APPROVED = Text(ko="승인: {who}, {at}", en="Approved by {who}, {at}")
REJECTED = Text(ko="거절: {who}, {at}", en="Rejected by {who}, {at}")


T = TypeVar("T")
LONGEST = 4_000  # characters of a message
ThreadId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
ProposalId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
ApplicationId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,128}$")]
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


def _caller(request: Request) -> Token:
    token: Token = request.state.token
    return token


# Whose token the guard left with the request: no argument that a caller could give.
Caller = Annotated[Token, Depends(_caller)]


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
    missing: tuple[Missing, ...]
    result: T


class TargetView(BaseModel):
    """One application of a proposal, as frozen when it was made; cores, bytes, CPU points."""

    id: Annotated[str, Field(validation_alias=AliasPath("ref", "id"))]
    name: str
    user: str
    queue: str
    cluster: Annotated[str, Field(validation_alias=AliasPath("ref", "cluster"))]
    backend: Annotated[str, Field(validation_alias=AliasPath("ref", "backend"))]
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


class ProposalView(BaseModel):
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
    decide_at: Annotated[str, Field(validation_alias="channel")]
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
    seen = asdict(proposal)
    for target, shown in zip(proposal.targets, seen["targets"], strict=True):
        shown["cautions"] = cautions(target, proposal.created_at)
    return ProposalView(
        **seen,
        status=_status(proposal, now),
        message=STATES[proposal.state](proposal.language),
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


class Reply(BaseModel):
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
    told = {each.name: getattr(answer, each.name) for each in fields(answer)}
    more = {"intents": answer.intents or (answer.intent,), "markdown": markdown(answer.parts)}
    return Reply(thread=thread, message=message, proposal=proposal, draft=draft, **(told | more))


class Said(BaseModel):
    """One remembered line: by whom, and its words, as they are and so that Markdown leaves them be."""

    by: str
    text: str
    markdown: str


def said_line(line: Mapping[str, str]) -> Said:
    """Return a remembered line for a caller."""
    return Said(by=line["by"], text=line["text"], markdown=plain(line["text"]))


class ThreadLine(BaseModel):
    """A thread in a list: its first words that are remembered."""

    thread: str
    title: str


class InvestigationView(BaseModel):
    """Work on an alert in Slack: what it called itself, and the percentage it fires above."""

    id: str
    title: str
    channel: str
    threshold: float | None
    repeats: int
    opened_at: datetime
    closed_at: datetime | None


class ThreadView(BaseModel):
    """What a thread remembers: its last lines, the ids of the list shown, its proposals."""

    thread: str
    messages: tuple[Said, ...]
    listing: tuple[str, ...]
    proposals: tuple[ProposalView, ...]


class Document(BaseModel):
    """Something to read, as Markdown."""

    markdown: str


class AuditView(BaseModel):
    """The trail's last rows, newest first, and whether all `rows` of its chain held at `checked_at`.

    `problems` says what did not, a line each, at most 20; `sound` when there is none.
    """

    entries: tuple[AuditEntry, ...]
    rows: int
    sound: bool
    problems: tuple[str, ...]
    checked_at: datetime


class Sent(BaseModel):
    """What callers send; what has no place in it is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Message(Sent):
    """What is said; an `id` makes a repeated message the same one, `language` fixes the answer's."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
    language: Language | None = None
    id: ThreadId | None = None


class Undo(Sent):
    """The last thing that was said in a thread, to be taken back with its answer."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


class KillWish(Sent):
    """Whole ids of running applications, as listed, to be proposed on one card.

    `channel` is Slack's channel where people decide, if not the usual one; an `id` makes a
    repeated wish the same one.
    """

    applications: Annotated[tuple[ApplicationId, ...], Field(min_length=1, max_length=MOST)]
    channel: Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]{2,20}$")] | None = None
    language: Language | None = None
    id: ThreadId | None = None


class LeftOut(BaseModel):
    """An application that is not on the card, and why."""

    id: str
    name: str
    reason: str


class KillTask(BaseModel):
    """The card that was made: nothing dies before a person approves it."""

    proposal: ProposalView
    left_out: tuple[LeftOut, ...] = ()


class Verdict(StrEnum):
    """What a person decides."""

    APPROVE = "approve"
    REJECT = "reject"


class Decision(Sent):
    """A person's decision on exactly what was shown: `digest` is the proposal's."""

    decision: Verdict
    digest: Sha256


# A thread as one Markdown document: what was said in it, and its kill cards.


def exported(view: ThreadView, at: datetime, zone: tzinfo, language: Language) -> str:
    """Return the document; names and what people wrote stay plain text in it."""

    def when(moment: datetime) -> str:
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"

    first = next((each.markdown for each in view.messages if each.by == "person"), "")
    lines = [
        f"# {first[:120] or THREAD(language)}",
        f"{EXPORTED(language, at=when(at))} {LAST_LINES(language)}",
        f"## {SAID(language)}",
    ]
    for each in view.messages:
        by = BY.get(each.by, BY["room"])(language)
        lines.append(f"**{by}**\n\n> {each.markdown}")
    if view.proposals:
        lines.append(f"## {CARDS(language)}")
    for card in reversed(view.proposals):
        lines += _card(card, when(card.created_at), language)
        for vote in card.votes:
            word = APPROVED if vote.approve else REJECTED
            lines.append(f"- {word(language, who=plain(vote.user), at=plain(when(vote.at)))}")
    return "\n\n".join(lines) + "\n"


def _card(card: ProposalView, when: str, language: Language) -> Iterator[str]:
    yield f"### {plain(when)} · {plain(STATES[card.state](language))}"
    heads = CARD_HEADS(language).split("|")
    rows = [
        (
            "" if each.rank is None else str(each.rank),
            each.name,
            each.id,
            each.user,
            each.queue,
            figures.number(each.cores),
            figures.gib(each.memory),
            TARGET[each.state](language) if card.decided_at else "",
        )
        for each in card.targets
    ]
    yield table((heads, *rows), right=(0, 5, 6))
    yield f"- {ASKED_BY(language, who=plain(card.requester))}"
    if card.cpu_before is not None and card.cpu_after is not None:
        yield f"- CPU {card.cpu_before:.0f}% → {card.cpu_after:.0f}%"
    yield f"- digest `{card.digest}`\n- head `{card.audit_head}`"
