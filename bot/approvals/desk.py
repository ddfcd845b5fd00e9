r"""The whole life of a kill, from the card to the proof.

Its rules are policy up to the approval, execution after it; proof measures.

                      propose                       (fresh identity; protected, frozen: refused)
                         |
                      PENDING --reject------> DENIED
                         |   \--time is over-> EXPIRED
                         |   \--withdrawn,
                         |      replaced-----> CANCELLED
              enough distinct approvers
                         |
                      CLAIMED   one holder at a time: lease and token; a dead one is taken over
                         |
       for each target:  |
                         v
      WAITING --prepare the request, read identity--> ended by itself -> GONE       (no call)
         |                   \-> changed, frozen,
         |                       late, dry run  -> ABORTED    (no call)
      intent row: at most one per target, ever
         |
      CALLING --too late, no connection--> ABORTED             (nothing sent)
         |   \--one request, never repeated:
         |      accepted----------> ACCEPTED --.
         |      a no--------------> UNKNOWN ---+--read--> killed       -> SUCCEEDED
         |      no answer, crash--> UNKNOWN ---'          ended, absent-> GONE
         |                                     |          still there  -> REJECTED after a no,
         |                                     |                          else NEEDS_HUMAN
         |                                     '--nothing to read for 30 min-> NEEDS_HUMAN
         v
       DONE  all targets final --> watch: CPU again (proof), the same job under a new id (relaunch)

Every arrow is one transaction: compared with what was read, written with its audit row and with
the card's row in the outbox. Whatever dies in between is found by `sweep` on any replica.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from bot.approvals import execution as steps
from bot.approvals import policy as decisions
from bot.approvals.execution import Proof
from bot.approvals.model import (
    ApprovalPolicy,
    Asker,
    LostLeaseError,
    ProposalSnapshot,
    ProposalStore,
    Timers,
    Transition,
)
from bot.approvals.policy import Approvers
from bot.domain.applications import Application, KillAnswer, KillOutcome
from bot.domain.conversation import API
from bot.domain.proposals import (
    Click,
    KillOrder,
    Proposal,
    ProposalRequest,
    ProposalState,
    Target,
    TargetState,
    order_of,
)
from bot.errors import (
    BackendError,
    CardMismatchError,
    NotAllowedError,
    ProposalRefusedError,
    StorageError,
)
from bot.ports import (
    ApplicationControl,
    Applications,
    Clock,
    ClusterHealth,
    Left,
    People,
    SendKill,
    UsageHistory,
)

Sleep = Callable[[float], Awaitable[object]]
IN_FLIGHT = {TargetState.CALLING, TargetState.ACCEPTED, TargetState.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster as the desk needs it: what changes it, what lists it, what measures it."""

    control: ApplicationControl
    applications: Applications
    health: ClusterHealth
    history: UsageHistory | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """What an identity read showed, and when it began by both clocks."""

    application: Application | None
    at: datetime
    tick: float


