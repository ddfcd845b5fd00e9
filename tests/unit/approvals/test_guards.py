"""Each guard alone: the ones that stand behind another are proved here, one by one."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.approvals import execution
from bot.approvals.execution import Proof
from bot.approvals.model import (
    ApprovalPolicy,
    DeskState,
    Effect,
    LostLeaseError,
    NewProposal,
    ProposalSnapshot,
    Timers,
    Transition,
)
from bot.approvals.policy import Approvers
from bot.domain.applications import ApplicationState
from bot.domain.cluster import ClusterMetrics, Gauge, Window
from bot.domain.proposals import Person, Proposal, ProposalState, TargetState, order_of
from bot.domain.protection import Protection
from bot.errors import CardMismatchError, NotAllowedError, StorageError, TooLateError
from bot.storage.audit import Audit
from bot.storage.proposals import SqlProposals
from bot.storage.tables import targets
from tests.evals.platform import platform_scene
from tests.evals.world import MemoryCluster
from tests.reliability.bench import POLICY, Bench
from tests.reliability.platform import Platform, application, target_of


def case_of(bench: Bench, card: Proposal) -> ProposalSnapshot:
    """Return the case as a transaction sees it now."""
    found: list[ProposalSnapshot] = []
    bench.do(bench.store.change(card.id, found.append))
    return found[0]


def write(bench: Bench, case: ProposalSnapshot, change: Transition) -> None:
    bench.database.run(lambda connection: bench.store._write(connection, case, change))


def test_an_approver_of_another_workspace_cannot_approve_here(bench: Bench) -> None:
    """Slack and the click agree that they are of T99, and they are on the list: still no."""
    bench.people.persons["U1"] = Person("U1", "T99")
    card = bench.card()
    with pytest.raises(NotAllowedError, match="stranger"):
        bench.press(card, team="T99")
    assert bench.stored(card.id).state is ProposalState.PENDING
    assert bench.platform.calls == []


def test_slack_answering_for_somebody_else_is_no_approver(bench: Bench) -> None:
    """The person looked up must be the one who pressed."""
    bench.people.persons["U1"] = Person("U2", "T1")
    approvers = Approvers(bench.people, POLICY, bench.time.now)
    assert bench.do(approvers.barred("U1", "T1")) == "stranger"


@pytest.mark.parametrize(
    "policy",
    [
        replace(POLICY, approvers=frozenset({"U2"})),
        replace(POLICY, self_approval=False),
        replace(POLICY, approvals_required=2),
    ],
)
def test_an_approval_that_counts_no_more_kills_nothing(
    bench: Bench, policy: ApprovalPolicy
) -> None:
    """Who may approve is asked again right before the call, with the policy of that moment."""
    card = bench.card(requester="U1")
    bench.press(card, "U1")
    bench.desk = bench.make_desk(policy)
    bench.do(bench.desk.carry_out(card.id))
    assert bench.platform.calls == []
    assert [each.state for each in bench.stored(card.id).targets] == [TargetState.ABORTED]


def test_who_approved_first_of_two_may_still_say_no(bench: Bench) -> None:
    """Their last word stands, and it is one vote."""
    bench.desk = bench.make_desk(replace(POLICY, approvals_required=2))
    card = bench.card()
    assert bench.press(card, "U1").state is ProposalState.PENDING
    after = bench.press(card, "U1", approve=False)
    assert after.state is ProposalState.DENIED
    assert [(vote.user, vote.approve) for vote in after.votes] == [("U1", False)]


@pytest.mark.parametrize("change", [{"proposal_id": "0" * 32}, {"position": 1}, {"position": -1}])
def test_an_order_for_what_stands_on_no_card_is_refused(
    bench: Bench, change: dict[str, Any]
) -> None:
    """Neither a proposal that is not there nor a place that its card does not have."""
    order = replace(order_of(bench.press(bench.card()), 0), **change)
    with pytest.raises(CardMismatchError, match="unknown_card"):
        bench.do(bench.desk.call(order, "gateway"))
    assert bench.platform.calls == []


def test_a_row_changed_since_it_was_read_is_not_written_over(bench: Bench) -> None:
    """Its state decides, although the desk's lock already lets no two in."""
    card = bench.card()
    before = case_of(bench, card)
    bench.press(card)
    with pytest.raises(StorageError, match="changed by another"):
        write(bench, before, Transition(before.proposal, "late"))


