"""Judgement against the same name's own history: unusual, too long, as always, too little known."""

from datetime import UTC, datetime, timedelta

from bot.domain.applications import (
    Application,
    ApplicationRef,
    ApplicationState,
    RunningApplications,
)
from bot.domain.cluster import QueueUsage
from bot.domain.core_usage import UsageBaseline
from bot.domain.runaway import Background, Finding, Rule, RunawaySigns, judge

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ID = "application_1763776800000_0001"
OVER = (QueueUsage("q", used_percent=30, capacity_percent=10, max_percent=100),)


def judged(habit: UsageBaseline | None, cores: float = 96, hours: float = 2) -> Finding:
    one = Application(
        ApplicationRef("c", "yarn", ID),
        "etl",
        "bob",
        "q",
        ApplicationState.RUNNING,
        NOW - hours * HOUR,
        granted_cores=cores,
    )
    background = Background(queues=OVER, habits=None if habit is None else {ID: habit})
    (found,) = judge(RunningApplications(NOW, (one,), total_cores=200), background)
    return found


def rules(found: Finding) -> list[Rule]:
    return [each.rule for each in found.evidence]


def test_three_times_its_usual_cores_is_unusual() -> None:
    """Twelve cores at this hour on five days, now 96."""
    found = judged(UsageBaseline(cores=12, days=5))
    assert RunawaySigns(Rule.UNUSUAL, seen=96, limit=12) in found.evidence
    assert found.runaway
    assert Rule.UNUSUAL not in rules(judged(UsageBaseline(cores=33, days=5)))


def test_what_it_always_uses_is_no_runaway() -> None:
    """Though its share and its queue alone would make it one."""
    found = judged(UsageBaseline(cores=90, days=5))
    assert rules(found) == [Rule.SHARE, Rule.QUEUE]
    assert (found.as_always, found.runaway, found.usual_cores) == (True, False, 90)


def test_what_it_always_uses_for_much_too_long_is_one() -> None:
    """Three times the usual length of at least three runs."""
    habit = UsageBaseline(cores=90, days=5, length=HOUR / 2, runs=3)
    assert RunawaySigns(Rule.LONG, 2.0, 1.5) in judged(habit).evidence
    assert judged(habit).runaway
    assert judged(UsageBaseline(cores=90, days=5, length=HOUR / 2, runs=2)).as_always


def test_too_little_history_decides_nothing() -> None:
    """Two days are no habit; no history kept is not even that."""
    short = judged(UsageBaseline(cores=12, days=2))
    assert (short.usual_cores, short.as_always, rules(short)) == (
        None,
        False,
        [Rule.SHARE, Rule.QUEUE],
    )
    assert short.runaway, "the other rules judge it"
    assert judged(None).habit is None
