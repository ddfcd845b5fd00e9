"""Real processes on a real database, with a cluster and a Slack made of files that outlive them."""

import asyncio
import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bot.approvals.desk import ApprovalDesk, Cluster
from bot.approvals.model import ApprovalPolicy, ProposalSnapshot, Timers, Transition
from bot.domain.applications import (
    Application,
    ApplicationRef,
    ApplicationState,
    KillAnswer,
    KillOutcome,
    RunningApplications,
)
from bot.domain.cluster import ClusterMetrics, Gauge, Window
from bot.domain.language import Language
from bot.domain.posts import InboxItem, Incoming
from bot.domain.proposals import (
    Click,
    KillOrder,
    Person,
    Proposal,
    ProposalRequest,
    ProposalState,
)
from bot.errors import ApprovalError
from bot.ports import Left, SendKill
from bot.storage.clock import Lease, forget_leases
from bot.storage.database import Database
from bot.storage.messages import SqlInbox, SqlOutbox
from bot.storage.open_database import open_database
from bot.storage.proposals import SqlProposals
from tests.reliability.platform import application, target_of
from tests.reliability.world import shown

SECOND = timedelta(seconds=1)
# The ages of reads and intents are generous: a starved machine would else refuse to send in time,
# which is right, and not what is tested there.
TIMERS = Timers(
    lease=SECOND,
    read_age=20 * SECOND,
    freeze_age=20 * SECOND,
    grace=SECOND,
    settle=SECOND / 20,
    watch=SECOND / 5,
    polls=(0.05,),
    watch_poll=0.05,
)
# As in production: what is sent must follow what was read at once.
HURRIED = replace(TIMERS, read_age=SECOND, freeze_age=SECOND)  # shorter than a lease, as ours are
# For a machine that is given far more to do than it can.
MINUTE = 60 * SECOND
PATIENT = replace(TIMERS, lease=MINUTE, read_age=MINUTE, freeze_age=MINUTE, deadline=60 * MINUTE)
QUIET = (
    "SELECT (SELECT count(*) FROM inbox WHERE state <> 'done')"
    " + (SELECT count(*) FROM outbox WHERE open = 1)"
    " + (SELECT count(*) FROM proposals WHERE state IN ('pending', 'claimed') OR watching = 1)"
)


def now() -> datetime:
    return datetime.now(UTC)


def nothing(_: str) -> None:
    """Do nothing: the hook of a process that is to live."""