def test_a_row_taken_over_since_it_was_read_is_not_written_over(bench: Bench) -> None:
    """Its token decides when its state is the same."""
    card = bench.card()
    bench.press(card)
    before = case_of(bench, card)
    bench.do(bench.desk._take(card.id))
    with pytest.raises(StorageError, match="changed by another"):
        write(bench, before, Transition(before.proposal, "late"))


def test_a_target_changed_since_it_was_read_is_not_written_over(bench: Bench) -> None:
    """The same for each target's own state."""
    card = bench.card()
    bench.press(card)
    before = case_of(bench, card)
    bench.database.run(lambda c: c.exec_driver_sql("UPDATE targets SET state = 'gone'"))
    calling = execution.intend(before, 0, None, POLICY, Timers())
    with pytest.raises(StorageError, match="target was changed"):
        write(bench, before, calling)


def test_a_second_call_of_a_target_has_no_place_in_the_table(bench: Bench) -> None:
    """The key of its one attempt is taken for ever."""
    card = bench.card()
    bench.press(card)
    calling = execution.intend(case_of(bench, card), 0, None, POLICY, Timers())

    def again(connection: Connection) -> None:
        for _ in range(2):
            bench.store._write_attempt(connection, calling, bench.time.wall)

    with pytest.raises(StorageError, match="begun before"):
        bench.database.run(again)


@pytest.mark.parametrize("state", [TargetState.WAITING, TargetState.CALLING, TargetState.UNKNOWN])
def test_an_intent_is_written_once_even_when_the_target_says_waiting(
    bench: Bench, state: TargetState
) -> None:
    """The attempt counts, and so does the state."""
    card = bench.card()
    bench.press(card)
    case = case_of(bench, card)
    targets = (replace(case.proposal.targets[0], state=state),)
    called = {0: case.now} if state is TargetState.WAITING else {}
    tried = replace(case, proposal=replace(case.proposal, targets=targets), called_at=called)
    with pytest.raises(LostLeaseError):
        execution.intend(tried, 0, None, POLICY, Timers())


def test_who_lost_the_lease_stops_although_nothing_has_changed(bench: Bench) -> None:
    """Both wait for a cluster that gives no answer; the first one sees the other's token."""
    card = bench.card()
    bench.press(card)
    bench.platform.down = True
    first = bench.desk.carry_out(card.id)
    while "sleep" not in str(first.send(None)):
        pass
    bench.later(seconds=31)
    second = bench.desk.carry_out(card.id)
    while "sleep" not in str(second.send(None)):
        pass
    assert bench.do(first) is None
    assert bench.stored(card.id).state is ProposalState.CLAIMED
    bench.platform.down = False
    done = bench.do(second)
    assert done is not None
    assert done.state is ProposalState.DONE
    assert len(bench.platform.calls) == 1


def test_what_took_a_protected_name_since_the_card_says_so(bench: Bench) -> None:
    """It is protected as it is now, whatever the card showed."""
    bench.desk = bench.make_desk(replace(POLICY, protection=Protection(["name:payroll"])))
    card = bench.card()
    bench.platform.put(replace(application(1), name="payroll"))
    assert bench.approve(card).targets[0].reason == "protected"
    assert bench.platform.calls == []


FINAL: dict[str, Callable[[Proposal], Proposal]] = {
    "denied": lambda each: replace(each, state=ProposalState.DENIED),
    "done": lambda each: replace(each, state=ProposalState.DONE),
}


