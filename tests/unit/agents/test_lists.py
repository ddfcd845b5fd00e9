"""A list shows exactly what was asked for, and its first line says how it was made."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.answers import Answer, Table
from bot.domain.conversation import AgentName, Intent, Query, Understanding
from bot.domain.language import Language
from bot.domain.selections import (
    Either,
    Everything,
    Exactly,
    Exceeding,
    Field,
    Having,
    Holding,
    LongerThan,
    Measure,
    Protected,
    Ranks,
    Without,
)
from tests.evals.platform import platform_scene
from tests.evals.world import World

GIB = 1024**3
RANKS = {  # by cores
    "0042": 1,
    "0057": 2,
    "0031": 3,
    "0063": 4,
    "0012": 5,
    "0060": 6,
    "0061": 7,
    "0064": 8,
}


def listing(query: Query, *unapplied: str) -> Understanding:
    return Understanding(
        Intent.LIST, AgentName.DATA_ENGINEER, Language.EN, query=query, unapplied=unapplied
    )


def shown(answer: Answer) -> list[int]:
    return [RANKS[id_[-4:]] for id_ in answer.applications]


@pytest.mark.parametrize(
    ("query", "ranks", "first_line"),
    [
        (
            Query(only=Having(Field.QUEUE, "etl")),
            [2, 4],
            "2 (queue etl, by granted cores, use is not measured)",
        ),
        (Query(only=Having(Field.NAME, "stream")), [1, 5], "2 (name with “stream”"),
        (
            Query(only=Either((Having(Field.USER, "airflow"), Having(Field.USER, "alice")))),
            [2, 4],
            "2 (owner airflow or owner alice",
        ),
        (Query(only=Holding(Measure.CPU, 20.0)), [1, 2, 3], "3 (at least 20 cores"),
        (Query(only=Holding(Measure.MEMORY, 110 * GIB)), [1, 3], "2 (at least 110 GiB"),
        (
            Query(only=LongerThan(timedelta(minutes=10), shorter=True)),
            [4, 8],
            "2 (started within 10 min",
        ),
        (Query(only=Without(Everything(), Protected()), count=3), [1, 2, 3], "3 of 7 (without"),
        (Query(after=5), [6, 7, 8], "6 to 8 of 8 (by granted cores, use is not measured)"),
        (Query(by=Measure.DURATION, ascending=True, count=1), [8], "1 of 8 (latest start first)"),
        (Query(by=Measure.MEMORY, count=3), [3, 1, 2], "3 of 8 (by memory)"),
        (Query(only=Having(Field.USER, "zed")), [], "No running Spark job matches (owner zed)."),
    ],
)
async def test_filter_order_and_count_are_told_first(
    query: Query, ranks: list[int], first_line: str
) -> None:
    answer = await World(platform_scene()).ask("…", reading=listing(query))
    assert shown(answer) == ranks
    assert first_line in answer.summary


@pytest.mark.parametrize(
    ("query", "ranks"),
    [
        (Query(by=Measure.MEMORY, only=Exactly(3)), [3, 1, 2]),
        (Query(only=Ranks((2, 3))), [2, 3]),
        (Query(only=Ranks((4, 5))), [4, 5]),  # the list shown has three: ranks of all that runs
        (Query(only=Exceeding(Measure.CPU, Ranks((3,)))), [1, 2]),
    ],
)
async def test_numbers_mean_the_list_shown(query: Query, ranks: list[int]) -> None:
    world = World(platform_scene())
    await world.ask("…", reading=listing(Query(count=3)))
    assert shown(await world.ask("…", reading=listing(query))) == ranks


async def test_the_rest_of_a_list_goes_on_counting() -> None:
    """So that a number said next means what stands beside it."""
    world = World(platform_scene())
    await world.ask("…", reading=listing(Query(after=5)))
    assert shown(await world.ask("…", reading=listing(Query(only=Ranks((7,)))))) == [7]


@pytest.mark.parametrize(
    ("query", "says", "summed"),
    [
        (Query(per=Field.QUEUE), "By queue: adhoc 56 cores, etl 44 cores, ml 20 cores", 8),
        (Query(per=Field.USER, by=Measure.MEMORY), "By owner: carol 160 GiB, bob 112 GiB", 8),
        (Query(total=True, only=Having(Field.QUEUE, "etl")), "2, holding 44 cores (28% of the", 2),
        (Query(total=True), "Spark jobs running: 8, holding 135 cores (84% of the cluster)", 8),
        (Query(total=True, waiting=True), "Spark jobs waiting: 0.", 0),
    ],
)
async def test_sums_are_told_instead_of_rows(query: Query, says: str, summed: int) -> None:
    answer = await World(platform_scene()).ask("…", reading=listing(query))
    assert says in answer.summary
    assert len(answer.applications) == summed
    assert any(isinstance(part, Table) for part in answer.parts) is (query.per is not None)


@pytest.mark.parametrize("query", [Query(), Query(total=True)])
async def test_a_word_that_could_not_be_applied_is_said(query: Query) -> None:
    answer = await World(platform_scene()).ask("…", reading=listing(query, "blue"))
    assert "I could not filter by “blue”" in str(answer.parts[0])


async def test_a_sum_with_an_unknown_part_says_so() -> None:
    world = World(platform_scene())
    first, *others = world.scene.applications
    world.scene.applications = (replace(first, granted_memory=None), *others)
    answer = await world.ask("…", reading=listing(Query(total=True)))
    assert "at least 364 GiB" in answer.summary
