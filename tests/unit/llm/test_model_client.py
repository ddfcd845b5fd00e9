"""The model client against a server that speaks OpenAI's API, well or badly."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from langchain_core.tools import BaseTool, tool
from pydantic import BaseModel

from bot.agents.model.client import ModelSettings, build_model
from bot.agents.model.limits import Limits
from bot.agents.model.port import Model, ModelFailure, Prompt, UsageKey
from tests.openai.asked import Asked, Reply, call, fail, fill, refuse, say
from tests.openai.models import KEY, open_model
from tests.openai.server import Abilities, OpenAIStandIn

PROMPT = Prompt("You help.", "How many?")
BILL = UsageKey("turn-1", "thread-1")


class Count(BaseModel):
    number: int
    words: list[str] = []


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def server() -> AsyncIterator[OpenAIStandIn]:
    async with OpenAIStandIn() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Models:
    """Builds models on the stand-in and closes them after the test."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack

    async def __call__(self, server: OpenAIStandIn, clock: Clock, **options: object) -> Model:
        settings = ModelSettings(KEY, "large", server.url, **options)  # type: ignore[arg-type]
        return await self._stack.enter_async_context(open_model(settings, clock))


@pytest.fixture
async def model_of() -> AsyncIterator[Models]:
    async with AsyncExitStack() as stack:
        yield Models(stack)


def test_without_a_key_there_is_no_model() -> None:
    assert build_model(ModelSettings(None, "large")) is None


@pytest.mark.parametrize(
    ("abilities", "used"),
    [
        (Abilities(), "json_schema"),
        (Abilities(json_schema=False), "function"),
        (Abilities(json_schema=False, json_schema_status=500), "function"),
        (Abilities(json_schema=False, tools=False), "json_object"),
        (Abilities(json_schema=False, tools=False, json_object=False), "text"),
    ],
)
async def test_the_best_method_a_server_offers_is_found_once_and_remembered(
    server: OpenAIStandIn, model_of: Models, clock: Clock, abilities: Abilities, used: str
) -> None:
    server.abilities, server.script = (
        abilities,
        lambda asked: fill(asked, {"number": 7, "words": []}),
    )
    model = await model_of(server, clock)
    first = await model.fill(PROMPT, Count, BILL)
    seen = len(server.asked)
    second = await model.fill(PROMPT, Count, BILL)
    assert first.value == second.value == Count(number=7)
    assert len(server.asked) == seen + 1
    assert server.asked[-1].format == used


async def test_a_server_that_ignores_what_it_is_asked_for_is_told_in_words(
    server: OpenAIStandIn, model_of: Models, clock: Clock
) -> None:
    """As Ollama does with a forced tool: 200, and plain words."""

    def script(asked: Asked) -> Reply:
        told = '"type": "object"' in asked.prompt
        return say('{"number": 7, "words": []}' if told else "Sure, seven!")

    server.script = script
    model = await model_of(server, clock)
    for _ in range(2):
        assert (await model.fill(PROMPT, Count, BILL)).value == Count(number=7)
    assert [asked.format for asked in server.asked] == [
        "json_schema",
        "function",
        "json_object",
        "json_object",
    ]


async def test_json_in_fences_and_chatter_is_read(
    server: OpenAIStandIn, model_of: Models, clock: Clock
) -> None:
    server.script = lambda _asked: say('Sure! ```json\n{"number": 3, "words": ["a"]}\n```')
    reply = await (await model_of(server, clock)).fill(PROMPT, Count, BILL)
    assert reply.value == Count(number=3, words=["a"])


async def test_nonsense_in_the_right_shape_is_asked_for_once(
    server: OpenAIStandIn, model_of: Models, clock: Clock
) -> None:
    """The method works, so no other is tried; it is remembered for the next question."""
    server.abilities = Abilities(json_schema=False, json_schema_status=500)
    server.script = lambda asked: fill(asked, {"number": "many", "words": []})
    model = await model_of(server, clock)
    assert (await model.fill(PROMPT, Count, BILL)).trouble is ModelFailure.BAD_ANSWER
    assert [asked.format for asked in server.asked] == ["json_schema", "function"]
    server.script = lambda asked: fill(asked, {"number": 7, "words": []})
    assert (await model.fill(PROMPT, Count, BILL)).value == Count(number=7)
    assert len(server.asked) == 3


