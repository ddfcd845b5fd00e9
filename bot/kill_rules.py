"""The rules of a kill: what may follow from where it stands. No I/O, no clock, no language model.

Each rule sees one `Case`, as one transaction sees it, and returns the `Change` to write, or None,
or raises. The store writes a change with its audit row and its posts, or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.domain.applications import Application, ApplicationState, KillAnswer, KillOutcome
from bot.domain.kill_cards import digest_of
from bot.domain.proposals import (
    Click,
    Proposal,
    ProposalRequest,
    ProposalState,
    Target,
    TargetState,
    Vote,
)
from bot.domain.protection import Protection
from bot.errors import (
    ApprovalError,
    CardMismatchError,
    DangjikError,
    NotAllowedError,
    ProposalRefusedError,
    TooLateError,
)

View = Literal["card", "proof", "relaunch"]
LARGEST_PROPOSAL = 20
CARDS_PER_CHANNEL = 3
KILLS_WITHOUT_SECOND = 3
KILL_WINDOW = timedelta(minutes=10)
CLOCK_SKEW = timedelta(minutes=2)
RELAUNCH_SKEW = timedelta(seconds=5)
OPEN = {ProposalState.PENDING, ProposalState.CLAIMED}


class LostLeaseError(DangjikError):
    """Another replica carries the proposal out by now; this one stops, silently."""


@dataclass(frozen=True, slots=True)
class Timers:
    """How long each step may take."""

    lease: timedelta = timedelta(seconds=30)
    deadline: timedelta = timedelta(seconds=120)  # from the last approval to the call
    read_age: timedelta = timedelta(seconds=5)  # from reading the identity to the call
    intent_age: timedelta = timedelta(seconds=1)  # from checking the freeze to the call
    grace: timedelta = timedelta(seconds=60)  # for the cluster to carry the kill out
    unreachable: timedelta = timedelta(minutes=30)  # of no answer, until a person is asked
    settle: timedelta = timedelta(seconds=10)  # until the effect can be measured
    watch: timedelta = timedelta(minutes=2)  # for the effect and for a relaunch
    polls: tuple[float, ...] = (0.5, 1, 2, 4, 8)  # seconds between reads
    longest_poll: float = 60  # while the cluster gives no answer
    watch_poll: float = 5  # between two looks at the effect


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """Who may approve, how many must, for how long, and what may never be killed."""

    approvers: frozenset[str] = frozenset()
    approver_group: str | None = None
    self_approval: bool = True
    approvals_required: int = 1
    ttl: timedelta = timedelta(minutes=15)
    protection: Protection = field(default_factory=lambda: Protection(()))
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A proposal as one transaction sees it, and what the rules need to know around it.

    `now` is the database's own clock, which never goes back. `recent_kills` counts other kills
    begun or promised on the same clusters within `KILL_WINDOW`. `called_at` is by position.
    """

    proposal: Proposal
    now: datetime
    frozen: bool = False
    token: int = 0
    lease_until: datetime | None = None
    watching: bool = False
    cards: frozenset[str] = frozenset()
    envelopes: frozenset[str] = frozenset()
    recent_kills: int = 0
    called_at: Mapping[int, datetime] = field(default_factory=dict)

    def held_with(self, token: int) -> None:
        """Raise LostLeaseError when somebody took the proposal over."""
        if self.token != token:
            raise LostLeaseError(self.proposal.id)


@dataclass(frozen=True, slots=True)
class Change:
    """What to write. `event` names it in the audit; without one it is only a longer lease.

    `lease` is counted from now; `take` hands out a new token. `attempt` is the position of a
    target whose one call begins. `refusal` is raised after the change is written.
    """

    proposal: Proposal
    event: str = ""
    actor: str = "bot"
    detail: Mapping[str, Any] = field(default_factory=dict)
    vote: Vote | None = None
    envelope_id: str = ""
    attempt: int | None = None
    lease: timedelta | None = None
    take: bool = False
    watching: bool | None = None
    views: tuple[View, ...] = ()
    refusal: ApprovalError | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """What a new proposal meets: the time, the freeze switch, and every open proposal."""

    now: datetime
    frozen: bool
    open: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class Admission:
    """A new proposal, and the older ones it ends."""

    proposal: Proposal
    ended: tuple[Change, ...] = ()