@pytest.mark.parametrize("state", FINAL)
def test_what_is_over_is_not_taken(bench: Bench, state: str) -> None:
    """Nor does it become a case to carry out by a lease that has ended."""
    case = case_of(bench, bench.card())
    over = replace(case, proposal=FINAL[state](case.proposal))
    assert execution.take(over, Timers().lease) is None


def test_what_is_final_is_not_settled_again(bench: Bench) -> None:
    """Whoever tries has lost the proposal to another."""
    case = case_of(bench, bench.approve(bench.card()))
    with pytest.raises(LostLeaseError):
        execution.settle(case, 0, (TargetState.GONE, "absent"), Timers())


def test_a_no_is_believed_only_when_a_later_read_bears_it_out(bench: Bench) -> None:
    """A system that says no may have killed all the same: its first word ends nothing."""
    found, timers = bench.platform.put(application(1)), Timers()
    target = replace(target_of(found), reason="refused")
    early = execution.outcome(target, found, "p1", timers.refusal / 2, timers)
    later = execution.outcome(target, found, "p1", timers.refusal, timers)
    assert (early, later) == (None, (TargetState.REJECTED, "refused"))


class Forgetful(Platform):
    """A cluster of which no history is kept."""

    async def cpu(self, start: datetime, end: datetime, step: timedelta) -> Window | None:
        return None


def test_an_effect_without_a_history_is_told_without_what_was_before(bench: Bench) -> None:
    """The proof waits for no figure that nobody keeps."""
    case = case_of(bench, bench.approve(bench.card()))
    unmeasured = replace(case.proposal, cpu_after=None)
    later = replace(case, proposal=unmeasured, now=case.now + timedelta(minutes=1))
    proof = Proof(Forgetful(bench.time), bench.platform, Timers())
    before, after = bench.do(proof.cpu(later))
    assert before is None
    assert after is not None


def test_a_freeze_while_the_intent_was_written_down_sends_nothing(bench: Bench) -> None:
    """The switch is read once more right before the request; the card says why."""
    card = bench.card()
    bench.press(card)
    work = bench.desk.carry_out(card.id)
    while bench.stored(card.id).targets[0].state is not TargetState.CALLING:
        work.send(None)
    bench.do(bench.freeze.turn(on=True, actor="operator"))
    done = bench.do(work)
    bench.do(bench.freeze.turn(on=False, actor="operator"))
    assert done is not None
    assert (done.targets[0].state, done.targets[0].reason) == (TargetState.ABORTED, "frozen")
    assert bench.platform.calls == []


@pytest.mark.parametrize("dry_card", [True, False])
def test_a_dry_run_of_the_card_or_of_now_sends_nothing(bench: Bench, dry_card: bool) -> None:
    """What was shown as a dry run stays one, and a dry run begun since holds for older cards."""
    dry = bench.make_desk(replace(POLICY, dry_run=True))
    real, bench.desk = bench.desk, dry if dry_card else bench.desk
    card = bench.card()
    bench.desk = real if dry_card else dry
    assert bench.approve(card).targets[0].reason == "dry_run"
    assert bench.platform.calls == []


def test_a_card_that_is_approved_makes_way_for_no_other(bench: Bench) -> None:
    """Who asks for another kill in its thread gets a card of its own beside it."""
    card = bench.card(1, thread_ts="1.0")
    bench.press(card)
    bench.card(2, thread_ts="1.0")
    assert bench.stored(card.id).state is ProposalState.CLAIMED


def test_a_request_that_is_stored_is_not_admitted_again(bench: Bench) -> None:
    """Two that come with one id at once are one card, whoever was first."""
    card = bench.card()

    def never(_: DeskState) -> NewProposal:
        raise AssertionError

    assert bench.do(bench.store.admit(card.id, never)) == card


def test_each_approver_s_vote_stays_in_the_record(bench: Bench) -> None:
    """The second vote takes nobody else's place."""
    bench.desk = bench.make_desk(replace(POLICY, approvals_required=2))
    card = bench.card()
    bench.press(card, "U1")
    bench.press(card, "U2")
    assert {vote.user for vote in bench.stored(card.id).votes} == {"U1", "U2"}


