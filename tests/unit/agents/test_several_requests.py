"""Several requests of one message: each part answered, in one post."""

from dataclasses import replace

import pytest

from bot.domain.answers import Buttons
from bot.domain.conversation import AgentName, Intent, Query, Turn, Understanding
from bot.domain.language import Language
from bot.domain.selections import Ranks
from bot.handlers.views.answer import answer_post
from tests.evals.platform import platform_scene
from tests.evals.world import NOW, World


def reading(intent: Intent) -> Understanding:
    return Understanding(intent, AgentName.NONE, Language.EN)


async def test_each_part_is_answered_in_order() -> None:
    """A second one may speak of the list the first one showed; the post tells all intents."""
    world = World(platform_scene())
    listing = replace(reading(Intent.LIST), query=Query(count=3))
    kill = replace(reading(Intent.KILL), selection=Ranks((2,)))
    asked = replace(listing, also=(reading(Intent.STATUS), kill))
    answer = await world.ask("…", reading=asked)
    assert answer.intent is Intent.LIST
    assert answer.intents == (Intent.LIST, Intent.STATUS, Intent.KILL)
    assert answer.proposal_id == world.proposals.made[0].id
    assert [target.name for target in world.proposals.made[0].targets] == ["daily_user_features"]
    assert [isinstance(part, Buttons) for part in answer.parts].count(True) == 1
    post = answer_post("k", turn(), answer)
    assert post.event_payload["intents"] == ["list", "status", "kill"]


async def test_words_beside_a_request_are_answered_too() -> None:
    asked = replace(reading(Intent.SMALLTALK), also=(reading(Intent.STATUS),))
    answer = await World(platform_scene()).ask("…", reading=asked)
    assert answer.intents == (Intent.SMALLTALK, Intent.STATUS)
    assert "91%" in answer.summary


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("Is it back to normal? Who approved the kill?", (Intent.COMPARE, Intent.AUDIT)),
        ("왜 이렇게 느려요? 전에도 이런 적 있었나요?", (Intent.DIAGNOSE, Intent.HISTORY)),
        ("이제 자리 났으면 80코어 올린다? 괜찮지?", (Intent.CAPACITY,)),
    ],
)
async def test_each_of_several_questions_is_answered(
    text: str, intents: tuple[Intent, ...]
) -> None:
    world = World(platform_scene())
    await world.ask("상위 5개 잡 보여줘")
    answer = await world.ask(text)
    assert answer.intents == intents
    assert not world.proposals.made


async def test_one_request_names_no_list_of_intents() -> None:
    answer = await World(platform_scene()).ask("…", reading=reading(Intent.HELP))
    assert "intents" not in answer_post("k", turn(), answer).event_payload


def turn() -> Turn:
    return Turn("t", "T", "C", "1.0", "1.1", "U", "…", Language.EN, NOW)