def admit(desk: Desk, request: ProposalRequest, policy: ApprovalPolicy) -> Admission:
    """Make a proposal out of a request. Raises ProposalRefusedError."""
    if desk.frozen:
        raise ProposalRefusedError("frozen")
    refs = {target.ref for target in request.targets}
    if len(refs) != len(request.targets) or not 0 < len(refs) <= LARGEST_PROPOSAL:
        raise ProposalRefusedError("bad_targets")
    for target in request.targets:
        if policy.protection.covers(target.name, target.user, target.queue):
            raise ProposalRefusedError("protected", name=target.name, application=target.ref.id)
    ended = []
    standing = []
    for other in desk.open:
        if expired(other, desk.now):
            ended.append(expire(other))
        elif _replaces(request, other):
            ended.append(cancel(other, "superseded", request.requester))
        else:
            standing.append(other)
    _check_room(request, standing)
    return Admission(_proposal(desk.now, request, policy), tuple(ended))


def _replaces(request: ProposalRequest, other: Proposal) -> bool:
    return (
        other.state is ProposalState.PENDING
        and other.channel == request.channel
        and other.thread_ts == request.thread_ts
    )


def _check_room(request: ProposalRequest, standing: Sequence[Proposal]) -> None:
    wanted = {(target.ref, target.started_at) for target in request.targets}
    for other in standing:
        for target in other.targets:
            if (target.ref, target.started_at) in wanted and not target.state.final:
                raise ProposalRefusedError(
                    "target_open", name=target.name, application=target.ref.id, proposal=other.id
                )
    waiting = [
        other
        for other in standing
        if other.channel == request.channel and other.state is ProposalState.PENDING
    ]
    if len(waiting) >= CARDS_PER_CHANNEL:
        raise ProposalRefusedError("channel_full", limit=str(CARDS_PER_CHANNEL))


def _proposal(now: datetime, request: ProposalRequest, policy: ApprovalPolicy) -> Proposal:
    targets = tuple(
        replace(target, state=TargetState.WAITING, reason="") for target in request.targets
    )
    before = request.before.cpu if request.before else None
    return Proposal(
        id=request.id,
        team=request.team,
        channel=request.channel,
        thread_ts=request.thread_ts,
        requester=request.requester,
        language=request.language,
        targets=targets,
        digest=digest_of(targets),
        state=ProposalState.PENDING,
        votes=(),
        approvals_required=policy.approvals_required,
        created_at=now,
        listed_at=request.listed_at,
        expires_at=now + policy.ttl,
        dry_run=policy.dry_run,
        cpu_before=before.percent if before else None,
        alert_key=request.alert_key,
    )


def expired(proposal: Proposal, now: datetime) -> bool:
    """Tell whether nobody may decide any more."""
    return proposal.state is ProposalState.PENDING and now > proposal.expires_at


def expire(proposal: Proposal, refusal: ApprovalError | None = None) -> Change:
    """End a proposal that nobody decided in time."""
    ended = replace(proposal, state=ProposalState.EXPIRED)
    return Change(ended, "expired", views=("card",), refusal=refusal)


def cancel(proposal: Proposal, why: str, actor: str) -> Change:
    """End a proposal on its requester's wish, or because a newer one took its place."""
    ended = replace(proposal, state=ProposalState.CANCELLED)
    return Change(ended, why, actor, views=("card",))


def decide(case: Case, click: Click, barred: str | None, policy: ApprovalPolicy) -> Change | None:
    """Count a click, or raise ApprovalError. `barred` says why the clicker is no approver.

    None when this very click was counted before.
    """
    proposal = case.proposal
    _check_card(case, click)
    if click.envelope_id in case.envelopes:
        return None
    withdrawing = not click.approve and click.user == proposal.requester
    if barred and not (withdrawing and barred == "not_approver"):
        raise NotAllowedError(barred)
    if proposal.state is not ProposalState.PENDING:
        raise TooLateError(proposal.state.value)
    if expired(proposal, case.now):
        return expire(proposal, TooLateError("expired"))
    if barred:
        return cancel(proposal, "withdrawn", click.user)
    return _vote(case, click, policy)


def _check_card(case: Case, click: Click) -> None:
    proposal = case.proposal
    if (click.team, click.channel) != (proposal.team, proposal.channel):
        raise CardMismatchError("other_place")
    if click.message_ts not in case.cards:
        raise CardMismatchError("other_card")
    if click.digest not in {proposal.digest, proposal.digest[: len("01234567")]}:
        raise CardMismatchError("other_targets")


