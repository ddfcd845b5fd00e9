"""With a model: several requests in order, references, and texts that stand whole or not at all."""

from collections.abc import AsyncIterator

import pytest

from bot.agents.model.client import ModelSettings
from bot.domain.answers import Answer, Note, Quote
from bot.domain.conversation import Intent
from tests.evals.platform import platform_scene
from tests.evals.world import World
from tests.openai.asked import Asked, Json, Reply, fill, say
from tests.openai.models import KEY, open_model
from tests.openai.server import OpenAIStandIn

OWNER: Json = {"intent": "draft", "kind": "owner", "words": ["bob"]}
ASKED = "bob한테 보낼 글 좀 부탁해요. 부드럽게, 두 줄로요"
TRUE = "bob 님, 안녕하세요.\nadhoc_clickstream_join이 56코어를 할당받고 있습니다.\n줄여 주실 수 있을까요?"
FALSE = TRUE.replace("56", "99")


@pytest.fixture
async def server() -> AsyncIterator[OpenAIStandIn]:
    async with OpenAIStandIn() as running:
        yield running


@pytest.fixture
async def world(server: OpenAIStandIn) -> AsyncIterator[World]:
    settings = ModelSettings(KEY, "large", server.url, call_seconds=4.0)
    async with open_model(settings) as model:
        yield World(platform_scene(), model)


def reads(*requests: Json, says: tuple[str, ...] = ("-",)) -> object:
    left = list(says)

    def script(asked: Asked) -> Reply:
        if asked.structured:
            return fill(asked, {"requests": list(requests)})
        return say(left.pop(0) if len(left) > 1 else left[0])

    return script


def quoted(answer: Answer) -> str:
    return "\n".join(part.text for part in answer.parts if isinstance(part, Quote))


async def test_several_requests_are_answered_in_their_order(
    server: OpenAIStandIn, world: World
) -> None:
    await world.ask("상위 5개 잡 보여줘")
    requests: tuple[Json, ...] = ({"intent": "status"}, {"intent": "kill", "ranks": [1]})
    server.script = reads(*requests)  # type: ignore[assignment]
    answer = await world.ask("지금 어때요? 그리고 1번은 그냥 정리하는 게 낫지 않을까요?")
    assert answer.intents == (Intent.STATUS, Intent.CLARIFY)
    assert not world.proposals.made


async def test_both_means_what_was_spoken_of_without_a_model_too() -> None:
    world = World(platform_scene())
    await world.ask("상위 5개 잡 보여줘")
    await world.ask("what if we kill #2?")
    await world.ask("what if we kill #1?")
    answer = await world.ask("What do we win if both of them go?")
    assert answer.intent is Intent.WHAT_IF
    assert [id_[-4:] for id_ in answer.applications] == ["0042", "0057"]
    assert not world.proposals.made


async def test_a_text_stands_whole(server: OpenAIStandIn, world: World) -> None:
    server.script = reads(OWNER, says=(TRUE,))  # type: ignore[assignment]
    answer = await world.ask(ASKED)
    assert (answer.intent, answer.llm, quoted(answer)) == (Intent.DRAFT, True, TRUE)


async def test_a_wrong_figure_is_mended_once(server: OpenAIStandIn, world: World) -> None:
    server.script = reads(OWNER, says=(FALSE, TRUE))  # type: ignore[assignment]
    answer = await world.ask(ASKED)
    assert quoted(answer) == TRUE
    assert "99" in server.asked[-1].prompt


async def test_a_text_that_stays_wrong_is_replaced_and_that_is_said(
    server: OpenAIStandIn, world: World
) -> None:
    server.script = reads(OWNER, says=(FALSE,))  # type: ignore[assignment]
    answer = await world.ask(ASKED)
    assert not answer.llm
    assert "99" not in quoted(answer)
    assert "adhoc_clickstream_join" in quoted(answer)
    notes = [part.text for part in answer.parts if isinstance(part, Note)]
    assert any("AI가 쓴 글은 1개 문장이" in note for note in notes)


async def test_a_message_quoted_in_an_answer_falls_whole(
    server: OpenAIStandIn, world: World
) -> None:
    words = '이렇게 보내세요: "adhoc_clickstream_join이 99코어를 쓰고 있습니다. 확인 부탁드립니다." CPU 사용률은 91%입니다.'
    server.script = lambda _asked: say(words)
    answer = await world.ask("현재 클러스터 가동율 알려줘?")
    assert "확인 부탁드립니다" not in str(answer.parts[0])
    assert "CPU 사용률은 91%입니다." in str(answer.parts[0])