def test_the_trail_names_each_move_and_nothing_that_stood_still(bench: Bench) -> None:
    """States of the card and of its targets, as they were and as they became."""
    card = bench.card()
    bench.approve(card)
    trail = {each.event: each.detail for each in bench.do(Audit(bench.database).trail(card.id))}
    assert trail["approved"] == {"state": ["pending", "claimed"]}
    assert trail["calling"]["targets"] == {"0": ["waiting", "calling", ""]}
    assert "state" not in trail["calling"]


def test_a_target_s_row_tells_when_it_was_started(bench: Bench) -> None:
    """By it the index tells an application from the next one of its id."""
    card = bench.card()
    kept = bench.database.run(lambda c: c.execute(sa.select(targets.c.started_at)).scalar_one())
    assert kept == card.targets[0].started_at


def test_what_is_gone_after_the_call_is_told_as_gone(bench: Bench) -> None:
    """Nothing under its id is no proof of a kill."""
    target = target_of(bench.platform.put(application(1)))
    ended = execution.outcome(target, None, "p1", timedelta(0), Timers())
    assert ended == (TargetState.GONE, "absent")


def test_each_target_of_a_card_ends_when_the_cluster_stays_silent(bench: Bench) -> None:
    """The first one given up does not leave the others to the next sweep."""
    card = bench.card(1, 2)
    bench.press(card)
    bench.platform.down = True
    done = bench.do(bench.desk.carry_out(card.id))
    assert done is not None
    assert [each.reason for each in done.targets] == ["unreachable", "unreachable"]


@pytest.mark.parametrize("steps", range(6))
def test_a_withdrawal_that_came_too_late_says_so(bench: Bench, steps: int) -> None:
    """Approved while it was under way: what is told is what the card became."""
    card = bench.card()
    work = bench.desk.withdraw(card.id, "U1")
    told, approved = None, False
    try:
        for _ in range(steps):
            work.send(None)
        with suppress(TooLateError):
            approved = bench.press(card, "U2").state is ProposalState.CLAIMED
        told = bench.do(work)
    except StopIteration as end:
        told = end.value
    cancelled = bench.stored(card.id).state is ProposalState.CANCELLED
    assert (told is not None) == cancelled
    assert cancelled != approved


def test_the_proof_is_told_once_measured_or_not(bench: Bench) -> None:
    """When it is measured, or else at the end of the watch; never a second time."""
    case = case_of(bench, bench.approve(bench.card()))
    open_ = replace(case, proposal=replace(case.proposal, cpu_after=None))
    known = replace(case, proposal=replace(case.proposal, cpu_after=40.0))
    late = timedelta(minutes=5)

    def views(seen: ProposalSnapshot, after: float | None, since: timedelta) -> tuple[str, ...]:
        then = replace(seen, now=(seen.proposal.finished_at or seen.now) + since)
        return execution.watched(then, Effect(None, after), (), Timers()).views

    assert views(open_, None, timedelta(0)) == ()
    assert views(open_, 40.0, timedelta(0)) == ("proof",)
    assert views(open_, None, late) == ("proof",)
    assert views(known, 41.0, timedelta(0)) == ()
    assert views(known, 41.0, late) == ()


def test_measured_relief_is_told_by_an_edit_of_the_proof(bench: Bench) -> None:
    """Cores used are known later than CPU: the proof waits for nothing and is edited once."""
    case = case_of(bench, bench.approve(bench.card()))
    both = Effect(cores_before=60.0, cores_after=22.0)
    ended = case.proposal.finished_at or case.now
    first = replace(case, proposal=replace(case.proposal, cpu_after=None), now=ended)
    assert execution.watched(first, both, (), Timers()).views == ()
    change = execution.watched(case, both, (), Timers())
    assert change.views == ("proof",)
    assert (change.proposal.cores_before, change.proposal.cores_after) == (60.0, 22.0)
    assert change.proposal.cpu_after == case.proposal.cpu_after
    again = execution.watched(replace(case, proposal=change.proposal), both, (), Timers())
    assert again.views == ()


