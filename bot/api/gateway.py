"""What a caller may do: read, talk, ask people for a kill, look at proposals, and decide."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter

from bot.agents.templates.kills import kill as kill_words
from bot.agents.templates.markdown import markdown
from bot.agents.templates.wording import Voice
from bot.api.cluster import ClusterDoor
from bot.api.tokens import Limits, Scope, Token, TokenBook
from bot.api.views import (
    UNITS,
    AuditView,
    Caller,
    Decision,
    Document,
    InvestigationView,
    KillTask,
    KillWish,
    LeftOut,
    Message,
    Problem,
    ProposalId,
    ProposalView,
    Reply,
    Sent,
    TaskStatus,
    ThreadId,
    ThreadLine,
    ThreadView,
    ToolResult,
    Undo,
    Verdict,
    exported,
    proposal_view,
    reply,
    said_line,
)
from bot.approvals.desk import ApprovalDesk
from bot.domain.alerts import Investigation
from bot.domain.answers import Answer
from bot.domain.cluster import ClusterMetrics
from bot.domain.conversation import API, Turn
from bot.domain.knowledge import Found
from bot.domain.language import Language, language_of
from bot.domain.proposals import Click, Proposal, ProposalState
from bot.domain.trail import AuditEntry, Verification
from bot.errors import ApprovalError, CardMismatchError, FaultKind, Missing, NotAllowedError
from bot.ports import Clock
from bot.services.conversations import Conversations
from bot.services.digest import DigestWriter
from bot.texts import cards as card_texts
from bot.texts.figures import said
from bot.tools.assembly import build_read_tools
from bot.tools.get_spark_jobs import JobList
from bot.tools.kill_spark_job import KillFacts, kill_tool
from bot.tools.toolbox import Toolbox, TypedTool

LONGEST_WAIT = 30
MOST_DAYS = 90
MOST_ENTRIES = 1_000
LOOK_EVERY = 0.25  # seconds
CHECK_KEPT = timedelta(minutes=1)  # a check reads the whole trail
MOST_NODES = 100  # the busiest; a model has no use for ten thousand
SCHEDULERS = ("yarn", "spark")


@dataclass(frozen=True, slots=True)
class Core:
    """The parts, and what the settings say of this gateway.

    `team` is the workspace people belong to, `cluster` our cluster's name, `systems` what is read.
    `channels` are Slack's channels a caller may ask a card to stand in, `channel` the one it
    stands in unasked; none where no Slack is. `carry_out` begins what was approved, `heard` counts
    a call by token and route.
    """

    talk: Conversations
    tools: Toolbox
    desk: ApprovalDesk
    book: TokenBook
    clock: Clock
    team: str
    cluster: str
    carry_out: Callable[[str], None]
    zone: tzinfo
    systems: tuple[str, ...]
    channels: frozenset[str]
    channel: str
    investigations: Callable[[Collection[str]], Awaitable[tuple[Investigation, ...]]]
    trail: Callable[[str | None, int], Awaitable[tuple[AuditEntry, ...]]]
    verify: Callable[[], Awaitable[Verification]]
    digest: DigestWriter
    language: Language | None
    limits: Limits
    heard: Callable[[Token, str], None]


@dataclass(frozen=True)
class Offer:
    """Something a program may call by its name: who may, its types, and what it does."""

    name: str
    scope: Scope
    about: str
    takes: type[BaseModel]
    gives: Any
    call: Callable[[Token, Any], Awaitable[Any]]
    reads: bool = True

    @cached_property
    def given(self) -> TypeAdapter[Any]:
        """What makes JSON of a result."""
        return TypeAdapter(self.gives)


class Gateway:
    """The tools, the threads and the desk, as callers see them; each token has its own threads.

    A method's docstring is what OpenAPI says of it. Each raises Problem where it refuses.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._running: set[asyncio.Task[Reply]] = set()
        self._checking = asyncio.Lock()
        self._checked: tuple[Verification, datetime] | None = None
        self.cluster = ClusterDoor(core.tools, core.desk)
        self.readers = tuple(map(self._reader, build_read_tools(core.tools, API)))

    # --- tools ----------------------------------------------------------------------------------

    def _reader(self, tool: TypedTool) -> Offer:
        """Return a read tool as it is offered; one that could read nothing raises Problem."""
        generic: Any = ToolResult
        schema: Any = tool.args_schema
        takes = type(tool.name, (schema,), {"model_config": Sent.model_config})

        async def call(_: Token, asked: BaseModel) -> ToolResult[Any]:
            return self._found(tool.name, await tool.value(dict(asked)))

        result = generic[tool.result]
        return Offer(tool.name, Scope.READ, tool.description, takes, result, call)

    def _found(self, name: str, value: Any) -> ToolResult[Any]:
        units: tuple[str, ...]
        found = value.missing
        missing: tuple[Missing, ...] = (found,) if isinstance(found, Missing) else found or ()
        broken = {each.system for each in missing if not each.kind.lasting}
        match value:
            case ClusterMetrics(taken_at=at, nodes=nodes):
                sources = tuple(each for each in self._core.systems if each not in broken)
                units = ("percent", "cores", "memory", "network_in, network_out")
                busiest = sorted(nodes, key=lambda node: -(node.cpu_percent or 0))[:MOST_NODES]
                empty, value = not sources, replace(value, nodes=tuple(busiest))
            case JobList(listing=listing):
                at = listing.taken_at
                measured = (listing.measurement.source.value,) if listing.measurement else ()
                read = (each for each in SCHEDULERS if each in self._core.systems)
                sources = (*(each for each in read if each not in broken), *measured)
                empty, units = not listing.rows, ("cores", "memory", "share")
            case Found(passages=passages):
                at, sources = self._core.clock(), tuple(each.source for each in passages)
                empty, units = not passages, ("score, strength",)
            case _:
                raise TypeError(name)
        failed = [each for each in missing if each.kind is not FaultKind.NOT_CONFIGURED]
        if empty and (why := [each for each in failed if not each.kind.lasting]):
            raise Problem(502, "unreadable", said(why, self._core.language or Language.EN))
        told = {unit: UNITS[unit] for unit in (*units, "time")}
        return ToolResult(name, self._core.cluster, at, sources, told, missing, value)

    async def kill_spark_job(self, token: Caller, wish: KillWish) -> KillTask:
        """Ask people for a kill: puts up a card; nothing dies before a person approves."""
        core, key = self._core, wish.id or uuid.uuid4().hex
        if wish.channel and wish.channel not in core.channels:
            raise Problem(422, "other_channel", "Cards stand in no such channel.")
        turn = self._turn(token, f"kill-{key}", f"{token.place}:kill:{key}", wish.language)
        if wish.channel:
            thread = f"{token.place}:{turn.thread_ts}"
            turn = replace(turn, channel=wish.channel, thread_ts=thread)
        asked = {"applications": wish.applications}
        facts: KillFacts = await kill_tool(core.tools, turn).value(asked)
        if facts.proposal is None:
            raise _no_card(facts, Voice(turn.language, core.zone))
        left = [LeftOut(id=row.ref.id, name=row.name, reason=why) for row, why in facts.left_out]
        return KillTask(proposal=proposal_view(facts.proposal, core.clock()), left_out=tuple(left))

    # --- talk -----------------------------------------------------------------------------------

    async def get_threads(self, token: Caller) -> tuple[ThreadLine, ...]:
        """Return the caller's threads, the one last spoken in first, at most 50."""
        talk, found = self._core.talk, []
        for thread in await talk.threads(token.place):
            lines = (await talk.recall(token.place, thread)).get("messages", [])
            first = next((each["text"] for each in lines if each["by"] == "person"), "")
            if lines:  # else all of it was taken back
                found.append(ThreadLine(thread=thread, title=first[:80]))
        return tuple(found)

    async def get_investigations(self) -> tuple[InvestigationView, ...]:
        """Return the latest work on alerts in the channels of the settings, newest first."""
        found = await self._core.investigations(self._core.channels)
        return tuple(
            InvestigationView(threshold=each.subject.threshold, **asdict(each)) for each in found
        )

    async def get_thread(self, token: Caller, thread: ThreadId) -> ThreadView:
        """Return what a thread remembers."""
        memory = await self._core.talk.recall(token.place, thread)
        proposals = await self._core.desk.in_thread(token.place, thread)
        rows = (memory.get("listing") or {}).get("rows", [])
        return ThreadView(
            thread=thread,
            messages=tuple(map(said_line, memory.get("messages", []))),
            listing=tuple(row["ref"]["id"] for row in rows),
            proposals=tuple(proposal_view(each, self._core.clock()) for each in proposals),
        )

    async def export_thread(
        self, token: Caller, thread: ThreadId, language: Language | None = None
    ) -> Document:
        """Return a thread as one Markdown document: what was said, its cards, who decided."""
        view, core = await self.get_thread(token, thread), self._core
        spoken = language or core.language or Language.EN
        return Document(markdown=exported(view, core.clock(), core.zone, spoken))

    async def undo_message(self, token: Caller, thread: ThreadId, undo: Undo) -> ThreadView:
        """Take back the last message and its answer, as if it had not been said.

        Refused once something was done upon it: a card was made, changed or withdrawn.
        """
        if not await self._core.talk.undo(token.place, thread, undo.text):
            raise Problem(409, "not_undone", "That is not the last message, or it had an effect.")
        return await self.get_thread(token, thread)

    async def answer(self, token: Token, thread: str, message: Message) -> Reply:
        """Return the answer. Raises Problem when it takes too long."""
        return [each async for each in self.stream(token, thread, message)][-1]

    async def stream(self, token: Token, thread: str, message: Message) -> AsyncIterator[Reply]:
        """Yield the facts as soon as they stand, where words follow; then the answer.

        It is a task of its own: a caller that hangs up does not stop a turn halfway.
        """
        said_as = f"{token.place}:{thread}:{message.id or uuid.uuid4().hex}"
        turn = self._turn(token, thread, said_as, message.language, message.text)
        drafts: asyncio.Queue[Reply] = asyncio.Queue()

        def show(answer: Answer) -> None:
            drafts.put_nowait(reply(thread, turn.id, answer, None, draft=True))

        answering = asyncio.create_task(self._answered(turn, thread, show))
        self._running.add(answering)
        answering.add_done_callback(self._running.discard)
        first = asyncio.create_task(drafts.get())
        await asyncio.wait({answering, first}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            yield first.result()
        first.cancel()
        yield await asyncio.shield(answering)

    async def _answered(self, turn: Turn, thread: str, show: Callable[[Answer], None]) -> Reply:
        core = self._core
        try:
            async with asyncio.timeout(core.limits.turn):
                answer = await core.talk.answer(turn, show=show)
        except TimeoutError:
            raise Problem(503, "too_slow", "The answer took too long; ask again.") from None
        proposal = await core.desk.get(answer.proposal_id) if answer.proposal_id else None
        card = proposal_view(proposal, core.clock()) if proposal else None
        return reply(thread, turn.id, answer, card, draft=False)

    def _turn(
        self, token: Token, thread: str, turn_id: str, language: Language | None, text: str = ""
    ) -> Turn:
        now = self._core.clock()
        spoken = language_of(text) if text else Language.KO
        return Turn(
            id=turn_id,
            team=self._core.team,
            channel=token.place,
            thread_ts=thread,
            ts=f"{now.timestamp():.6f}",
            asker=token.asker,
            text=text,
            language=language or self._core.language or spoken,
            said_at=now,
            private=True,
            may_propose=Scope.PROPOSE in token.scopes,
        )

    async def stop(self) -> None:
        """End the turns that are being answered."""
        running = tuple(self._running)
        for task in running:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*running, return_exceptions=True)

    # --- records --------------------------------------------------------------------------------

    async def get_digest(self, language: Language | None = None) -> Document:
        """Return the health digest of the last day, as the channel would get it now."""
        _, words = await self._core.digest.compose(language=language)
        return Document(markdown=markdown(words.parts))

    async def get_audit(
        self,
        proposal_id: ProposalId | None = None,
        limit: Annotated[int, Field(ge=1, le=MOST_ENTRIES)] = 200,
    ) -> AuditView:
        """Return the audit trail, newest first, and whether its chain holds: checked once a minute."""
        entries = await self._core.trail(proposal_id, limit)
        found, at = await self._verified()
        return AuditView(
            entries=tuple(reversed(entries)),
            rows=found.rows,
            sound=found.sound,
            problems=found.problems,
            checked_at=at,
        )

    async def _verified(self) -> tuple[Verification, datetime]:
        async with self._checking:
            now = self._core.clock()
            if self._checked is None or not timedelta() <= now - self._checked[1] < CHECK_KEPT:
                self._checked = await self._core.verify(), now
            return self._checked

    # --- proposals ------------------------------------------------------------------------------

    async def get_proposals(
        self,
        token: Caller,
        state: ProposalState | None = None,
        days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 7,
    ) -> tuple[ProposalView, ...]:
        """Return recent proposals, newest first: a token that decides sees all, others their own."""
        now = self._core.clock()
        found = await self._core.desk.since(now - timedelta(days=days))
        seen = (each for each in found if state in {None, each.state} and _may_see(token, each))
        return tuple(proposal_view(each, now) for each in seen)

    async def get_proposal(
        self,
        token: Caller,
        proposal_id: ProposalId,
        wait: Annotated[float, Field(ge=0, le=LONGEST_WAIT)] = 0,
    ) -> ProposalView:
        """Return a proposal: what is to die, who decided, the proof; `wait` seconds for a change."""
        first, until = await self._view(token, proposal_id), time.monotonic() + wait
        view = first
        while view == first and view.status is TaskStatus.WORKING and time.monotonic() < until:
            await asyncio.sleep(LOOK_EVERY)  # any replica may decide: there is no event to wait for
            view = await self._view(token, proposal_id)
        return view

    async def decide(
        self, token: Caller, proposal_id: ProposalId, decision: Decision
    ) -> ProposalView:
        """Approve or reject what was shown, as the person the token speaks for."""
        core, proposal = self._core, await self._seen(token, proposal_id)
        click = Click(
            envelope_id=f"{token.place}:{uuid.uuid4().hex}",
            proposal_id=proposal_id,
            digest=decision.digest,
            approve=decision.decision is Verdict.APPROVE,
            user=token.person,
            team=core.team,
            channel=proposal.channel,
            message_ts=None,
            at=core.clock(),
            via=token.place,
        )
        try:
            decided = await core.desk.decide(click)
        except ApprovalError as error:
            raise _refusal(error, proposal.language) from None
        if decided.state is ProposalState.CLAIMED:
            core.carry_out(decided.id)
        return proposal_view(decided, core.clock())

    async def withdraw(self, token: Caller, proposal_id: ProposalId) -> ProposalView:
        """Withdraw a proposal of one's own; nothing happens where it is decided already."""
        proposal = await self._seen(token, proposal_id)
        try:
            await self._core.desk.withdraw(proposal_id, token.asker)
        except NotAllowedError as error:
            raise _refusal(error, proposal.language) from None
        return await self._view(token, proposal_id)

    async def _view(self, token: Token, proposal_id: str) -> ProposalView:
        return proposal_view(await self._seen(token, proposal_id), self._core.clock())

    async def _seen(self, token: Token, proposal_id: str) -> Proposal:
        proposal = await self._core.desk.get(proposal_id)
        if proposal is None or not _may_see(token, proposal):
            raise Problem(404, "unknown_proposal", "There is no such proposal.")
        return proposal


def _no_card(facts: KillFacts, voice: Voice) -> Problem:
    if facts.missing:
        return Problem(502, "unreadable", said(facts.missing, voice.language))
    code = facts.refused or (facts.left_out[0][1].value if facts.left_out else "refused")
    return Problem(409, code, kill_words(facts, voice).summary)


def _may_see(token: Token, proposal: Proposal) -> bool:
    """Tell whether a proposal is a token's own, or the token decides."""
    return Scope.DECIDE in token.scopes or proposal.thread_ts.startswith(f"{token.place}:")


def _refusal(error: ApprovalError, language: Language) -> Problem:
    text = card_texts.REFUSALS.get(error.code, card_texts.REFUSED)(language)
    if isinstance(error, NotAllowedError):
        return Problem(403, error.code, text)
    missing = isinstance(error, CardMismatchError) and error.code == "unknown_card"
    return Problem(404 if missing else 409, error.code, text)


def needed(token: Token, *scopes: Scope) -> Token:
    """Return a token that has one of the scopes. Raises Problem (403)."""
    if not token.scopes & set(scopes):
        listed = " or ".join(each.value for each in scopes)
        raise Problem(403, "no_scope", f"This token lacks the scope {listed}.")
    return token
