"""Of thousands of applications only those looked at are made, and nobody can tell."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.backends.yarn_parse import applications
from bot.domain.applications import (
    Application,
    ApplicationState,
    ApplicationSummary,
    LazyApplications,
    Measurement,
    RunningApplications,
    Source,
    joined,
    outlines,
)
from bot.domain.conversation import Query
from bot.domain.core_usage import UsedCores, with_used
from bot.domain.listings import ranked
from bot.domain.selections import Measure
from tests.contract.yarn_bodies import application as row

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def ids(number: int) -> str:
    return f"application_1763776800000_{number:04}"


def parsed(count: int, first: int = 0) -> LazyApplications:
    rows = [
        row(id=ids(first + each), allocatedVCores=each * 7 % count, allocatedMB=1024 * each)
        for each in range(count)
    ]
    listed = applications("c", rows)
    found = listed.applications
    assert (len(found), listed.strange) == (count, 0)
    assert isinstance(found, LazyApplications)
    return found


def test_many_are_had_as_from_a_tuple() -> None:
    """By place, by slice, from the end, in a loop; an application is made once."""
    found = parsed(9)
    plain = tuple(found)
    assert found[2:4] == plain[2:4]
    assert found[-1] is plain[8]


def test_an_outline_says_what_the_application_says() -> None:
    """Id, state and cores of a list are those of the applications made of it."""
    found = parsed(5)
    assert outlines(found) == outlines(tuple(found))


def test_two_schedulers_are_one_list() -> None:
    """In their order, the empty ones left out; one alone is as it was."""
    first, second = parsed(3), parsed(4, first=100)
    whole = joined([first, (), second])
    assert [app.ref.id for app in whole] == [app.ref.id for app in (*first, *second)]
    assert joined([(), first]) is first
    assert joined([]) == ()


def test_a_list_makes_only_the_rows_shown() -> None:
    """Three of a thousand, measured figures included."""
    made: list[int] = []
    plain = parsed(1000)

    def make(place: int) -> Application:
        made.append(place)
        return plain[place]

    known = [ApplicationSummary(each.id, each.state, each.cores) for each in outlines(plain)]
    used = UsedCores(Measurement(Source.CONTAINERS), {ids(17): 5000.0, ids(3): 2.0})
    measured = with_used(LazyApplications(known, make), used, {ids(17): 1})
    rows = ranked(RunningApplications(NOW, measured), Query(), lambda *_: False)
    assert [(row.rank, row.cores) for row in rows[:3]] == [(1, 5000.0), (2, 2.0), (3, None)]
    assert len(made) == 3


def test_every_measure_orders_as_on_a_plain_list() -> None:
    """CPU, memory and running time, both ways; ties go by id."""
    found = parsed(40)
    plain = tuple(replace(app) for app in found)
    for by in Measure:
        for ascending in (False, True):
            query = Query(by=by, ascending=ascending)
            lists = [
                [row.ref.id for row in ranked(RunningApplications(NOW, each), query, _open)]
                for each in (found, plain)
            ]
            assert lists[0] == lists[1]
            assert len(lists[0]) == 40


def test_a_row_that_is_not_understood_is_counted() -> None:
    """Without an id or with a state nobody knows."""
    listed = applications("c", [row(), row(id=7), row(state="DREAMING")])
    assert (len(listed.applications), listed.strange) == (1, 2)
    assert listed.applications[0].state is ApplicationState.RUNNING


def _open(*_: str) -> bool:
    return False
