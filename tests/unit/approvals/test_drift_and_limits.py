"""What changed since the card was made is not killed; freeze, dry run and limits hold."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.applications import Application, ApplicationRef, ApplicationState
from bot.domain.proposals import Proposal, ProposalState, TargetState
from bot.domain.protection import Protection, skeleton
from bot.errors import NotAllowedError, ProposalRefusedError, TooLateError
from tests.reliability.bench import POLICY, Bench
from tests.reliability.platform import application

LONG = pytest.mark.long
SECOND = timedelta(seconds=1)


def _end(state: ApplicationState) -> Callable[[Bench, Application], None]:
    return lambda bench, found: bench.platform.end(found.ref, state)


def _change(**fields: object) -> Callable[[Bench, Application], None]:
    def change(bench: Bench, found: Application) -> None:
        bench.platform.put(replace(found, **fields))  # type: ignore[arg-type]

    return change


def _later(found: Application) -> datetime:
    assert found.started_at is not None
    return found.started_at + SECOND


def _reuse(bench: Bench, found: Application) -> None:
    bench.platform.put(replace(found, started_at=_later(found), user="x", name="y"))


def _other_cluster(bench: Bench, found: Application) -> None:
    other = ApplicationRef("other", found.ref.backend, found.ref.id)
    bench.platform.applications[found.ref] = replace(found, ref=other)


def _protect(bench: Bench, found: Application) -> None:
    bench.desk = bench.make_desk(replace(POLICY, protection=Protection([f"name:{found.name}"])))


def _standby(bench: Bench, found: Application) -> None:
    bench.platform.down = True


DRIFTS: dict[str, tuple[Callable[[Bench, Application], None], str]] = {
    "finished": (_end(ApplicationState.FINISHED), "finished"),
    "failed": (_end(ApplicationState.FAILED), "failed"),
    "absent": (lambda bench, found: bench.platform.applications.clear(), "absent"),
    "new attempt": (_change(attempt=2), "changed"),
    "start time": (lambda b, f: _change(started_at=_later(f))(b, f), "changed"),
    "user": (_change(user="mallory"), "changed"),
    "name": (_change(name="payroll"), "changed"),
    "queue": (_change(queue="root.prod"), "changed"),
    "cluster": (_other_cluster, "changed"),
    "id reuse": (_reuse, "changed"),
    "protected after approval": (_protect, "protected"),
    "standby answers": (_standby, "unreachable"),
}


@pytest.mark.parametrize("times", [5, pytest.param(50, marks=LONG)])
@pytest.mark.parametrize("kind", DRIFTS)
def test_what_drifted_is_not_killed(bench: Bench, kind: str, times: int) -> None:
    """No call, and the card says why, also when the database remembers the cards before."""
    drift, reason = DRIFTS[kind]
    for number in range(1, times + 1):
        bench.desk = bench.make_desk(POLICY)
        bench.platform.down = False
        card = bench.card(number)
        bench.press(card)
        drift(bench, bench.platform.applications[card.targets[0].ref])
        bench.do(bench.desk.carry_out(card.id))
        done = bench.stored(card.id)
        assert done.state is ProposalState.DONE
        assert done.targets[0].reason == reason
        bench.posted()
    assert bench.platform.calls == []


def test_a_name_changed_after_the_read_of_a_cache_is_seen(bench: Bench) -> None:
    """Each kill reads the identity anew; nothing remembered from the card is used."""
    card = bench.card()
    reads = bench.platform.seen_at[card.targets[0].ref]
    bench.later(seconds=30)
    bench.approve(card)
    assert bench.platform.seen_at[card.targets[0].ref] > reads


@pytest.mark.parametrize(
    "name",
    ["payroll", "PAYROLL", "p\u0430yroll", "ｐａｙｒｏｌｌ", "pay\u200broll", "payro11", "раyroll"],
)
def test_a_protected_name_is_known_in_any_spelling(bench: Bench, name: str) -> None:
    """Lookalikes, invisible characters and wide letters do not hide a protected job."""
    bench.desk = bench.make_desk(replace(POLICY, protection=Protection(["name:payroll*"])))
    assert bench.desk.protected(name, "u", "q")
    found = bench.platform.put(replace(application(1), name=name))
    with pytest.raises(ProposalRefusedError, match="protected"):
        bench.do(bench.desk.propose(bench.request(found)))


def test_patterns_cover_users_and_queues() -> None:
    """A queue is protected by its path or by its last part; ranges keep their meaning."""
    protection = Protection(["user:etl_[0-9]", "queue:prod", "queue:root.finance.*"])
    assert protection.covers("a", "etl_7", "q")
    assert not protection.covers("a", "etl_x", "q")
    assert protection.covers("a", "b", "root.prod")
    assert protection.covers("a", "b", "root.finance.daily")
    assert not protection.covers("a", "b", "root.dev")
    assert skeleton("e\u0301tl") == skeleton("etl")


def test_frozen_means_no_card_no_approval_no_call(bench: Bench) -> None:
    """The switch outranks approvals; lifted, a still valid card works."""
    card = bench.card()
    bench.do(bench.freeze.turn(on=True, actor="operator"))
    with pytest.raises(NotAllowedError, match="frozen"):
        bench.press(card)
    found = bench.platform.put(application(2))
    with pytest.raises(ProposalRefusedError, match="frozen"):
        bench.do(bench.desk.propose(bench.request(found)))
    bench.do(bench.freeze.turn(on=False, actor="operator"))
    assert bench.approve(card).targets[0].state is TargetState.SUCCEEDED


@pytest.mark.parametrize("approvals", [24, pytest.param(200, marks=LONG)])
def test_a_freeze_during_approvals_lets_nothing_through(bench: Bench, approvals: int) -> None:
    """Turned on at each of the first twelve steps, no call comes later than a second after it."""
    for number in range(1, approvals + 1):
        card = bench.card(number)
        bench.press(card)
        work = bench.desk.carry_out(card.id)
        for _ in range(number % 12):
            work.send(None)
        bench.do(bench.freeze.turn(on=True, actor="operator"))
        frozen_at, calls = bench.time.ticks, len(bench.platform.calls)
        bench.later(seconds=1.1)
        bench.do(work)
        late = [call for call in bench.platform.calls[calls:] if call.tick > frozen_at + 1]
        assert late == []
        bench.do(bench.freeze.turn(on=False, actor="operator"))
        bench.later(minutes=11)
        bench.posted()


@pytest.mark.parametrize("times", [5, pytest.param(50, marks=LONG)])
def test_a_dry_run_never_calls(bench: Bench, times: int) -> None:
    """Everything happens but the call, and the card says so."""
    bench.desk = bench.make_desk(replace(POLICY, dry_run=True))
    for number in range(1, times + 1):
        card = bench.card(number)
        assert card.dry_run
        done = bench.approve(card)
        assert done.targets[0].reason == "dry_run"
        bench.posted()
    assert bench.platform.calls == []


def test_the_fourth_kill_in_ten_minutes_needs_a_second_approver(bench: Bench) -> None:
    """Of 20 valid approvals, 3 are carried out and 17 wait for another person."""
    done = [_approve_alone(bench, number) for number in range(1, 21)]
    assert [each.state for each in done].count(ProposalState.DONE) == 3
    waiting = [each for each in done if each.state is ProposalState.PENDING]
    assert {each.approvals_required for each in waiting} == {2}
    assert len(bench.platform.calls) == 3
    second = bench.press(waiting[0], "U2")
    assert second.state is ProposalState.CLAIMED


def _approve_alone(bench: Bench, number: int) -> Proposal:
    card = bench.card(number, channel=f"C{number}")
    after = bench.press(card)
    if after.state is ProposalState.CLAIMED:
        work = bench.desk.carry_out(card.id)
        while bench.stored(card.id).state is not ProposalState.DONE:
            work.send(None)
        work.close()
    return bench.stored(card.id)


def test_kills_approved_but_not_begun_count_too(bench: Bench) -> None:
    """Many quick clicks do not slip through before the first call."""
    cards = [bench.card(number, channel=f"C{number}") for number in range(1, 5)]
    states = [bench.press(card).state for card in cards]
    assert states == [ProposalState.CLAIMED] * 3 + [ProposalState.PENDING]


def test_ten_minutes_later_one_approver_is_enough_again(bench: Bench) -> None:
    """The window moves on."""
    for number in range(1, 4):
        bench.approve(bench.card(number, channel=f"C{number}"))
    bench.later(minutes=10)
    assert bench.press(bench.card(5)).state is ProposalState.CLAIMED


@pytest.mark.parametrize("seconds", [-3600, -5, 5, 3600, 86400])
@pytest.mark.parametrize("after", [60, 890])
def test_no_approval_counts_after_its_time_whatever_the_clock_does(
    bench: Bench, seconds: int, after: int
) -> None:
    """Set back or forth while a card is open, the clock gives nobody a minute more."""
    card = bench.card()
    bench.later(seconds=after)
    bench.do(bench.desk.sweep())
    bench.time.step(seconds)
    bench.do(bench.desk.sweep())
    bench.later(seconds=901 - after)
    with pytest.raises(TooLateError, match="expired"):
        bench.press(card)
    assert bench.stored(card.id).state is ProposalState.EXPIRED


@pytest.mark.parametrize("seconds", [-3600, 3600, -5, 5])
def test_a_clock_step_while_killing_leads_to_no_second_call(bench: Bench, seconds: int) -> None:
    """Either the kill goes on, or it ends without a call; it never happens twice."""
    for steps in range(1, 20):
        card = bench.card(steps)
        bench.press(card)
        work = bench.desk.carry_out(card.id)
        for _ in range(steps):
            work.send(None)
        bench.time.step(seconds)
        bench.do(work)
        bench.later(minutes=11)
        bench.posted()
    targets = [call.ref for call in bench.platform.calls]
    assert len(targets) == len(set(targets))
