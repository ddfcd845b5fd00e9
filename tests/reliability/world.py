"""Two replicas of the desk over one database, with everything around them that can go wrong."""

import random
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy.engine import Connection

from bot.approvals.desk import ApprovalDesk, Cluster
from bot.approvals.model import ApprovalPolicy, ProposalStore, Timers
from bot.domain.applications import ApplicationState
from bot.domain.language import Language
from bot.domain.posts import InboxItem, Incoming, Post
from bot.domain.proposals import Click, Proposal, ProposalRequest, ProposalState
from bot.errors import ApprovalError, StorageError
from bot.ports import ApplicationControl
from bot.storage.clock import Lease, SteadyClock
from bot.storage.database import Database
from bot.storage.messages import SqlInbox, SqlOutbox
from bot.storage.proposals import SqlProposals
from tests.reliability.platform import Channel, Directory, Platform, Time, application, target_of
from tests.reliability.stepping import SteppedDatabase, Thread, point

APPROVERS = ("U1", "U2", "U3")
OUTSIDER = "U9"
READ_AGE = 5.0
TIMERS = Timers(settle=timedelta(seconds=4), watch=timedelta(seconds=12))


@dataclass
class Replica:
    """One process: all of it is lost in a crash."""

    desk: ApprovalDesk
    store: ProposalStore
    inbox: SqlInbox
    outbox: SqlOutbox


@dataclass(frozen=True)
class Delivery:
    """A click on its way, redelivered under the same key."""

    key: str
    user: str
    approve: bool
    digest: str
    ts: str