class Samples(MemoryCluster):
    """A history that always knows what all applications used."""

    async def cores_around(
        self, before: datetime, after: datetime
    ) -> tuple[float | None, float | None]:
        return 60.0, 22.0


@pytest.mark.parametrize(("basis", "told"), [("granted", (None, None)), ("measured", (60.0, 22.0))])
def test_measured_relief_is_told_only_of_what_was_measured_before(
    bench: Bench, basis: str, told: tuple[float | None, float | None]
) -> None:
    """What a job was granted says nothing of what it used, so its end relieves nothing known."""
    case = case_of(bench, bench.approve(bench.card()))
    dead = tuple(replace(each, cores=8.0, cores_basis=basis) for each in case.proposal.targets)
    of_basis = replace(case, proposal=replace(case.proposal, targets=dead))
    proof = Proof(bench.platform, bench.platform, Timers(), Samples(platform_scene()))
    assert bench.do(proof.cores(of_basis)) == told


@pytest.mark.parametrize(
    ("state", "reason"),
    [(ApplicationState.KILLED, "killed_before"), (ApplicationState.FINISHED, "finished")],
)
def test_what_ended_before_the_call_is_told_by_how_it_ended(
    bench: Bench, state: ApplicationState, reason: str
) -> None:
    """Whoever approved learns that somebody else was first; nothing is sent."""
    card = bench.card()
    bench.platform.end(card.targets[0].ref, state)
    done = bench.approve(card)
    assert (done.targets[0].state, done.targets[0].reason) == (TargetState.GONE, reason)
    assert bench.platform.calls == []


def test_a_card_approved_at_the_last_moment_is_carried_out(bench: Bench) -> None:
    """The time to call counts from the approval, not from when the card was put up."""
    card = bench.card()
    bench.time.pass_((card.expires_at - bench.time.now()).total_seconds() - 5)
    assert card.expires_at - card.created_at > Timers().deadline
    assert len(bench.approve(card).killed) == 1


def test_a_card_that_killed_nothing_is_not_watched(bench: Bench) -> None:
    """There is no effect to measure and nothing of ours that could come back."""
    card = bench.card()
    bench.platform.end(card.targets[0].ref, ApplicationState.FINISHED)
    done = bench.approve(card)
    assert done.killed == ()
    assert not case_of(bench, done).watching


def test_the_card_keeps_the_cluster_s_use_as_it_was_listed(bench: Bench) -> None:
    """It is what the proof compares with where no history is kept."""
    before = ClusterMetrics("prod", bench.time.wall, cpu=Gauge(93.0))
    assert bench.card(before=before).cpu_before == 93.0


def test_a_job_that_had_ended_by_itself_and_runs_again_is_no_relaunch(bench: Bench) -> None:
    """Only what we killed is watched for: the other target's schedule is nobody's business."""
    card = bench.card(1, 2)
    bench.platform.end(card.targets[0].ref, ApplicationState.FINISHED)

    def schedule(_: object) -> None:
        again = replace(application(1, bench.time.wall), ref=application(77).ref)
        bench.platform.put(again)

    bench.platform.on_call = schedule
    done = bench.approve(card)
    assert [target.state for target in done.targets] == [TargetState.GONE, TargetState.SUCCEEDED]
    assert done.relaunched == ()


def test_the_effect_is_measured_only_once_it_has_settled_and_only_once(bench: Bench) -> None:
    """A reading right after the kill would still hold what was killed."""
    case = case_of(bench, bench.approve(bench.card()))
    ended, settle = case.proposal.finished_at, Timers().settle
    assert ended is not None
    open_ = replace(case, proposal=replace(case.proposal, cpu_after=None))
    proof = Proof(bench.platform, bench.platform, Timers())
    early = bench.do(proof.cpu(replace(open_, now=ended + settle / 2)))
    measured = bench.do(proof.cpu(replace(open_, now=ended + settle)))
    again = bench.do(proof.cpu(replace(case, now=ended + settle)))
    assert early == again == (None, None)
    assert measured[1] is not None


