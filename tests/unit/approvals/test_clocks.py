"""A kill is ours whatever other machines' clocks say; a clock of ours set wrong mends itself."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
import structlog

from bot.approvals.policy import expired
from bot.domain.proposals import Proposal, ProposalState, TargetState
from bot.errors import TooLateError
from bot.storage.audit import Audit
from bot.storage.clock import LARGEST_LEAD
from bot.storage.proposals import SqlProposals
from bot.storage.tables import desk
from tests.reliability.bench import POLICY, Bench
from tests.reliability.platform import Call, application

HOUR = timedelta(hours=1)


def ours(proposal: Proposal) -> bool:
    return [(each.state, each.reason) for each in proposal.targets] == [
        (TargetState.SUCCEEDED, "killed")
    ]


@pytest.mark.parametrize("seconds", [-86400, -600, -150, 150, 32400])
def test_a_kill_of_ours_is_never_somebody_elses_whatever_the_clusters_clock(
    bench: Bench, seconds: int
) -> None:
    """A ResourceManager without NTP, or nine hours off, names no other killer."""
    bench.platform.ahead = timedelta(seconds=seconds)
    assert ours(bench.approve(bench.card()))


@pytest.mark.parametrize("seconds", [3600, 86400, -3600])
def test_a_kill_of_ours_stays_ours_after_our_clock_was_wrong_for_a_while(
    bench: Bench, seconds: int
) -> None:
    """One request while the clock is wrong; every later one is told rightly."""
    bench.time.step(seconds)
    assert ours(bench.approve(bench.card(1)))
    bench.time.step(-seconds)
    assert ours(bench.approve(bench.card(2)))
    bench.store = SqlProposals(bench.database, bench.time.now, lambda: bench.time.ticks)
    bench.desk = bench.make_desk(POLICY)
    assert ours(bench.approve(bench.card(3)))


def test_somebody_else_who_was_faster_is_named_by_the_cluster(bench: Bench) -> None:
    """The account in the diagnostics is another's, and our proposal is not in them."""
    card = bench.card()

    def faster(call: Call) -> None:
        note = f"Application {call.ref.id} was killed by user alice at 10.1.1.1"
        bench.platform.put(replace(application(1), diagnostics=note, killed_by="alice"))

    bench.platform.on_call = faster
    done = bench.approve(card)
    assert [(each.state, each.reason) for each in done.targets] == [
        (TargetState.GONE, "killed_before")
    ]


def test_what_our_own_request_left_in_the_diagnostics_is_ours(bench: Bench) -> None:
    """Kerberos: the account's name is unknown here, the proposal's id is not."""
    card = bench.card()

    def note(call: Call) -> None:
        said = f"was killed by user bot@EXAMPLE with diagnostic message: {call.reason}"
        bench.platform.put(replace(application(1), diagnostics=said, killed_by="bot@EXAMPLE"))

    bench.platform.on_call = note
    assert ours(bench.approve(card))


def test_a_relaunch_is_known_by_the_clusters_own_times(bench: Bench) -> None:
    """Its clock is a day behind ours: what started after the killed one ended is a relaunch."""
    bench.platform.ahead = timedelta(days=-1)
    bench.platform.put(replace(application(1, bench.time.wall - 2 * 24 * HOUR), name="job-1"))
    card = bench.card(1)

    def resubmit(_: Call) -> None:
        at = bench.time.wall + bench.platform.ahead
        bench.platform.put(replace(application(1, at), ref=application(77).ref))

    earlier = replace(application(1, bench.time.wall - 3 * 24 * HOUR), ref=application(66).ref)
    bench.platform.put(earlier)
    bench.platform.on_call = resubmit
    assert bench.approve(card).relaunched == (application(77).ref.id,)


def test_the_desks_time_never_runs_far_ahead_of_the_clock(bench: Bench) -> None:
    """Set an hour forth and back: the next write mends it, tells the log and the trail."""
    bench.time.step(3600)
    bench.card(1)
    bench.time.step(-3600)
    with structlog.testing.capture_logs() as logs:
        card = bench.card(2)
    assert card.created_at - bench.time.wall < LARGEST_LEAD
    seen = bench.database.run(lambda c: c.execute(sa.select(desk.c.seen)).scalar_one())
    assert seen - bench.time.wall < LARGEST_LEAD
    assert [(each["event"], each["seconds_ahead"]) for each in logs] == [("clock_set_right", 3600)]
    trail = bench.do(Audit(bench.database).trail(None))
    assert [each.detail for each in trail if each.event == "clock_set_right"] == [{"seconds": 3600}]


def test_mending_the_clock_gives_no_card_a_minute_more_or_less(bench: Bench) -> None:
    """What is open moves with the clock: its quarter of an hour stays a quarter of an hour."""
    bench.time.step(3600)
    card = bench.card()
    bench.later(minutes=10)
    bench.time.step(-3600)
    bench.do(bench.desk.sweep())
    bench.later(minutes=4)
    bench.do(bench.desk.sweep())
    assert bench.stored(card.id).state is ProposalState.PENDING
    assert not expired(bench.stored(card.id), bench.time.wall)
    bench.later(minutes=2)
    with pytest.raises(TooLateError, match="expired"):
        bench.press(card)


@pytest.mark.parametrize("steps", range(2, 24, 3))
def test_a_clock_mended_in_mid_kill_leads_to_one_call_and_its_proof(
    bench: Bench, steps: int
) -> None:
    """Leases, deadlines and graces move with it."""
    bench.time.step(3600)
    card = bench.card()
    bench.press(card)
    work = bench.desk.carry_out(card.id)
    for _ in range(steps):
        work.send(None)
    bench.time.step(-3600)
    bench.card(2)
    bench.do(work)
    for proposal_id in bench.do(bench.desk.sweep()):
        bench.do(bench.desk.carry_out(proposal_id))
    assert bench.stored(card.id).state is ProposalState.DONE
    assert len(bench.platform.calls) <= 1


def test_a_no_is_believed_only_after_one_more_read(bench: Bench) -> None:
    """What acted and then answered 307 did kill it: the card says so."""
    card = bench.card()
    bench.platform.choose = lambda _: "no"
    bench.platform.on_call = lambda call: bench.platform.late.append((bench.time.ticks, call.ref))
    assert ours(bench.approve(card))


def test_a_machine_suspended_before_the_call_sends_nothing_late(bench: Bench) -> None:
    """Ticks stand still while a machine sleeps; the wall clock tells that time has passed."""
    card = bench.card()
    bench.press(card)
    work = bench.desk.carry_out(card.id)
    while "found" not in str(work.send(None)):
        pass
    bench.time.step(6)
    done = bench.do(work)
    assert done is not None
    assert (done.targets[0].state, done.targets[0].reason) == (TargetState.ABORTED, "paused")
    assert bench.platform.calls == []