class World:
    """One run. Subclasses seed a fault by replacing one part."""

    def __init__(self, connection: Connection, seed: int) -> None:
        self.random = random.Random(seed)
        self.time = Time()
        self.platform = Platform(self.time, choose=self.choose)
        self.people = Directory()
        self.slack = Channel()
        self.slack_down = False
        self.disk_full = False
        self.database = SteppedDatabase(connection, lambda: self.disk_full)
        self.policy = ApprovalPolicy(
            approvers=frozenset(APPROVERS),
            self_approval=self.random.random() < 0.6,
            approvals_required=self.random.choice((1, 1, 1, 2)),
        )
        self.requester = self.random.choice(("U1", "U1", "system", OUTSIDER))
        self.acked: set[str] = set()
        self.threads: list[Thread] = []
        self.born = 0
        self.replicas = [self._replica(0), self._replica(1)]
        self.known: dict[str, Delivery] = {}

    # --- parts a seeded fault replaces --------------------------------------------------------

    def make_store(self, database: Database) -> ProposalStore:
        return SqlProposals(database, self.time.now, lambda: self.time.ticks)

    def make_control(self) -> ApplicationControl:
        return self.platform

    def make_desk(self, store: ProposalStore) -> ApprovalDesk:
        return self.desk_class()(
            store,
            Cluster(self.make_control(), self.platform, self.platform),
            self.people,
            self.desk_policy(),
            self.time.now,
            timers=TIMERS,
            ticks=lambda: self.time.ticks,
            sleep=self.sleep,
        )

    def desk_class(self) -> type[ApprovalDesk]:
        return ApprovalDesk

    def desk_policy(self) -> ApprovalPolicy:
        return self.policy

    async def deliver(self, replica: Replica, delivery: Delivery) -> None:
        """Do as the Slack edge does: store, acknowledge, work."""
        item = InboxItem(delivery.key, Incoming.CLICK, {"key": delivery.key}, self.time.wall)
        await replica.inbox.put(item)
        self.acked.add(delivery.key)
        await self.work(replica, delivery.key)

    # --- one replica's work -------------------------------------------------------------------

    def _replica(self, number: int) -> Replica:
        self.born += 1
        store = self.make_store(self.database)
        lease = Lease(f"r{number}.{self.born}")
        clock = SteadyClock(self.time.now, lambda: self.time.ticks)
        inbox = SqlInbox(self.database, clock, lease)
        outbox = SqlOutbox(self.database, clock, lease)
        return Replica(self.make_desk(store), store, inbox, outbox)

    async def sleep(self, seconds: float) -> None:
        await point("sleep", self.time.ticks + seconds)

    async def work(self, replica: Replica, key: str) -> None:
        item = await replica.inbox.claim(key)
        if item is not None:
            await self.decide(replica, key)

    async def decide(self, replica: Replica, key: str) -> None:
        proposal = None
        with suppress(ApprovalError):
            proposal = await replica.desk.decide(self.click(self.known[key]))
        await replica.inbox.finish(key)
        if proposal is not None and proposal.state is ProposalState.CLAIMED:
            await replica.desk.carry_out(proposal.id)

    async def sweep(self, replica: Replica) -> None:
        for item in await replica.inbox.waiting():
            await self.decide(replica, item.key)
        for proposal_id in await replica.desk.sweep():
            await replica.desk.carry_out(proposal_id)

    async def send(self, replica: Replica) -> None:
        for post in await replica.outbox.due():
            await self._send(replica, post)

    async def _send(self, replica: Replica, post: Post) -> None:
        proposal = await replica.store.get(post.proposal_id or "")
        await point("send")
        if self.slack_down or proposal is None:
            retry = self.time.wall + timedelta(seconds=1)
            await replica.outbox.failed(post, retry, "slack is down")
            return
        ts = post.replaces_ts or (self.slack.by_post.get(post.id) if post.tries > 1 else None)
        ts = self.slack.put(post.id, ts, shown(proposal))
        await point("sent")
        await replica.outbox.sent(post, ts)

    def click(self, delivery: Delivery) -> Click:
        return Click(
            envelope_id=delivery.key,
            proposal_id="p1",
            digest=delivery.digest,
            approve=delivery.approve,
            user=delivery.user,
            team="T1",
            channel="C1",
            message_ts=delivery.ts,
            at=self.time.wall,
        )

    # --- what may happen ----------------------------------------------------------------------

    def choose(self, options: tuple[str, ...]) -> str:
        return self.random.choice(options)

    def spawn(self, name: str, number: int, work: Coroutine[Any, Any, Any]) -> Thread:
        thread = Thread(name, number, work)
        self.threads.append(thread)
        return thread

    def propose(self, targets: int) -> Proposal:
        """Make the card stand in Slack, undisturbed."""
        found = [self.platform.put(application(each)) for each in range(1, targets + 1)]
        request = ProposalRequest(
            id="p1",
            team="T1",
            channel="C1",
            thread_ts="16000.1",
            requester=self.requester,
            language=Language.KO,
            targets=tuple(target_of(each) for each in found),
            listed_at=self.time.wall,
        )
        self.finish(self.spawn("propose", 0, self.replicas[0].desk.propose(request)))
        self.finish(self.spawn("send", 0, self.send(self.replicas[0])))
        return self.stored()

    def press(self, user: str, number: int, *, approve: bool, key: str | None = None) -> None:
        """Deliver a click; a known key is a redelivery of the same click."""
        if key is None:
            key = f"k{len(self.known)}"
            digest = self.stored().digest
            ts = next(iter(self.slack.messages), "0.0")
            self.known[key] = Delivery(key, user, approve, digest, ts)
        self.spawn("click", number, self.deliver(self.replicas[number], self.known[key]))

    def decide_at_page(self, user: str, number: int, *, approve: bool) -> None:
        """Decide as the console does, through the API: no message, nothing in the inbox."""
        delivery = Delivery(f"page{self.random.random()}", user, approve, self.stored().digest, "")
        click = replace(self.click(delivery), message_ts=None, via="api:oncall")
        self.spawn("page", number, self._at_page(self.replicas[number], click))

    async def _at_page(self, replica: Replica, click: Click) -> None:
        with suppress(ApprovalError, StorageError):
            proposal = await replica.desk.decide(click)
            if proposal.state is ProposalState.CLAIMED:
                await replica.desk.carry_out(proposal.id)

    def crash(self, number: int) -> None:
        """End a replica where it stands and start another in its place."""
        for thread in self.threads:
            if thread.replica == number and not thread.done:
                thread.crash()
        self.replicas[number] = self._replica(number)

    def happen(self, what: str) -> None:
        """Let something happen to one of the applications."""
        found = self.random.choice(list(self.platform.applications.values()))
        if found.state.over:
            return
        if what == "finish":
            self.platform.end(found.ref, ApplicationState.FINISHED)
        elif self.time.ticks - self.platform.seen_at.get(found.ref, -99) <= READ_AGE:
            return  # the window no client can close: what was just seen is assumed to stay
        elif what == "attempt":
            self.platform.put(replace(found, attempt=found.attempt + 1))
        else:
            started = self.time.wall - timedelta(seconds=1)
            self.platform.put(replace(found, started_at=started, name="other", user="other"))

    # --- running ------------------------------------------------------------------------------

    def runnable(self) -> list[Thread]:
        self.threads = [thread for thread in self.threads if not thread.done]
        return [each for each in self.threads if each.waiting.until <= self.time.ticks]

    def finish(self, thread: Thread) -> None:
        while not thread.done:
            if thread.waiting.until > self.time.ticks:
                self.time.pass_(thread.waiting.until - self.time.ticks)
            self.platform.catch_up()
            thread.step()

    def stored(self) -> Proposal:
        work = self.replicas[0].store.get("p1")
        kept: list[Any] = []
        thread = Thread("look", 0, _keep(work, kept))
        while not thread.done:
            thread.step()
        proposal: Proposal = kept[0]
        return proposal


async def _keep(work: Coroutine[Any, Any, Any], kept: list[Any]) -> None:
    kept.append(await work)


def shown(proposal: Proposal) -> tuple[str, ...]:
    """Return what a card would show of a proposal."""
    return (proposal.state.value, *(target.state.value for target in proposal.targets))