async def test_a_server_without_tools_is_asked_for_words_and_not_for_tools_again(
    server: OpenAIStandIn, model_of: Models, clock: Clock
) -> None:
    """As vLLM and Ollama answer where a model has no tools: 400."""
    server.abilities = Abilities(tools=False)
    server.script = lambda _asked: say("It is 42.")
    model = await model_of(server, clock)
    for _ in range(2):
        assert (await model.research(PROMPT, [look], BILL)).value == "It is 42."
    assert [bool(asked.tool_names) for asked in server.asked] == [True, False, False]


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("<think>They want 7?</think>It is 42.", "It is 42."),
        ("They want 7?</think>\n\nIt is 42.", "\n\nIt is 42."),
        ("It is 42.<think>Or is it", "It is 42."),
        ("<think>For ever", None),
    ],
)
async def test_what_a_reasoning_model_thinks_aloud_is_left_out(
    *, server: OpenAIStandIn, model_of: Models, clock: Clock, words: str, left: str | None
) -> None:
    """As servers without a reasoning parser send it."""
    server.script = lambda _asked: say(words)
    assert (await (await model_of(server, clock)).write(PROMPT, BILL)).value == left


async def test_an_azure_deployment_is_asked_in_its_own_way(
    server: OpenAIStandIn, clock: Clock
) -> None:
    """By its deployment's address, its version in the query, the key in a header of its own."""
    server.script = lambda _asked: say("It is 42.")
    address = f"{server.root}/openai/deployments/gpt-4o?api-version=2024-10-21"
    async with open_model(ModelSettings(KEY, "gpt-4o", address), clock) as model:
        assert (await model.write(PROMPT, BILL)).value == "It is 42."
    assert server.asked[0].headers["api-key"] == KEY
    assert "authorization" not in server.asked[0].headers


async def test_usage_is_booked(server: OpenAIStandIn, model_of: Models, clock: Clock) -> None:
    server.script = lambda _asked: say("세 개입니다. Three of them.")
    model = await model_of(server, clock, limits=Limits(turn_tokens=10))
    assert (await model.write(PROMPT, BILL)).value == "세 개입니다. Three of them."
    assert (await model.write(PROMPT, BILL)).trouble is ModelFailure.BUDGET
    assert (await model.write(PROMPT, UsageKey("turn-2", "thread-1"))).value


TROUBLES = [
    (fail(429, "rate_limit_exceeded", Retry_After="30"), ModelFailure.RATE_LIMITED),
    (fail(500), ModelFailure.SERVER),
    (fail(503), ModelFailure.SERVER),
    (fail(401, "invalid_api_key"), ModelFailure.KEY),
    (fail(403), ModelFailure.KEY),
    (fail(404, "model_not_found"), ModelFailure.BAD_REQUEST),
    (fail(400, "context_length_exceeded"), ModelFailure.TOO_LONG),
    (Reply(fault="hang"), ModelFailure.TIMEOUT),
    (Reply(fault="drop"), ModelFailure.UNREACHABLE),
    (Reply(raw="<html>Bad gateway</html>"), ModelFailure.BAD_ANSWER),
    (Reply(raw="{"), ModelFailure.BAD_ANSWER),
    (Reply(raw="{}"), ModelFailure.BAD_ANSWER),
    (Reply(content="half", finish="length"), ModelFailure.CUT),
    (Reply(content=""), ModelFailure.BAD_ANSWER),
    (Reply(content="", finish="content_filter"), ModelFailure.REFUSAL),
]


@pytest.mark.parametrize(("reply", "trouble"), TROUBLES, ids=lambda item: str(item)[:40])
@pytest.mark.parametrize("ask", ["fill", "write", "research"])
async def test_every_failure_has_a_name_and_none_is_raised(
    *,
    server: OpenAIStandIn,
    model_of: Models,
    clock: Clock,
    reply: Reply,
    trouble: ModelFailure,
    ask: str,
) -> None:
    server.script = lambda _asked: reply
    patience = 0.5 if reply.fault == "hang" else 10.0
    model = await model_of(server, clock, call_seconds=patience)
    if ask == "fill":
        found = (await model.fill(PROMPT, Count, BILL)).trouble
    elif ask == "write":
        found = (await model.write(PROMPT, BILL)).trouble
    else:
        found = (await model.research(PROMPT, [look], BILL)).trouble
    assert found is trouble