def _vote(case: Case, click: Click, policy: ApprovalPolicy) -> Change:
    proposal = case.proposal
    if any(vote.user == click.user for vote in proposal.votes) and click.approve:
        raise TooLateError("already_voted")
    vote = Vote(click.user, click.approve, case.now)
    votes = (*(kept for kept in proposal.votes if kept.user != click.user), vote)
    after = replace(proposal, votes=votes)
    if not click.approve:
        denied = replace(after, state=ProposalState.DENIED, decided_at=case.now)
        return Change(
            denied, "denied", click.user, vote=vote, envelope_id=click.envelope_id, views=("card",)
        )
    if case.frozen:
        raise NotAllowedError("frozen")
    if click.user == proposal.requester and not policy.self_approval:
        raise NotAllowedError("self_approval")
    needed = approvals_needed(case, policy)
    after = replace(after, approvals_required=needed)
    enough = sum(vote.approve for vote in votes) >= needed
    if enough:
        after = replace(after, state=ProposalState.CLAIMED, decided_at=case.now)
    return Change(
        after,
        "approved" if enough else "voted",
        click.user,
        vote=vote,
        envelope_id=click.envelope_id,
        views=("card",),
    )


def approvals_needed(case: Case, policy: ApprovalPolicy) -> int:
    """Return how many must approve: one more pair of eyes when many kills come together."""
    kills = case.recent_kills + len(case.proposal.targets)
    second = 2 if kills > KILLS_WITHOUT_SECOND else 1
    return max(case.proposal.approvals_required, policy.approvals_required, second)


def take(case: Case, lease: timedelta) -> Change | None:
    """Take the proposal for carrying it out; None when it is not to be, or another holds it.

    A call that a dead holder began may have been sent: it is never begun again, only looked into.
    """
    proposal = case.proposal
    to_do = proposal.state is ProposalState.CLAIMED or case.watching
    if not to_do or (case.lease_until is not None and case.now < case.lease_until):
        return None
    targets = tuple(
        replace(target, state=TargetState.UNKNOWN, reason="interrupted")
        if target.state is TargetState.CALLING
        else target
        for target in proposal.targets
    )
    after = replace(proposal, targets=targets)
    return Change(after, "taken", take=True, lease=lease, detail={"token": case.token + 1})


def verdict(target: Target, seen: Application | None) -> tuple[TargetState, str] | None:
    """Compare what is there now with what was frozen; None when it is the very same and alive."""
    if seen is None:
        return TargetState.GONE, "absent"
    if (seen.ref, seen.started_at) == (target.ref, target.started_at) and seen.state.over:
        return TargetState.GONE, seen.state.value
    if not target.same_identity(seen):
        return TargetState.ABORTED, "changed"
    return None


def intend(
    case: Case,
    position: int,
    found: tuple[TargetState, str] | None,
    policy: ApprovalPolicy,
    timers: Timers,
) -> Change:
    """Begin the one call of a target, or end the target without a call."""
    proposal = case.proposal
    target = proposal.targets[position]
    if position in case.called_at or target.state is not TargetState.WAITING:
        raise LostLeaseError(proposal.id)
    refused = _refused(case, target, policy, timers)
    end = (TargetState.ABORTED, refused) if refused else found
    if end:
        return settle(case, position, end, timers)
    return Change(
        _with_target(proposal, position, TargetState.CALLING, ""),
        "calling",
        attempt=position,
        lease=timers.lease,
        detail={"application": target.ref.id},
    )


def _refused(case: Case, target: Target, policy: ApprovalPolicy, timers: Timers) -> str | None:
    proposal = case.proposal
    since = case.now - (proposal.decided_at or proposal.created_at)
    checks = {
        "frozen": case.frozen,
        "protected": policy.protection.covers(target.name, target.user, target.queue),
        "damaged": digest_of(proposal.targets) != proposal.digest,
        "deadline": since > timers.deadline,
        "dry_run": proposal.dry_run or policy.dry_run,
    }
    return next((why for why, holds in checks.items() if holds), None)


def wait(case: Case, position: int, timers: Timers) -> Change:
    """Go on waiting for an identity read, or give the target up once it is too late to call."""
    if case.now - (case.proposal.decided_at or case.now) > timers.deadline:
        return settle(case, position, (TargetState.ABORTED, "unreachable"), timers)
    return renew(case, 0, timers)