class ApprovalDesk:
    """Decides, carries out and proves kills. Nothing else in the product can.

    What is proposed in a thread of the API gets its card in the channel `cards_at`, where people
    decide; without one it stands in the API alone. `ticks` counts seconds and never steps; `sleep`
    waits seconds.
    """

    def __init__(
        self,
        store: ProposalStore,
        cluster: Cluster,
        people: People,
        policy: ApprovalPolicy,
        clock: Clock,
        *,
        timers: Timers | None = None,
        ticks: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        cards_at: str = "",
    ) -> None:
        self._store = store
        self._control = cluster.control
        self._approvers = Approvers(people, policy, clock)
        self._policy = policy
        self._clock = clock
        self._timers = timers or Timers()
        self._proof = Proof(cluster.health, cluster.applications, self._timers, cluster.history)
        self._ticks = ticks
        self._sleep = sleep
        self._cards_at = cards_at

    # --- the card -----------------------------------------------------------------------------

    async def propose(self, request: ProposalRequest) -> Proposal:
        """Store a proposal and its card, replacing the thread's open one where the asker may.

        An approver's request outranks what waits elsewhere for the same application and was asked
        for by somebody who is none. The same request id returns the stored proposal. Raises
        ProposalRefusedError with code frozen, bad_targets, protected, gone, changed, unreachable,
        unchanged, target_open or channel_full.
        """
        known = await self._store.get(request.id)
        if known is not None:
            return known
        for target in request.targets:
            await self._check_still_there(target)
        channel, thread = self._place(request.channel, request.thread_ts)
        request = replace(request, channel=channel, thread_ts=thread)
        approver = await self._approvers.barred(request.requester, request.team) is None
        outranked: frozenset[str] = frozenset()
        while True:
            asker = Asker(approver, outranked)
            try:
                return await self._admit(request, asker)
            except ProposalRefusedError as error:
                other = error.values.get("proposal", "")
                if not (approver and await self._outranks(other, outranked)):
                    raise
                outranked |= {other}

    async def _admit(self, request: ProposalRequest, asker: Asker) -> Proposal:
        return await self._store.admit(
            request.id, lambda desk: decisions.admit(desk, request, self._policy, asker)
        )

    async def _outranks(self, other_id: str, tried: frozenset[str]) -> bool:
        """Tell whether an approver's card may take the place of this one, waiting elsewhere."""
        other = await self._store.get(other_id)
        if other is None or other_id in tried or other.state is not ProposalState.PENDING:
            return False
        barred = await self._approvers.barred(other.requester, other.team)
        return barred is not None and not any(vote.approve for vote in other.votes)

    async def get(self, proposal_id: str) -> Proposal | None:
        """Return a proposal."""
        return await self._store.get(proposal_id)

    async def in_thread(self, channel: str, thread_ts: str) -> tuple[Proposal, ...]:
        """Return the thread's proposals, newest first, at most 20."""
        return await self._store.in_thread(*self._place(channel, thread_ts))

    def _place(self, channel: str, thread: str) -> tuple[str, str]:
        if not channel.startswith(API):
            return channel, thread
        return self._cards_at or channel, f"{channel}:{thread}"

    async def since(self, at: datetime) -> tuple[Proposal, ...]:
        """Return the proposals made from then on, newest first, at most 20."""
        return await self._store.since(at)

    async def withdraw(self, proposal_id: str, user: str) -> Proposal | None:
        """Cancel an open proposal; None when there is nothing left to cancel.

        Raises NotAllowedError (not_requester) for whoever neither asked for it nor may approve.
        """
        proposal = await self._store.get(proposal_id)
        if proposal is None or proposal.state is not ProposalState.PENDING:
            return None
        if user != proposal.requester and await self._approvers.barred(user, proposal.team):
            raise NotAllowedError("not_requester")
        case = await self._store.change(
            proposal_id,
            lambda case: (
                decisions.cancel(case.proposal, "withdrawn", user)
                if case.proposal.state is ProposalState.PENDING
                else None
            ),
        )
        cancelled = case is not None and case.proposal.state is ProposalState.CANCELLED
        return case.proposal if case is not None and cancelled else None

    def protected(self, name: str, user: str, queue: str) -> bool:
        """Return True when the policy forbids offering or killing such an application."""
        return self._policy.protection.covers(name, user, queue)

    async def _check_still_there(self, target: Target) -> None:
        read = await self._identity(target)
        if read is None:
            code = "unreachable"
        else:
            found = steps.verdict(target, read.application)
            if found is None:
                return
            code = "gone" if found[0] is TargetState.GONE else "changed"
        raise ProposalRefusedError(code, name=target.name, application=target.ref.id)

    # --- the decision -------------------------------------------------------------------------

    async def decide(self, click: Click) -> Proposal:
        """Count a click; with state CLAIMED afterwards, `carry_out` is to be called.

        Raises CardMismatchError (unknown_card, other_place, other_card, other_targets),
        NotAllowedError (the codes of Approvers.barred, self_approval, frozen) or TooLateError
        (already_voted, or the state the proposal is in).
        """
        barred = await self._approvers.barred(click.user, click.team)
        case = await self._store.change(
            click.proposal_id, lambda case: decisions.decide(case, click, barred, self._policy)
        )
        if case is None:
            raise CardMismatchError("unknown_card")
        return case.proposal

    # --- the kill -----------------------------------------------------------------------------

    async def carry_out(self, proposal_id: str) -> Proposal | None:
        """Carry an approved proposal out to its proof; takes minutes, so run it as a task.

        Returns None at once when it is not to be carried out or another holder is at it. May be
        cancelled or die anywhere: `sweep` finds it once the lease is over.
        """
        case = await self._take(proposal_id)
        if case is None:
            return None
        try:
            for position, target in enumerate(case.proposal.targets):
                if target.state is TargetState.WAITING:
                    await self._kill(case.proposal, position, case.token)
            await self._follow(proposal_id, case.token)
            await self._prove(proposal_id, case.token)
        except LostLeaseError:
            return None
        except asyncio.CancelledError:  # an orderly stop: the next replica need not wait
            with suppress(LostLeaseError, StorageError):
                await self._fenced(proposal_id, case.token, steps.release)
            raise
        return await self._store.get(proposal_id)

    async def sweep(self) -> tuple[str, ...]:
        """End what nobody decided in time; return the ids `carry_out` is to be called with."""
        to_do = []
        for proposal in await self._store.due():
            if proposal.state is ProposalState.PENDING:
                await self._store.change(
                    proposal.id,
                    lambda case: (
                        decisions.expire(case.proposal)
                        if decisions.expired(case.proposal, case.now)
                        else None
                    ),
                )
            else:
                to_do.append(proposal.id)
        return tuple(to_do)

    async def _take(self, proposal_id: str) -> ProposalSnapshot | None:
        taken = []

        def rule(case: ProposalSnapshot) -> Transition | None:
            change = steps.take(case, self._timers.lease)
            if change is not None:
                taken.append(change)
            return change

        case = await self._store.change(proposal_id, rule)
        return case if taken else None

    async def _fenced(
        self, proposal_id: str, token: int, rule: Callable[[ProposalSnapshot], Transition | None]
    ) -> ProposalSnapshot:
        """Change a proposal we hold. Raises LostLeaseError once another took it over."""

        def held(case: ProposalSnapshot) -> Transition | None:
            case.held_with(token)
            return rule(case)

        case = await self._store.change(proposal_id, held)
        if case is None:
            raise LostLeaseError(proposal_id)
        return case

    async def _renew(self, proposal_id: str, token: int, seconds: float) -> ProposalSnapshot:
        return await self._fenced(
            proposal_id, token, lambda case: steps.renew(case, seconds, self._timers)
        )

    async def _kill(self, proposal: Proposal, position: int, token: int) -> None:
        """Prepare, read the identity, write the intent, send the one request, note the answer."""
        target = proposal.targets[position]
        while (ready := await self._ready(target)) is None:
            case = await self._fenced(
                proposal.id, token, lambda case: steps.wait(case, position, self._timers)
            )
            if case.proposal.targets[position].state.final:
                return
            await self._sleep(self._timers.polls[-1])
        send, read = ready
        found = self._verdict(target, read)
        case = await self._fenced(
            proposal.id,
            token,
            lambda case: steps.intend(case, position, found, self._policy, self._timers),
        )
        if case.proposal.targets[position].state is not TargetState.CALLING:
            return
        answer = await self._sent(send, order_of(case.proposal, position), read)
        await self._fenced(
            proposal.id,
            token,
            lambda case: steps.answered(case, position, answer, self._timers),
        )

    async def call(self, order: KillOrder, caller: str) -> KillAnswer:
        """Make the one call of a target for the process that holds its proposal.

        Nothing of the order counts but where to look: what is stored decides, at most once for a
        target. Raises CardMismatchError (unknown_card), or NotAllowedError with what stands in
        the way; both before anything was sent.
        """
        proposal = await self._store.get(order.proposal_id)
        if proposal is None or order.position not in range(len(proposal.targets)):
            raise CardMismatchError("unknown_card")
        target = proposal.targets[order.position]
        ready = await self._ready(target)
        if ready is None:
            return KillAnswer(KillOutcome.UNSENT, "unreachable")
        send, read = ready
        found = self._verdict(target, read)
        await self._store.change(
            order.proposal_id,
            lambda case: replace(
                steps.hand_on(case, order, found, self._policy, self._timers), actor=caller
            ),
        )
        answer = await self._sent(send, order_of(proposal, order.position), read)
        return (
            answer if isinstance(answer, KillAnswer) else KillAnswer(KillOutcome.UNSENT, answer[1])
        )

    async def _sent(self, send: SendKill, order: KillOrder, read: _Read) -> KillAnswer | steps.End:
        """Send the one request, or say why none was sent.

        The switch is read once more: writing the intent down may have taken its time. Whatever
        waits from here on, the first byte asks `left` again before it goes.
        """
        frozen, tick = await self._store.frozen(self._ticks)
        if frozen:
            return TargetState.ABORTED, "frozen"
        left = self._left(read, tick)
        return await send(order, left) if left() > 0 else (TargetState.ABORTED, "paused")

    async def _ready(self, target: Target) -> tuple[SendKill, _Read] | None:
        """Find out where the request goes, then read what is there; None without an answer."""
        try:
            send = await self._control.prepare(target.ref)
        except BackendError:
            return None
        read = await self._identity(target)
        return (send, read) if read is not None else None

    async def _identity(self, target: Target) -> _Read | None:
        """Read what is there now, uncached; None when the cluster gives no usable answer."""
        at, tick = self._clock(), self._ticks()
        try:
            return _Read(await self._control.find(target.ref), at, tick)
        except BackendError:
            return None

    def _verdict(self, target: Target, read: _Read) -> tuple[TargetState, str] | None:
        seen = read.application
        if seen is not None and self.protected(seen.name, seen.user, seen.queue):
            return TargetState.ABORTED, "protected"
        return steps.verdict(target, seen)

    def _left(self, read: _Read, freeze_tick: float) -> Left:
        """Return how long the identity and the freeze switch still count as read just now.

        By both clocks: ticks stand still while a machine is suspended, the wall clock may be set.
        """
        read_age = self._timers.read_age.total_seconds()
        freeze_age = self._timers.freeze_age.total_seconds()

        def left() -> float:
            tick, passed = self._ticks(), abs(self._clock() - read.at).total_seconds()
            return min(
                read.tick + read_age - tick, read_age - passed, freeze_tick + freeze_age - tick
            )

        return left

    # --- what came of it ----------------------------------------------------------------------

    async def _follow(self, proposal_id: str, token: int) -> None:
        """Read each called target until its end is known, less and less often."""
        polls, rounds = self._timers.polls, 0
        delay = polls[0]
        while True:
            case = await self._renew(proposal_id, token, delay)
            targets = enumerate(case.proposal.targets)
            called = [position for position, target in targets if target.state in IN_FLIGHT]
            if not called:
                return
            await self._sleep(delay)
            answers = [await self._look(case, position, token) for position in called]
            rounds += 1
            if any(answers):
                delay = polls[min(rounds, len(polls) - 1)]
            else:
                delay = min(delay * 2, self._timers.longest_poll)

    async def _look(self, case: ProposalSnapshot, position: int, token: int) -> bool:
        """Read one called target and note its end; False when the cluster gives no answer."""
        target = case.proposal.targets[position]
        read = await self._identity(target)

        def rule(case: ProposalSnapshot) -> Transition | None:
            since = case.now - case.called_at[position]
            if read is None:
                end = steps.unreachable(since, self._timers)
            else:
                end = steps.outcome(target, read.application, case.proposal.id, since, self._timers)
            return steps.settle(case, position, end, self._timers) if end else None

        await self._fenced(case.proposal.id, token, rule)
        return read is not None

    async def _prove(self, proposal_id: str, token: int) -> None:
        """Measure the cluster once the kill has had its effect, and watch for a relaunch."""
        case = await self._renew(proposal_id, token, 0)
        while case.watching:
            await self._sleep(self._timers.watch_poll)
            effect = await self._proof.effect(case)
            again = await self._proof.relaunched(case)
            case = await self._fenced(
                proposal_id,
                token,
                lambda case: steps.watched(case, effect, again, self._timers),  # noqa: B023 - called before the next round
            )
