"""Twelve faults, each a guard switched off: a search that finds none of them proves nothing."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from bot.approvals.desk import ApprovalDesk
from bot.approvals.model import ApprovalPolicy, ProposalSnapshot, ProposalStore, Transition
from bot.domain.applications import Application, ApplicationRef, KillAnswer, KillOutcome
from bot.domain.posts import InboxItem, Incoming
from bot.domain.proposals import Click, KillOrder, TargetState
from bot.ports import ApplicationControl, Left, SendKill
from bot.storage.audit import lock
from bot.storage.database import Database
from bot.storage.proposals import SqlProposals
from bot.storage.tables import attempts, outbox, targets
from tests.reliability.platform import Platform
from tests.reliability.stepping import point
from tests.reliability.world import APPROVERS, OUTSIDER, Delivery, Replica, World


class StoreOf(World):
    """A world whose store sees each case through `twist`."""

    def make_store(self, database: Database) -> ProposalStore:
        return TwistedStore(database, self, self.twist)

    def twist(self, case: ProposalSnapshot) -> ProposalSnapshot:
        raise NotImplementedError


class TwistedStore(SqlProposals):
    def __init__(
        self,
        database: Database,
        world: World,
        twist: Callable[[ProposalSnapshot], ProposalSnapshot],
    ) -> None:
        super().__init__(database, world.time.now, lambda: world.time.ticks)
        self._twist = twist

    async def change(
        self, proposal_id: str, rule: Callable[[ProposalSnapshot], Transition | None]
    ) -> ProposalSnapshot | None:
        return await super().change(proposal_id, lambda case: rule(self._twist(case)))


class NoCompare(World):
    """What a rule decides on was read in another transaction than the one that writes."""

    def make_store(self, database: Database) -> ProposalStore:
        return BlindStore(database, self.time.now, lambda: self.time.ticks)


class BlindStore(SqlProposals):
    async def change(
        self, proposal_id: str, rule: Callable[[ProposalSnapshot], Transition | None]
    ) -> ProposalSnapshot | None:
        now = self._clock()

        def look(connection: Connection) -> ProposalSnapshot | None:
            seen, frozen = lock(connection, now)
            return self._case(connection, proposal_id, seen, frozen=frozen)

        case = await self._database.read(look)
        change = rule(case) if case else None
        if case is None or change is None:
            return case
        await point("between")

        def write(connection: Connection) -> ProposalSnapshot:
            current = self._case(connection, proposal_id, case.now, frozen=case.frozen) or case
            votes = change.proposal.votes if change.vote else current.proposal.votes
            blind = replace(change.proposal, votes=votes)
            return self._write(connection, current, replace(change, proposal=blind))

        after = await self._database.transact(write)
        if change.refusal is not None:
            raise change.refusal
        return after


class NoVoteKey(World):
    """Votes count per click, not per person."""

    def __init__(self, connection: Connection, seed: int) -> None:
        self.numbers = itertools.count()
        super().__init__(connection, seed)
        self.policy = replace(self.policy, approvals_required=2)
        self.replicas = [self._replica(0), self._replica(1)]

    def desk_policy(self) -> ApprovalPolicy:
        many = {f"{user}#{number}" for user in APPROVERS for number in range(99)}
        return replace(self.policy, approvers=frozenset(many))

    def click(self, delivery: Delivery) -> Click:
        click = super().click(delivery)
        return replace(click, user=f"{click.user}#{next(self.numbers)}")


class NoAuthorisation(World):
    """Anybody may approve."""

    def desk_policy(self) -> ApprovalPolicy:
        return replace(self.policy, approvers=self.policy.approvers | {OUTSIDER})


class NoSelfCheck(World):
    """People approve what they asked for, though the policy forbids it."""

    def desk_policy(self) -> ApprovalPolicy:
        return replace(self.policy, self_approval=True)


class NoExpiry(StoreOf):
    """A card never gets too old."""

    def twist(self, case: ProposalSnapshot) -> ProposalSnapshot:
        later = case.proposal.expires_at + timedelta(days=9)
        return replace(case, proposal=replace(case.proposal, expires_at=later))


class NoRecheck(World):
    """What is there now is not compared with what was shown."""

    def desk_class(self) -> type[ApprovalDesk]:
        return TrustingDesk


class TrustingDesk(ApprovalDesk):
    def _verdict(self, *_: Any) -> tuple[TargetState, str] | None:
        return None


class CachedRecheck(World):
    """The identity read is answered from a list taken when the card was made."""

    def make_control(self) -> ApplicationControl:
        return CachingControl(self.platform)


class CachingControl:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._cache: dict[ApplicationRef, Application | None] = {}

    async def find(self, ref: ApplicationRef) -> Application | None:
        if ref not in self._cache:
            self._cache[ref] = await self._platform.find(ref)
        return self._cache[ref]

    async def prepare(self, ref: ApplicationRef) -> SendKill:
        return await self._platform.prepare(ref)


class NoSendGuard(World):
    """A process that was stopped between the read and the call sends all the same."""

    def desk_class(self) -> type[ApprovalDesk]:
        return LateDesk


class LateDesk(ApprovalDesk):
    def _left(self, *_: Any) -> Left:
        return lambda: 1.0


class HttpRetry(World):
    """The HTTP client repeats a request that got no answer."""

    def make_control(self) -> ApplicationControl:
        return RetryingControl(self.platform)


class RetryingControl(CachingControl):
    async def find(self, ref: ApplicationRef) -> Application | None:
        return await self._platform.find(ref)

    async def prepare(self, ref: ApplicationRef) -> SendKill:
        send = await self._platform.prepare(ref)

        async def twice(order: KillOrder, left: Left) -> KillAnswer:
            answer = await send(order, left)
            if answer.outcome is KillOutcome.UNKNOWN:
                return await send(order, left)
            return answer

        return twice


class Replay(World):
    """Whoever takes a proposal over begins an interrupted call again."""

    def make_store(self, database: Database) -> ProposalStore:
        return ReplayingStore(database, self.time.now, lambda: self.time.ticks)


class ReplayingStore(SqlProposals):
    def _case(
        self, connection: Connection, proposal_id: str, now: datetime, *, frozen: bool
    ) -> ProposalSnapshot | None:
        case = super()._case(connection, proposal_id, now, frozen=frozen)
        if case is None or case.lease_until is None or now < case.lease_until:
            return case
        calling = targets.c.state == TargetState.CALLING.value
        again = connection.execute(targets.update().where(calling).values(state="waiting"))
        if again.rowcount:
            connection.execute(attempts.delete())
        return super()._case(connection, proposal_id, now, frozen=frozen)


class AckFirst(World):
    """A click is acknowledged before it is written down."""

    async def deliver(self, replica: Replica, delivery: Delivery) -> None:
        self.acked.add(delivery.key)
        await point("acknowledged")
        item = InboxItem(delivery.key, Incoming.CLICK, {"key": delivery.key}, self.time.wall)
        await replica.inbox.put(item)
        await self.work(replica, delivery.key)


class NoOutbox(World):
    """The card is edited once when something happens, and a failure is forgotten."""

    async def send(self, replica: Replica) -> None:
        def forget(connection: Connection) -> None:
            connection.execute(outbox.update().values(open=0))

        for post in await replica.outbox.due():
            if self.slack_down:
                await self.database.transact(forget)
            else:
                await self._send(replica, post)


# Each fault, and the invariants one of which must be seen broken.
FAULTS: dict[type[World], tuple[str, ...]] = {
    NoCompare: ("I2", "I4"),
    NoVoteKey: ("I1 too few",),
    NoAuthorisation: ("I1 a vote of somebody",),
    NoSelfCheck: ("I1 the requester",),
    NoExpiry: ("I1 a vote after",),
    NoRecheck: ("I3 another",),
    CachedRecheck: ("I3 another",),
    NoSendGuard: ("I3 another",),
    HttpRetry: ("I2",),
    Replay: ("I2",),
    AckFirst: ("I5",),
    NoOutbox: ("I6",),
}
