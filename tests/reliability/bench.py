"""A desk over the real store in memory, run without an event loop and on a clock of its own."""

from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy.engine import Connection

from bot.approvals.desk import ApprovalDesk, Cluster
from bot.approvals.model import ApprovalPolicy
from bot.domain.applications import Application
from bot.domain.language import Language
from bot.domain.posts import Post
from bot.domain.proposals import Click, Proposal, ProposalRequest, ProposalState
from bot.storage.audit import SqlFreeze
from bot.storage.clock import Lease
from bot.storage.messages import SqlOutbox
from bot.storage.proposals import SqlProposals
from tests.reliability.platform import Directory, Platform, Time, application, target_of
from tests.reliability.stepping import SteppedDatabase, point, wipe

T = TypeVar("T")
POLICY = ApprovalPolicy(approvers=frozenset({"U1", "U2", "U3"}))


class Bench:
    """`do` runs a coroutine to its end; sleeping lets the clock run."""

    def __init__(self, connection: Connection, policy: ApprovalPolicy = POLICY) -> None:
        wipe(connection)
        self.time = Time()
        self.platform = Platform(self.time)
        self.people = Directory()
        self.database = SteppedDatabase(connection)
        self.store = SqlProposals(self.database, self.time.now, lambda: self.time.ticks)
        self.freeze = SqlFreeze(self.database, self.time.now)
        self.outbox = SqlOutbox(self.database, self.time.now, Lease("bench"))
        self.desk = self.make_desk(policy)
        self.count = 0

    def make_desk(self, policy: ApprovalPolicy) -> ApprovalDesk:
        return ApprovalDesk(
            self.store,
            Cluster(self.platform, self.platform, self.platform),
            self.people,
            policy,
            self.time.now,
            ticks=lambda: self.time.ticks,
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        await point("sleep", self.time.ticks + seconds)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        while True:
            try:
                waiting = work.send(None)
            except StopIteration as end:
                outcome: T = end.value
                return outcome
            self.time.pass_(max(waiting.until - self.time.ticks, 0))
            self.platform.catch_up()

    def request(self, *found: Application, **changes: Any) -> ProposalRequest:
        self.count += 1
        request = ProposalRequest(
            id=f"p{self.count}",
            team="T1",
            channel="C1",
            thread_ts=f"{self.count}.0",
            requester="U1",
            language=Language.KO,
            targets=tuple(target_of(each) for each in found),
            listed_at=self.time.wall,
        )
        return replace(request, **changes)

    def card(self, *numbers: int, **changes: Any) -> Proposal:
        """Propose killing fresh applications, and let the card stand in Slack."""
        found = [self.platform.put(application(each)) for each in numbers or (1,)]
        proposal = self.do(self.desk.propose(self.request(*found, **changes)))
        self.posted()
        return self.stored(proposal.id)

    def posted(self) -> list[Post]:
        """Send what is due; card `p1` gets the ts `ts-p1`."""
        due = self.do(self.outbox.due())
        for post in due:
            self.do(self.outbox.sent(post, post.replaces_ts or f"ts-{post.proposal_id}"))
        return list(due)

    def stored(self, proposal_id: str) -> Proposal:
        proposal = self.do(self.desk.get(proposal_id))
        assert proposal is not None
        return proposal

    def click(self, proposal: Proposal, user: str = "U1", **changes: Any) -> Click:
        self.count += 1
        click = Click(
            envelope_id=f"e{self.count}",
            proposal_id=proposal.id,
            digest=proposal.digest,
            approve=True,
            user=user,
            team="T1",
            channel=proposal.channel,
            message_ts=f"ts-{proposal.id}",
            at=self.time.wall,
        )
        return replace(click, **changes)

    def press(self, proposal: Proposal, user: str = "U1", **changes: Any) -> Proposal:
        return self.do(self.desk.decide(self.click(proposal, user, **changes)))

    def approve(self, proposal: Proposal, user: str = "U1") -> Proposal:
        """Press Approve and see the kill through."""
        after = self.press(proposal, user)
        if after.state is ProposalState.CLAIMED:
            self.do(self.desk.carry_out(proposal.id))
        return self.stored(proposal.id)

    def later(self, **time: float) -> None:
        self.time.pass_(timedelta(**time).total_seconds())