async def test_a_refusal_is_told_from_silence(
    server: OpenAIStandIn, model_of: Models, clock: Clock
) -> None:
    server.script = lambda _asked: refuse()
    model = await model_of(server, clock)
    assert (await model.fill(PROMPT, Count, BILL)).trouble is ModelFailure.REFUSAL
    assert (await model.write(PROMPT, BILL)).value is None


async def test_the_second_model_answers_when_the_first_fails(
    server: OpenAIStandIn, model_of: Models, clock: Clock
) -> None:
    server.script = lambda asked: fail(500) if asked.model == "large" else say("from the small one")
    reply = await (await model_of(server, clock, fallback="small")).write(PROMPT, BILL)
    assert reply.value == "from the small one"


async def test_a_failing_server_is_left_alone_for_a_minute_and_then_noticed_again(
    server: OpenAIStandIn, model_of: Models, clock: Clock
) -> None:
    server.script = lambda _asked: fail(500)
    model = await model_of(server, clock)
    for turn in range(3):
        await model.write(PROMPT, UsageKey(f"t{turn}", "thread"))
    asked = len(server.asked)
    assert (await model.write(PROMPT, UsageKey("t4", "thread"))).trouble is ModelFailure.RESTING
    assert len(server.asked) == asked
    server.script = lambda _asked: say("back")
    clock.now += 61
    assert (await model.write(PROMPT, UsageKey("t5", "thread"))).value == "back"


async def test_a_rate_limited_server_is_left_alone_as_long_as_it_says(
    server: OpenAIStandIn, model_of: Models, clock: Clock
) -> None:
    server.script = lambda _asked: fail(429, Retry_After="5")
    model = await model_of(server, clock)
    await model.write(PROMPT, BILL)
    assert (await model.write(PROMPT, BILL)).trouble is ModelFailure.RESTING
    clock.now += 6
    server.script = lambda _asked: say("back")
    assert (await model.write(PROMPT, BILL)).value == "back"


async def test_a_turn_that_used_its_time_asks_no_more(
    server: OpenAIStandIn, model_of: Models, clock: Clock
) -> None:
    model = await model_of(server, clock)
    await model.write(PROMPT, BILL)
    clock.now += 21
    assert (await model.write(PROMPT, BILL)).trouble is ModelFailure.TIMEOUT


@tool
async def look(what: str) -> str:
    """Look something up."""
    return f"{what}: 42"


async def test_tools_are_called_and_the_last_words_come_back(
    server: OpenAIStandIn, model_of: Models, clock: Clock
) -> None:
    def script(asked: Asked) -> Reply:
        return say("It is 42.") if asked.tool_results else call(("look", {"what": "answer"}))

    server.script = script
    reply = await (await model_of(server, clock)).research(PROMPT, [look], BILL)
    assert reply.value == "It is 42."
    assert server.asked[1].tool_results == ("answer: 42",)


async def test_a_model_that_calls_tools_for_ever_is_stopped(
    server: OpenAIStandIn, model_of: Models, clock: Clock
) -> None:
    called: list[str] = []

    @tool
    async def count(what: str) -> str:
        """Count."""
        called.append(what)
        return "again"

    tools: list[BaseTool] = [count]
    server.script = lambda _asked: call(("count", {"what": "a"}), ("count", {"what": "b"}))
    reply = await (await model_of(server, clock)).research(PROMPT, tools, BILL)
    assert reply.trouble is ModelFailure.BUDGET
    assert len(server.asked) <= 4
    assert len(called) <= 6
    assert not server.refused


async def test_secrets_are_cut_out_of_prompts(
    server: OpenAIStandIn, model_of: Models, clock: Clock
) -> None:
    model = await model_of(server, clock)
    await model.write(Prompt("sk-test-key-123", "token xoxb-1234-abcd password=hunter22"), BILL)
    for secret in ("sk-test-key-123", "xoxb-1234", "hunter22"):
        assert secret not in server.asked[0].prompt