def dying_at(point: str) -> Callable[[str], None]:
    """Return a hook that ends the process at a point, as the kernel's OOM killer would."""

    def hook(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


class FileCluster:
    """Applications 1 to 9999, all running until a file says that they were killed."""

    def __init__(self, room: Path, hook: Callable[[str], None] = nothing) -> None:
        self._room = room
        self._hook = hook

    async def find(self, ref: ApplicationRef) -> Application | None:
        found = application(int(ref.id.rpartition("_")[2]))
        self._hook("found")
        killed = self._room / f"killed-{ref.id}"
        if killed.exists():
            at = datetime.fromtimestamp(killed.stat().st_mtime, UTC)
            return replace(found, state=ApplicationState.KILLED, finished_at=at)
        return found

    async def prepare(self, ref: ApplicationRef) -> SendKill:
        return partial(self.kill, ref)

    async def kill(self, ref: ApplicationRef, order: KillOrder, left: Left) -> KillAnswer:
        if left() <= 0:  # as the real adapters do before the first byte
            return KillAnswer(KillOutcome.UNSENT, "too late to send")
        line = f"{ref.id} {order.reason.rpartition(' ')[2]}\n"
        log = os.open(self._room / "calls", os.O_APPEND | os.O_CREAT | os.O_WRONLY)
        os.write(log, line.encode())
        os.close(log)
        (self._room / f"killed-{ref.id}").touch()
        self._hook("called")
        return KillAnswer(KillOutcome.ACCEPTED)

    async def running(self) -> RunningApplications:
        return RunningApplications(now(), ())

    async def now(self) -> ClusterMetrics:
        return ClusterMetrics("prod", now(), cpu=Gauge(40.0))

    async def cpu(self, start: datetime, end: datetime, step: timedelta) -> Window | None:
        return None

    async def person(self, user: str) -> Person:
        return Person(user, "T1")

    async def group_members(self, group: str) -> frozenset[str]:
        return frozenset()


class HookedStore(SqlProposals):
    """The real store, with a hook before and after each change's commit."""

    hook: Callable[[str], None] = staticmethod(nothing)

    async def change(
        self, proposal_id: str, rule: Callable[[ProposalSnapshot], Transition | None]
    ) -> ProposalSnapshot | None:
        events: list[str] = []

        def watched(case: ProposalSnapshot) -> Transition | None:
            change = rule(case)
            if change is not None:
                events.append(change.event)
                self.hook(f"before {change.event}")
            return change

        case = await super().change(proposal_id, watched)
        for event in events:
            self.hook(f"after {event}")
        return case


class Process:
    """One replica: what the app wires, without Slack."""

    def __init__(
        self,
        database: Database,
        room: Path,
        hook: Callable[[str], None],
        timers: Timers = TIMERS,
    ) -> None:
        self.database = database
        self.room = room
        self.hook = hook
        self.troubles: list[str] = []
        lease = Lease(f"pid {os.getpid()}", SECOND)
        self.inbox = SqlInbox(database, now, lease)
        self.outbox = SqlOutbox(database, now, lease)
        self.store = HookedStore(database, now)
        self.store.hook = hook
        cluster = FileCluster(room, hook)
        policy = ApprovalPolicy(approvers=frozenset(f"U{n}" for n in range(10)))
        self.desk = ApprovalDesk(
            self.store, Cluster(cluster, cluster, cluster), cluster, policy, now, timers=timers
        )

    async def propose(self, number: int) -> Proposal:
        request = ProposalRequest(
            id=f"p{number}",
            team="T1",
            channel=f"C{number}",
            thread_ts="1.0",
            requester="U1",
            language=Language.KO,
            targets=(target_of(application(number)),),
            listed_at=now(),
        )
        return await self.desk.propose(request)

    def click(self, proposal: Proposal, user: str) -> Click:
        return Click(
            envelope_id=f"{proposal.id}-{user}",
            proposal_id=proposal.id,
            digest=proposal.digest,
            approve=True,
            user=user,
            team="T1",
            channel=proposal.channel,
            message_ts=f"ts-{proposal.id}",
            at=now(),
        )

    async def deliver(self, proposal: Proposal, user: str) -> None:
        """Do as the edge does with a click."""
        key = f"{proposal.id}-{user}"
        self.hook("before inbox")
        await self.inbox.put(InboxItem(key, Incoming.CLICK, {"p": proposal.id, "u": user}, now()))
        self.hook("after inbox")
        (self.room / f"acked-{key}").touch()
        self.hook("acked")
        item = await self.inbox.claim(key)
        if item is not None:
            await self.work(item)

    async def work(self, item: InboxItem) -> None:
        proposal = await self.desk.get(item.payload["p"])
        assert proposal is not None
        try:
            decided = await self.desk.decide(self.click(proposal, item.payload["u"]))
        except ApprovalError:
            decided = proposal
        self.hook("decided")
        await self.inbox.finish(item.key)
        if decided.state is ProposalState.CLAIMED:
            await self.desk.carry_out(decided.id)

    async def send(self) -> None:
        """Put what is due into the files that are Slack."""
        for post in await self.outbox.due():
            proposal = await self.store.get(post.proposal_id or "")
            assert proposal is not None
            text = json.dumps(shown(proposal))
            (self.room / post.id.replace(":", "-")).write_text(text)
            self.hook(f"posted {post.view}" if post.replaces_ts is None else "edited")
            ts = post.replaces_ts or f"ts-{proposal.id}"
            await self.outbox.sent(post, ts)

    async def settle(self) -> None:
        """Work until nothing is left: what a started replica does by itself."""
        await forget_leases(self.database)
        while True:
            for item in await self.inbox.waiting():
                await self.work(item)
            for proposal_id in await self.desk.sweep():
                await self.desk.carry_out(proposal_id)
            await self.send()
            if await self.quiet():
                return
            await asyncio.sleep(0.05)

    async def quiet(self) -> bool:
        left = await self.database.read(lambda c: c.exec_driver_sql(QUIET).scalar_one())
        return bool(left == 0)


def live(where: str, room: Path, point: str) -> None:
    """Be a replica that gets a card and a click, and dies at `point`."""

    async def main() -> None:
        database = await open_database(where)
        process = Process(database, room, dying_at(point))
        proposal = await process.propose(1)
        await process.send()
        await process.deliver(proposal, "U1")
        await process.send()
        await database.close()

    asyncio.run(main())


def take_over(where: str, room: Path) -> None:
    """Be the replica that comes after: Slack redelivers the click, then all is finished."""

    async def main() -> None:
        database = await open_database(where)
        process = Process(database, room, nothing)
        await process.send()
        while (proposal := await process.desk.get("p1")) and proposal.card_ts is None:
            await asyncio.sleep(0.05)
            await process.send()
        proposal = proposal or await process.propose(1)
        await process.send()
        await process.deliver(proposal, "U1")
        async with asyncio.timeout(20):
            await process.settle()
        await database.close()

    asyncio.run(main())


def click_all(where: str, room: Path, user: str, count: int) -> None:
    """Be a replica on which somebody approves every card there is."""

    async def main() -> None:
        database = await open_database(where)
        process = Process(database, room, nothing, PATIENT)
        won = []
        for number in range(count):
            proposal = await process.desk.get(f"p{number}")
            assert proposal is not None
            try:
                decided = await process.desk.decide(process.click(proposal, user))
            except ApprovalError:
                continue
            if decided.state is ProposalState.CLAIMED:
                won.append(proposal.id)
        (room / f"won-{user}").write_text("\n".join(won))
        few = asyncio.Semaphore(8)

        async def carry_out(proposal_id: str) -> None:
            async with few:
                await process.desk.carry_out(proposal_id)

        await asyncio.gather(*map(carry_out, won))
        await database.close()

    asyncio.run(main())
