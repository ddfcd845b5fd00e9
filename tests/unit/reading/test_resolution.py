"""From selections to rows: exactly the rows meant, or the question to ask."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.conversation import ListingRow
from bot.domain.selection_resolver import Resolved, Unresolved, resolve
from bot.domain.selections import (
    Both,
    Bottom,
    Either,
    Everything,
    Field,
    Having,
    LongerThan,
    Measure,
    Pronoun,
    Ranks,
    Selection,
    Top,
    Without,
)
from tests.unit.reading.scene import NOW, ROWS

FIVE = ROWS[:5]


@pytest.mark.parametrize(
    ("selection", "ranks"),
    [
        (Ranks((3, 1, 3)), [1, 3]),
        (Top(2), [1, 2]),
        (Top(1, Measure.MEMORY), [3]),
        (Top(2, Measure.DURATION), [3, 5]),
        (Top(1, Measure.CPU, smallest=True), [5]),
        (Top(1, smallest=True), [5]),
        (Bottom(2), [4, 5]),
        (Everything(), [1, 2, 3, 4, 5]),
        (Having(Field.USER, "BOB"), [1]),
        (Having(Field.QUEUE, "etl"), [2, 4]),
        (Having(Field.NAME, "clickstream"), [1]),
        (Having(Field.ID, "0063"), [4]),
        (Having(Field.ID, "_0063"), [4]),
        (Having(Field.ID, "63"), [4]),
        (Having(Field.ID, "application_1763776800000_0012"), [5]),
        (Having(Field.ANY, "ml_train_ctr"), [3]),
        (LongerThan(timedelta(hours=2)), [3, 5]),
        (LongerThan(timedelta(minutes=10), shorter=True), [4]),
        (Both((Having(Field.QUEUE, "etl"), Top(1))), [2]),
        (Both((Top(2), Having(Field.QUEUE, "etl"))), [2]),
        (Both((Having(Field.QUEUE, "etl"), Everything())), [2, 4]),
        (Both((Having(Field.USER, "alice"), Pronoun())), [2]),
        (Either((Ranks((5,)), Having(Field.USER, "bob"))), [1, 5]),
        (Without(Top(3), Ranks((2,))), [1, 3]),
    ],
)
def test_a_clear_selection_is_its_rows(selection: Selection, ranks: list[int]) -> None:
    """Rows come once each and in rank order."""
    found = resolve(selection, FIVE, NOW)
    assert isinstance(found, Resolved), found
    assert [row.rank for row in found.rows] == ranks


@pytest.mark.parametrize(
    ("selection", "question", "values"),
    [
        (Ranks((1, 9)), "unknown_rank", {"rank": "9"}),
        (Top(6), "fewer_rows", {"rows": "5"}),
        (Bottom(6), "fewer_rows", {"rows": "5"}),
        (Having(Field.USER, "dave"), "nobody", {"value": "dave"}),
        (Having(Field.NAME, "pаyroll"), "nobody", {"value": "pаyroll"}),
        (Having(Field.ID, "3"), "nobody", {"value": "3"}),
        (Having(Field.ANY, "_"), "nobody", {"value": "_"}),
        (Either((Ranks((1,)), Having(Field.USER, "dave"))), "nobody", {"value": "dave"}),
        (Without(Ranks((1,)), Ranks((1,))), "nothing_left", {}),
        (Without(Everything(), Having(Field.USER, "dave")), "nobody", {"value": "dave"}),
        (Pronoun(), "which_one", {}),
        (Pronoun(plural=True), "which_one", {}),
        (Both((Having(Field.QUEUE, "etl"), Ranks((1,)))), "which_one", {}),
        (Both((Having(Field.QUEUE, "etl"), Pronoun())), "which_one", {}),
    ],
)
def test_what_is_not_there_or_not_clear_is_asked(
    selection: Selection, question: str, values: dict[str, str]
) -> None:
    """One part that cannot be found leaves the whole unresolved."""
    found = resolve(selection, FIVE, NOW)
    assert isinstance(found, Unresolved), found
    assert (found.question, dict(found.values)) == (question, values)


def named(*names: str) -> tuple[ListingRow, ...]:
    return tuple(
        replace(
            FIVE[0], rank=rank, name=name, ref=replace(FIVE[0].ref, id=f"application_1_{rank:04}")
        )
        for rank, name in enumerate(names, start=1)
    )


def test_a_piece_of_several_names_is_asked_about_with_the_candidates() -> None:
    """`daily` fits two jobs; the question shows both."""
    rows = named("daily_a", "daily_b", "hourly")
    found = resolve(Having(Field.ANY, "daily"), rows, NOW)
    assert isinstance(found, Unresolved)
    assert found.question == "ambiguous"
    assert [row.rank for row in found.candidates] == [1, 2]


def test_a_whole_name_wins_over_names_that_hold_it() -> None:
    """`daily` is a job, though `daily_b` holds the word."""
    found = resolve(Having(Field.ANY, "daily"), named("daily_b", "daily"), NOW)
    assert isinstance(found, Resolved)
    assert [row.rank for row in found.rows] == [2]


def test_two_runs_of_one_name_are_asked_about() -> None:
    """The same name twice is two applications."""
    assert isinstance(
        resolve(Having(Field.NAME, "daily"), named("daily", "daily"), NOW), Unresolved
    )


def test_a_tie_at_the_cut_is_asked_about() -> None:
    """Where the second and third use the same, "top 2 by memory" does not choose."""
    rows = tuple(replace(row, memory=1) for row in FIVE[:3])
    found = resolve(Top(2, Measure.MEMORY), rows, NOW)
    assert isinstance(found, Unresolved)
    assert [row.rank for row in found.candidates] == [1, 2, 3]


def test_a_pronoun_is_the_only_row() -> None:
    """With one row listed, "it" is clear."""
    assert resolve(Pronoun(), FIVE[:1], NOW) == Resolved(FIVE[:1])


def test_without_rows_there_is_no_listing() -> None:
    """Nothing listed, nothing to choose from."""
    assert resolve(Everything(), (), NOW) == Unresolved("no_listing")


def test_a_queue_is_known_by_its_last_part() -> None:
    """`root.team.etl` is called etl."""
    rows = (replace(FIVE[0], queue="root.team.etl"),)
    assert resolve(Having(Field.QUEUE, "etl"), rows, NOW) == Resolved(rows)
