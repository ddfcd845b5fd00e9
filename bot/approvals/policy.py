"""The rules of a kill up to its approval: what becomes a card, which click counts, and who may approve."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from bot.approvals.model import (
    CARDS_PER_CHANNEL,
    KILLS_WITHOUT_SECOND,
    LARGEST_PROPOSAL,
    ApprovalPolicy,
    Asker,
    DeskState,
    NewProposal,
    ProposalSnapshot,
    Transition,
)
from bot.domain.applications import ApplicationRef
from bot.domain.proposals import (
    Click,
    Person,
    Proposal,
    ProposalRequest,
    ProposalState,
    Target,
    TargetState,
    Vote,
    digest_of,
)
from bot.errors import (
    ApprovalError,
    BackendError,
    CardMismatchError,
    NotAllowedError,
    ProposalRefusedError,
    TooLateError,
)
from bot.ports import Clock, People


def admit(
    desk: DeskState, request: ProposalRequest, policy: ApprovalPolicy, asker: Asker
) -> NewProposal:
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
        elif why := _replaces(request, other, asker):
            ended.append(cancel(other, why, request.requester))
        else:
            standing.append(other)
    _check_room(request, standing)
    return NewProposal(_proposal(desk.now, request, policy), tuple(ended))


def _replaces(request: ProposalRequest, other: Proposal, asker: Asker) -> str:
    """Return why another card makes way for this one; empty when it stands.

    Only who asked for a card, or an approver, may have it replaced. Raises ProposalRefusedError
    (unchanged) when the new card would be the old one.
    """
    if other.state is not ProposalState.PENDING:
        return ""
    if (other.channel, other.thread_ts) != (request.channel, request.thread_ts):
        if other.id in asker.outranked:
            return "outranked"
        moving = other.id == request.moving
        return (
            "moved" if moving and (asker.approver or other.requester == request.requester) else ""
        )
    if not (asker.approver or other.requester == request.requester):
        return ""
    if _identities(request.targets) == _identities(other.targets):
        raise ProposalRefusedError("unchanged", proposal=other.id)
    return "superseded"


def _identities(targets: Sequence[Target]) -> set[tuple[ApplicationRef, datetime | None]]:
    return {(target.ref, target.started_at) for target in targets}


def _check_room(request: ProposalRequest, standing: Sequence[Proposal]) -> None:
    wanted = _identities(request.targets)
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


def expire(proposal: Proposal, refusal: ApprovalError | None = None) -> Transition:
    """End a proposal that nobody decided in time."""
    ended = replace(proposal, state=ProposalState.EXPIRED)
    return Transition(ended, "expired", views=("card",), refusal=refusal)


def cancel(proposal: Proposal, why: str, actor: str) -> Transition:
    """End a proposal on its requester's wish, or because a newer one took its place."""
    ended = replace(proposal, state=ProposalState.CANCELLED)
    return Transition(ended, why, actor, views=("card",))


def decide(
    case: ProposalSnapshot, click: Click, barred: str | None, policy: ApprovalPolicy
) -> Transition | None:
    """Count a click, or raise ApprovalError. `barred` says why the clicker is no approver.

    None when this very click was counted before.
    """
    proposal = case.proposal
    _check_card(case, click)
    if click.envelope_id in case.envelopes:
        return None
    if click.team != proposal.team:
        raise NotAllowedError("stranger")
    withdrawing = not click.approve and click.user == proposal.requester
    if barred and not (withdrawing and barred in {"not_approver", "nobody"}):
        raise NotAllowedError(barred)
    if proposal.state is not ProposalState.PENDING:
        raise TooLateError(proposal.state.value)
    if expired(proposal, case.now):
        return expire(proposal, TooLateError("expired"))
    if barred:
        return replace(cancel(proposal, "withdrawn", click.user), detail=_via(click))
    return _vote(case, click, policy)


def _check_card(case: ProposalSnapshot, click: Click) -> None:
    proposal = case.proposal
    if click.channel != proposal.channel:
        raise CardMismatchError("other_place")
    if click.message_ts is not None and click.message_ts not in case.cards:
        raise CardMismatchError("other_card")
    if click.digest != proposal.digest:
        raise CardMismatchError("other_targets")


def _vote(case: ProposalSnapshot, click: Click, policy: ApprovalPolicy) -> Transition:
    proposal = case.proposal
    if any(vote.user == click.user for vote in proposal.votes) and click.approve:
        raise TooLateError("already_voted")
    vote = Vote(click.user, click.approve, case.now)
    votes = (*(kept for kept in proposal.votes if kept.user != click.user), vote)
    after = replace(proposal, votes=votes)
    if not click.approve:
        denied = replace(after, state=ProposalState.DENIED, decided_at=case.now)
        return Transition(
            denied,
            "denied",
            click.user,
            _via(click),
            vote=vote,
            envelope_id=click.envelope_id,
            views=("card",),
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
    return Transition(
        after,
        "approved" if enough else "voted",
        click.user,
        _via(click),
        vote=vote,
        envelope_id=click.envelope_id,
        views=("card",),
    )


def _via(click: Click) -> dict[str, str]:
    """Return for the audit which token a decision beside Slack came with."""
    return {"via": click.via} if click.via else {}


def approvals_needed(case: ProposalSnapshot, policy: ApprovalPolicy) -> int:
    """Return how many must approve: one more pair of eyes when many kills come together."""
    kills = case.recent_kills + len(case.proposal.targets)
    second = 2 if kills > KILLS_WITHOUT_SECOND else 1
    return max(case.proposal.approvals_required, policy.approvals_required, second)


# Who may approve: looked up at Slack, remembered for a minute, trusted for ten when Slack is down.


FRESH = timedelta(seconds=60)
STALE = timedelta(minutes=10)

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class _Known(Generic[K]):
    value: K
    at: datetime


class Approvers:
    """Answers why a person may not approve."""

    def __init__(self, people: People, policy: ApprovalPolicy, clock: Clock) -> None:
        self._people = people
        self._policy = policy
        self._clock = clock
        self._persons: dict[str, _Known[Person]] = {}
        self._groups: dict[str, _Known[frozenset[str]]] = {}

    async def barred(self, user: str, team: str) -> str | None:
        """Return None when the user may approve, else a code saying why not.

        Codes: nobody (no approvers are set), unchecked (Slack gives no answer and we know too little),
        deleted, bot, stranger (of another workspace), guest, not_approver.
        """
        policy = self._policy
        if not policy.approvers and not policy.approver_group:
            return "nobody"
        try:
            person = await self._known(self._persons, user, self._people.person)
            code = _unfit(person, user, team)
            if code or user in policy.approvers:
                return code
            if not policy.approver_group:
                return "not_approver"
            members = await self._known(
                self._groups, policy.approver_group, self._people.group_members
            )
        except BackendError:
            return "unchecked"
        return None if user in members else "not_approver"

    async def _known(
        self, memory: dict[str, _Known[K]], key: str, ask: Callable[[str], Awaitable[K]]
    ) -> K:
        known = memory.get(key)
        asked_at = self._clock()
        if known and timedelta(0) <= asked_at - known.at <= FRESH:
            return known.value
        try:
            value = await ask(key)
        except BackendError:
            if known and timedelta(0) <= asked_at - known.at <= STALE:
                return known.value
            raise
        memory[key] = _Known(value, asked_at)
        return value


def _unfit(person: Person, user: str, team: str) -> str | None:
    checks = {
        "deleted": person.deleted,
        "bot": person.bot,
        "stranger": person.stranger or person.team != team or person.id != user,
        "guest": person.guest,
    }
    return next((code for code, holds in checks.items() if holds), None)
