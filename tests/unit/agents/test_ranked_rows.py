"""Ranking what runs: the order, the ties, and what is not done for rows nobody looks at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.applications import (
    Application,
    ApplicationRef,
    ApplicationState,
    RunningApplications,
)
from bot.domain.conversation import Query
from bot.domain.listings import frozen, ranked
from bot.domain.selections import Measure

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def application(number: int, cores: float, hours: int = 1) -> Application:
    return Application(
        ref=ApplicationRef("prod", "yarn", f"application_1763776800000_{number:04}"),
        name=f"job_{number}",
        user="bob",
        queue="etl",
        state=ApplicationState.RUNNING,
        started_at=NOW - timedelta(hours=hours),
        granted_cores=cores,
    )


def read(*applications: Application) -> RunningApplications:
    return RunningApplications(NOW, applications, total_cores=100.0)


def names(found: RunningApplications, query: Query) -> list[str]:
    return [row.name for row in ranked(found, query, lambda *_: False)]


def test_the_heaviest_is_first_and_equals_go_by_id() -> None:
    """Descending in both; ascending turns both around."""
    found = read(application(1, 5), application(2, 9), application(3, 5))
    assert names(found, Query()) == ["job_2", "job_3", "job_1"]
    assert names(found, Query(ascending=True)) == ["job_1", "job_3", "job_2"]


def test_by_duration_the_longest_running_is_first() -> None:
    """By the time of the read."""
    found = read(application(1, 5, hours=2), application(2, 1, hours=7))
    assert names(found, Query(by=Measure.DURATION)) == ["job_2", "job_1"]


def test_only_rows_looked_at_are_made() -> None:
    """Of a thousand applications three are judged for a list of three."""
    judged: list[str] = []

    def protected(name: str, user: str, queue: str) -> bool:
        judged.append(name)
        return False

    found = read(*(application(number, number) for number in range(1000)))
    query = Query(count=3)
    listing = frozen(ranked(found, query, protected), query, found)
    assert [row.rank for row in listing.rows] == [1, 2, 3]
    assert judged == ["job_999", "job_998", "job_997"]


def test_waiting_applications_are_a_list_of_their_own() -> None:
    """What waits is not among what runs."""
    waiting = replace(application(1, 0), state=ApplicationState.WAITING)
    found = read(waiting, application(2, 4))
    assert names(found, Query()) == ["job_2"]
    assert names(found, Query(waiting=True)) == ["job_1"]
