"""The rules of a kill once it is approved: who holds it, what may be called, what came of it, the proof."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from bot.approvals.model import (
    ApprovalPolicy,
    Effect,
    LostLeaseError,
    ProposalSnapshot,
    Timers,
    Transition,
    View,
)
from bot.domain.applications import Application, ApplicationState, KillAnswer, KillOutcome
from bot.domain.proposals import (
    KillOrder,
    Proposal,
    ProposalState,
    Target,
    TargetState,
    digest_of,
)
from bot.errors import BackendError, FaultKind, NotAllowedError
from bot.ports import Applications, ClusterHealth, UsageHistory

End = tuple[TargetState, str]
HANDED_ON = "handed_on"  # the reason of a call that another process makes for its holder


def take(case: ProposalSnapshot, lease: timedelta) -> Transition | None:
    """Take the proposal for carrying it out; None when it is not to be, or another holds it.

    A call that a dead holder began may have been sent: it is never begun again, only looked into.
    """
    proposal = case.proposal
    to_do = proposal.state is ProposalState.CLAIMED or case.watching
    if not to_do or (case.lease_until is not None and case.now < case.lease_until):
        return None
    after = _interrupted(proposal)
    return Transition(after, "taken", take=True, lease=lease, detail={"token": case.token + 1})


def _interrupted(proposal: Proposal) -> Proposal:
    """Return it with every call that nobody waits for any more as one of unknown outcome."""
    targets = tuple(
        replace(target, state=TargetState.UNKNOWN, reason="interrupted")
        if target.state is TargetState.CALLING
        else target
        for target in proposal.targets
    )
    return replace(proposal, targets=targets)


def verdict(target: Target, seen: Application | None) -> End | None:
    """Compare what is there now with what was frozen; None when it is the very same and alive."""
    if seen is None:
        return TargetState.GONE, "absent"
    if (seen.ref, seen.started_at) == (target.ref, target.started_at) and seen.state.over:
        killed = seen.state is ApplicationState.KILLED
        return TargetState.GONE, "killed_before" if killed else seen.state.value
    if not target.same_identity(seen):
        return TargetState.ABORTED, "changed"
    return None


def intend(
    case: ProposalSnapshot,
    position: int,
    found: End | None,
    policy: ApprovalPolicy,
    timers: Timers,
) -> Transition:
    """Begin the one call of a target, or end the target without a call."""
    proposal = case.proposal
    target = proposal.targets[position]
    if position in case.called_at or target.state is not TargetState.WAITING:
        raise LostLeaseError(proposal.id)
    refused = _refused(case, target, policy, timers)
    end = (TargetState.ABORTED, refused) if refused else found
    if end:
        return settle(case, position, end, timers)
    return Transition(
        _with_target(proposal, position, TargetState.CALLING, ""),
        "calling",
        attempt=position,
        lease=timers.lease,
        detail={"application": target.ref.id},
    )


def hand_on(
    case: ProposalSnapshot,
    order: KillOrder,
    found: End | None,
    policy: ApprovalPolicy,
    timers: Timers,
) -> Transition:
    """Take over the one call that another process began, or refuse it: by what is stored alone."""
    proposal, position = case.proposal, order.position
    target = proposal.targets[position]
    checks = {
        "not_claimed": proposal.state is not ProposalState.CLAIMED,
        "other_targets": order.digest != proposal.digest,
        "no_intent": position not in case.called_at or target.state is not TargetState.CALLING,
        "called_before": target.reason == HANDED_ON,
    }
    refused = next((why for why, holds in checks.items() if holds), None)
    refused = refused or _refused(case, target, policy, timers) or (found[1] if found else None)
    detail = {"application": target.ref.id}
    if refused:
        told = detail | {"why": refused}
        return Transition(proposal, "call_refused", detail=told, refusal=NotAllowedError(refused))
    after = _with_target(proposal, position, TargetState.CALLING, HANDED_ON)
    return Transition(after, HANDED_ON, detail=detail)


def _approvals(proposal: Proposal, policy: ApprovalPolicy) -> int:
    """Return how many votes count still; who is in a user group only Slack can tell."""
    named = None if policy.approver_group else policy.approvers
    return sum(
        vote.approve
        and (named is None or vote.user in named)
        and (policy.self_approval or vote.user != proposal.requester)
        for vote in proposal.votes
    )


def _refused(
    case: ProposalSnapshot, target: Target, policy: ApprovalPolicy, timers: Timers
) -> str | None:
    proposal = case.proposal
    since = case.now - (proposal.decided_at or proposal.created_at)
    needed = max(1, proposal.approvals_required, policy.approvals_required)
    checks = {
        "unapproved": _approvals(proposal, policy) < needed,
        "frozen": case.frozen,
        "protected": policy.protection.covers(target.name, target.user, target.queue),
        "damaged": digest_of(proposal.targets) != proposal.digest,
        "deadline": since > timers.deadline,
        "dry_run": proposal.dry_run or policy.dry_run,
    }
    return next((why for why, holds in checks.items() if holds), None)


def wait(case: ProposalSnapshot, position: int, timers: Timers) -> Transition:
    """Go on waiting for an identity read, or give the target up once it is too late to call."""
    if case.now - (case.proposal.decided_at or case.now) > timers.deadline:
        return settle(case, position, (TargetState.ABORTED, "unreachable"), timers)
    return renew(case, 0, timers)


def renew(case: ProposalSnapshot, seconds: float, timers: Timers) -> Transition:
    """Hold the lease for that much longer than a lease."""
    return Transition(case.proposal, lease=timers.lease + timedelta(seconds=seconds))


def release(case: ProposalSnapshot) -> Transition:
    """Let go, so that another may go on at once; it will not see a call without a caller."""
    after = _interrupted(case.proposal)
    event = "" if after == case.proposal else "released"
    return Transition(after, event, lease=timedelta(0))


def answered(
    case: ProposalSnapshot, position: int, answer: KillAnswer | End, timers: Timers
) -> Transition:
    """Note what the cluster said to the call, or the end of one that was never sent.

    That it was accepted proves nothing yet. A no is believed only once a read bears it out: what
    acted may have said no all the same.
    """
    if not isinstance(answer, KillAnswer):
        return settle(case, position, answer, timers)
    end = {
        KillOutcome.ACCEPTED: (TargetState.ACCEPTED, ""),
        KillOutcome.REFUSED: (TargetState.UNKNOWN, "refused"),
        KillOutcome.UNSENT: (TargetState.ABORTED, "unsent"),
        KillOutcome.UNKNOWN: (TargetState.UNKNOWN, "no_answer"),
    }[answer.outcome]
    return settle(case, position, end, timers, {"answer": answer.detail[:500]})


def settle(
    case: ProposalSnapshot,
    position: int,
    end: End,
    timers: Timers,
    detail: Mapping[str, Any] | None = None,
) -> Transition:
    """Move one target on; with the last one final the proposal is done and is watched."""
    if case.proposal.targets[position].state.final:
        raise LostLeaseError(case.proposal.id)
    after = _with_target(case.proposal, position, *end)
    done = all(target.state.final for target in after.targets)
    if done:
        after = replace(after, state=ProposalState.DONE, finished_at=case.now)
    return Transition(
        after,
        end[0].value,
        detail={"application": after.targets[position].ref.id, **(detail or {})},
        lease=timers.lease,
        watching=any(target.state is TargetState.SUCCEEDED for target in after.targets)
        if done
        else None,
        views=("card",),
    )


def _with_target(proposal: Proposal, position: int, state: TargetState, reason: str) -> Proposal:
    targets = list(proposal.targets)
    targets[position] = replace(targets[position], state=state, reason=reason)
    return replace(proposal, targets=tuple(targets))


def outcome(
    target: Target,
    seen: Application | None,
    proposal_id: str,
    since: timedelta,
    timers: Timers,
) -> End | None:
    """Read off what became of a call begun `since` ago; None while it is too early to say.

    The read before the call saw it running, so it was killed by us unless the cluster names
    another account; our own request carries the proposal's id.
    """
    if seen is None:
        return TargetState.GONE, "absent"
    if (seen.started_at, seen.user, seen.name) != (target.started_at, target.user, target.name):
        return TargetState.GONE, "replaced"
    if seen.state is ApplicationState.KILLED:
        another = seen.killed_by and proposal_id not in seen.diagnostics
        return (TargetState.GONE, "killed_before") if another else (TargetState.SUCCEEDED, "killed")
    if seen.state.over:
        return TargetState.GONE, seen.state.value
    return _still_there(target, since, timers)


def _still_there(target: Target, since: timedelta, timers: Timers) -> End | None:
    if target.reason == "refused" and since >= timers.refusal:
        return TargetState.REJECTED, "refused"
    return (TargetState.NEEDS_HUMAN, "still_running") if since >= timers.grace else None


def unreachable(since: timedelta, timers: Timers) -> End | None:
    """Ask a person once the cluster has given no answer for long."""
    return (TargetState.NEEDS_HUMAN, "unreachable") if since >= timers.unreachable else None


def relaunches(killed: Sequence[Application], running: Sequence[Application]) -> tuple[str, ...]:
    """Return ids of applications that took a killed one's place: same name, same user, later.

    Both times are the cluster's own; one that tells no end gives nothing to compare with.
    """
    ours = {application.ref for application in killed}
    ended = {(each.name, each.user): each.finished_at for each in killed if each.finished_at}
    return tuple(
        application.ref.id
        for application in running
        if application.ref not in ours
        and not application.state.over
        and application.started_at is not None
        and (end := ended.get((application.name, application.user))) is not None
        and application.started_at >= end
    )


def watched(
    case: ProposalSnapshot,
    effect: Effect,
    again: Sequence[str],
    timers: Timers,
) -> Transition:
    """Note the effect once it is measured, and each relaunch once; end the watch in time."""
    proposal = case.proposal
    over = case.now >= (proposal.finished_at or case.now) + timers.watch
    new = tuple(id_ for id_ in again if id_ not in proposal.relaunched)
    told = {
        name: value
        for name, value in asdict(effect).items()
        if value is not None and getattr(proposal, name.replace("before", "after")) is None
    }
    proved = proposal.cpu_after is not None
    views: list[View] = []
    if "cores_after" in told if proved else "cpu_after" in told or over:
        views.append("proof")
    if new:
        views.append("relaunch")
    return Transition(
        replace(proposal, **told, relaunched=proposal.relaunched + new),
        "watched" if told or new else "watch_over" if over else "",
        detail={**asdict(effect), "relaunched": list(new)},
        lease=timers.lease,
        watching=False if over else None,
        views=tuple(views),
    )


# What a kill came to: CPU before and after, and whether the same jobs run again.


HISTORY = timedelta(minutes=1)
HISTORY_STEP = timedelta(seconds=15)


class Proof:
    """Measures the cluster after a kill; it only reads."""

    def __init__(
        self,
        health: ClusterHealth,
        applications: Applications,
        timers: Timers,
        history: UsageHistory | None = None,
    ) -> None:
        self._health = health
        self._applications = applications
        self._timers = timers
        self._history = history
        self._taken_over: datetime | None = None  # when a takeover was last seen

    async def effect(self, case: ProposalSnapshot) -> Effect:
        """Return what is measured by now and was not before."""
        return Effect(*await self.cpu(case), *await self.cores(case))

    async def cores(self, case: ProposalSnapshot) -> tuple[float | None, float | None]:
        """Return the cores all applications used just before the first call, and use since.

        By what told the targets' own, and only by readings that hold nothing of before the end.
        """
        proposal = case.proposal
        ended, called = proposal.finished_at, case.called_at.values()
        if self._history is None or proposal.cores_after is not None or not (ended and called):
            return None, None
        if not proposal.killed or not proposal.expected[1]:  # nothing measured to compare with
            return None, None
        return await self._history.cores_around(min(called), ended)

    async def cpu(self, case: ProposalSnapshot) -> tuple[float | None, float | None]:
        """Return CPU percent just before the first call, where a history is kept, and now.

        The second is None until a reading exists that was taken after the effect settled. A
        ResourceManager that has just taken over cannot tell nodes yet to end what was killed.
        """
        proposal = case.proposal
        settled = (proposal.finished_at or case.now) + self._timers.settle
        if proposal.cpu_after is not None or case.now < settled:
            return None, None
        metrics = await self._health.now()
        if any(each.kind is FaultKind.SETTLING for each in metrics.missing):
            self._taken_over = case.now
        if self._taken_over is not None:
            settled = max(settled, self._taken_over + self._timers.settle)
        if metrics.cpu is None or case.now < settled:
            return None, None
        called_at = min(case.called_at.values(), default=case.now)
        try:
            window = await self._health.cpu(called_at - HISTORY, called_at, HISTORY_STEP)
        except BackendError:
            window = None
        before = window.points[-1][1] if window and window.points else None
        return before, metrics.cpu.percent

    async def relaunched(self, case: ProposalSnapshot) -> tuple[str, ...]:
        """Return the ids under which killed targets run again."""
        killed = []
        for target in case.proposal.targets:
            if target.state is TargetState.SUCCEEDED:
                with suppress(BackendError):
                    killed.append(await self._applications.find(target.ref))
        listed = await self._applications.running()
        return relaunches([each for each in killed if each], listed.applications)
