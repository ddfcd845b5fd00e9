"""A place in the list, said in whatever way, is the row that stands there."""

from dataclasses import replace

import pytest

from bot.domain.conversation import Intent
from tests.evals.platform import platform_scene
from tests.evals.world import World


@pytest.mark.parametrize(
    ("question", "rank"),
    [
        ("I want the details of the fourth heaviest", 4),
        ("show details of the 3rd biggest job", 3),
        ("the 2nd heaviest one there, whose is it", 2),
        ("that third largest one, whose is it", 3),
    ],
)
async def test_a_place_is_the_row_that_stands_there(question: str, rank: int) -> None:
    world = World(replace(platform_scene(), passages=()))
    await world.ask("show the top 5 jobs")
    answer = await world.ask(question)
    assert answer.intent is Intent.DETAIL
    assert answer.applications == (world.scene.applications[rank - 1].ref.id,)