def ahead_of(bench: Bench, seconds: float) -> SqlProposals:
    """Return another replica's store, whose clock runs ahead of this one's."""
    lead = timedelta(seconds=seconds)
    return SqlProposals(bench.database, lambda: bench.time.now() + lead, lambda: bench.time.ticks)


def test_a_sweep_tells_the_other_replicas_how_late_it_is(bench: Bench) -> None:
    """A card made by the replica whose clock is behind is dated by the one ahead."""
    bench.do(ahead_of(bench, 20).due())
    assert bench.card().created_at >= bench.time.now() + timedelta(seconds=20)


@pytest.mark.parametrize("how", ["by a new card", "by looking at one"])
def test_a_replica_that_is_behind_ends_a_card_when_the_one_ahead_would(
    bench: Bench, how: str
) -> None:
    """It keeps the time that it has met in the database."""
    if how == "by a new card":
        bench.do(ahead_of(bench, 20).due())
    card = bench.card()
    if how == "by looking at one":
        bench.do(ahead_of(bench, 20).due())
        bench.do(bench.store.change(card.id, lambda _: None))
    bench.time.pass_((card.expires_at - bench.time.now()).total_seconds() - 10)
    bench.do(bench.desk.sweep())
    assert bench.stored(card.id).state is ProposalState.EXPIRED


def test_a_card_that_ran_out_under_a_click_and_a_sweep_ends_once(bench: Bench) -> None:
    """The sweep found it waiting, the late click ended it: the trail tells of one end."""
    card = bench.card()
    bench.later(minutes=16)
    sweeping = bench.desk.sweep()
    while "read" not in str(sweeping.send(None)):
        pass
    sweeping.send(None)
    with pytest.raises(TooLateError, match="expired"):
        bench.press(card)
    bench.do(sweeping)
    events = [each.event for each in bench.do(Audit(bench.database).trail(card.id))]
    assert events.count("expired") == 1


def test_an_orderly_stop_that_changes_nothing_leaves_no_line_in_the_trail(bench: Bench) -> None:
    """Only the lease is given back; a call that nobody waits for any more is told of."""
    card = bench.card()
    bench.press(card)
    work = bench.desk.carry_out(card.id)
    while "find" not in str(work.send(None)):
        pass
    work.throw(asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        bench.do(work)
    events = [each.event for each in bench.do(Audit(bench.database).trail(card.id))]
    assert events == ["proposed", "approved", "taken"]


def test_the_watch_moves_with_a_clock_that_was_set_right(bench: Bench) -> None:
    """Else a relaunch would be looked for an hour longer."""
    bench.time.step(3600)
    card = bench.card()
    bench.press(card)
    work = bench.desk.carry_out(card.id)
    while not case_of(bench, card).watching:
        waiting = work.send(None)
        bench.time.pass_(max(waiting.until - bench.time.ticks, 0))
        bench.platform.catch_up()
    bench.time.step(-3600)
    bench.card(2)
    ended = bench.stored(card.id).finished_at
    assert ended is not None
    assert ended <= bench.time.now()
    bench.do(work)


def test_what_stands_as_approved_without_votes_is_ended_uncalled(bench: Bench) -> None:
    """Somebody wrote it into the database: the sweep finds it, no call is made, the card tells."""
    card = bench.card()
    claimed = replace(card, state=ProposalState.CLAIMED, decided_at=bench.time.wall)
    write(bench, case_of(bench, card), Transition(claimed))
    assert bench.do(bench.desk.sweep()) == (card.id,)
    bench.do(bench.desk.carry_out(card.id))
    (target,) = bench.stored(card.id).targets
    assert (target.state, target.reason) == (TargetState.ABORTED, "unapproved")
    assert bench.platform.calls == []
    assert [post.view for post in bench.posted()] == ["card"]
