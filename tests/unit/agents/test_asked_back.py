"""What a message may have meant comes as buttons, each of which carries its reading."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from bot.agents.facts import WordsFacts
from bot.agents.templates.talk import words
from bot.agents.templates.wording import Voice
from bot.domain.answers import Buttons
from bot.domain.conversation import (
    LONGEST_BUTTON,
    AgentName,
    DraftKind,
    Intent,
    Need,
    Query,
    Understanding,
    WatchFor,
    WatchKind,
    Wish,
    button_text,
    reading_in,
)
from bot.domain.language import Language
from bot.domain.selections import (
    Both,
    Either,
    Everything,
    Exceeding,
    Field,
    Having,
    LongerThan,
    Measure,
    Ranks,
    Top,
    Without,
)
from tests.evals.platform import platform_scene
from tests.evals.world import World

PLAIN = Understanding(Intent.KILL, AgentName.DATA_ENGINEER, Language.KO, selection=Ranks((2,)))
READINGS = [
    PLAIN,
    replace(PLAIN, selection=Without(Top(3, Measure.MEMORY), Having(Field.USER, "밥"))),
    replace(PLAIN, selection=Both((LongerThan(timedelta(hours=2)), Everything()))),
    replace(PLAIN, selection=Either((Exceeding(Measure.CPU, Ranks((3,)), less=True),))),
    replace(PLAIN, intent=Intent.LIST, selection=None, query=Query(per=Field.QUEUE, after=5)),
    replace(PLAIN, watch=WatchFor(WatchKind.ROOM, need=Need(10.0, queue="etl"))),
    replace(PLAIN, draft=DraftKind.OWNER, wish=Wish.MUTE, also=(PLAIN,), unapplied=("빨간",)),
]


@pytest.mark.parametrize("reading", READINGS)
def test_a_reading_comes_back_as_it_was(reading: Understanding) -> None:
    assert reading_in(button_text(reading)) == reading


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"_":"Ranks","ranks":[1]}', '{"_":"os"}', "x"])
def test_anything_else_is_no_reading(text: str) -> None:
    assert reading_in(text) is None


def test_what_no_button_holds_makes_none() -> None:
    long = replace(PLAIN, selection=Having(Field.NAME, "n" * LONGEST_BUTTON))
    assert button_text(long) == ""


async def test_each_reading_is_a_button_that_says_what_it_does() -> None:
    world = World(platform_scene())
    listing = replace(PLAIN, intent=Intent.LIST, selection=None)
    await world.ask("top", reading=listing)
    other = replace(PLAIN, intent=Intent.DETAIL)
    asked = Understanding(
        Intent.CLARIFY, AgentName.DATA_ENGINEER, Language.EN, readings=(PLAIN, other)
    )
    answer = await world.ask("2…", reading=asked)
    (row,) = (part for part in answer.parts if isinstance(part, Buttons))
    assert [button.label for button in row.buttons] == [
        "#2 daily_user_features: make a kill card",
        "#2 daily_user_features: job details",
    ]
    taken = reading_in(row.buttons[0].value)
    assert taken is not None
    await world.ask("press", reading=taken)
    assert [target.rank for target in world.proposals.made[0].targets] == [2]


def test_wait_says_that_the_card_stays_open() -> None:
    """With the way to withdraw it beside it."""
    said = words(WordsFacts("none", open_card=True), Voice(Language.EN, UTC))
    assert said.summary.startswith("Holding. The card is still open")
    (row,) = (part for part in said.parts if isinstance(part, Buttons))
    taken = reading_in(row.buttons[0].value)
    assert taken is not None
    assert taken.intent is Intent.CANCEL