def renew(case: Case, seconds: float, timers: Timers) -> Change:
    """Hold the lease for that much longer than a lease."""
    return Change(case.proposal, lease=timers.lease + timedelta(seconds=seconds))


def answered(case: Case, position: int, answer: KillAnswer | None, timers: Timers) -> Change:
    """Note what the cluster said to the call; that it was accepted proves nothing yet.

    No answer at all means that no request was sent: the process had been stopped for too long.
    """
    if answer is None:
        return settle(case, position, (TargetState.ABORTED, "paused"), timers)
    end = {
        KillOutcome.ACCEPTED: (TargetState.ACCEPTED, ""),
        KillOutcome.REFUSED: (TargetState.REJECTED, "refused"),
        KillOutcome.UNKNOWN: (TargetState.UNKNOWN, "no_answer"),
    }[answer.outcome]
    return settle(case, position, end, timers, {"answer": answer.detail[:500]})


def settle(
    case: Case,
    position: int,
    end: tuple[TargetState, str],
    timers: Timers,
    detail: Mapping[str, Any] | None = None,
) -> Change:
    """Move one target on; with the last one final the proposal is done and is watched."""
    if case.proposal.targets[position].state.final:
        raise LostLeaseError(case.proposal.id)
    after = _with_target(case.proposal, position, *end)
    done = all(target.state.final for target in after.targets)
    if done:
        after = replace(after, state=ProposalState.DONE, finished_at=case.now)
    return Change(
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
    target: Target, seen: Application | None, called_at: datetime, now: datetime, timers: Timers
) -> tuple[TargetState, str] | None:
    """Read off what became of a call; None while it is too early to say."""
    if seen is None:
        return TargetState.GONE, "absent"
    if (seen.started_at, seen.user, seen.name) != (target.started_at, target.user, target.name):
        return TargetState.GONE, "replaced"
    if seen.state is ApplicationState.KILLED:
        before = seen.finished_at is not None and seen.finished_at < called_at - CLOCK_SKEW
        return (TargetState.GONE, "killed_before") if before else (TargetState.SUCCEEDED, "killed")
    if seen.state.over:
        return TargetState.GONE, seen.state.value
    if now - called_at >= timers.grace:
        return TargetState.NEEDS_HUMAN, "still_running"
    return None


def unreachable(
    called_at: datetime, now: datetime, timers: Timers
) -> tuple[TargetState, str] | None:
    """Ask a person once the cluster has given no answer for long."""
    if now - called_at >= timers.unreachable:
        return TargetState.NEEDS_HUMAN, "unreachable"
    return None


def relaunches(case: Case, running: Sequence[Application]) -> tuple[str, ...]:
    """Return ids of applications that took a killed target's place: same name, same user."""
    targets = case.proposal.targets
    ours = {target.ref for target in targets}
    wanted = {
        (target.name, target.user): case.called_at[position]
        for position, target in enumerate(targets)
        if target.state is TargetState.SUCCEEDED and position in case.called_at
    }
    return tuple(
        application.ref.id
        for application in running
        if application.ref not in ours
        and not application.state.over
        and (application.name, application.user) in wanted
        and application.started_at >= wanted[application.name, application.user] - RELAUNCH_SKEW
    )


def watched(
    case: Case,
    cpu: tuple[float | None, float | None],
    again: Sequence[str],
    timers: Timers,
) -> Change:
    """Note the effect once it is measured, and each relaunch once; end the watch in time."""
    proposal = case.proposal
    before, after = cpu
    over = case.now >= (proposal.finished_at or case.now) + timers.watch
    new = tuple(id_ for id_ in again if id_ not in proposal.relaunched)
    measured = after is not None and proposal.cpu_after is None
    views: list[View] = []
    if measured or (over and proposal.cpu_after is None):
        views.append("proof")
    if new:
        views.append("relaunch")
    return Change(
        replace(
            proposal,
            cpu_before=before if measured and before is not None else proposal.cpu_before,
            cpu_after=after if measured else proposal.cpu_after,
            relaunched=proposal.relaunched + new,
        ),
        "watched" if measured or new else "watch_over" if over else "",
        detail={"cpu_before": before, "cpu_after": after, "relaunched": list(new)},
        lease=timers.lease,
        watching=False if over else None,
        views=tuple(views),
    )
