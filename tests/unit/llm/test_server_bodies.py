"""What servers refuse, in their own words, and how the next request differs."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from langchain_core.tools import tool
from structlog.testing import capture_logs

from bot.agents.model.client import ModelSettings
from bot.agents.model.port import ModelFailure, Prompt, UsageKey
from tests.openai.asked import Asked, Reply, say
from tests.openai.models import KEY, open_model
from tests.openai.server import OpenAIStandIn

PROMPT = Prompt("You help.", "How many? " * 40, "How many?")
BILL = UsageKey("turn-1", "thread-1")
Json = dict[str, Any]


@tool
async def look(what: str) -> str:
    """Look something up."""
    return f"{what}: 42"


@pytest.fixture
async def server() -> AsyncIterator[OpenAIStandIn]:
    async with OpenAIStandIn() as running:
        yield running


@dataclass(frozen=True)
class Body:
    """A refusal as one server words it, and the requests it refuses."""

    server: str
    status: int
    json: Json
    refuses: Callable[[Asked], bool]
    effort: str | None = None

    def script(self, asked: Asked) -> Reply:
        if self.refuses(asked):
            return Reply(raw=json.dumps(self.json), status=self.status)
        return say("It is 42.")


def has(name: str) -> Callable[[Asked], bool]:
    return lambda asked: name in asked.body


def error(message: str, **more: object) -> Json:
    return {"error": {"message": message, "type": "invalid_request_error", **more}}


def long_for(asked: Asked) -> bool:
    return len(asked.prompt) > 200


BODIES = (
    Body(
        "Azure, reasoning deployment",
        400,
        error(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            code="unsupported_parameter",
            param="max_tokens",
        ),
        has("max_tokens"),
    ),
    Body(
        "LiteLLM",
        400,
        error(
            "litellm.UnsupportedParamsError: openai does not support parameters: ['reasoning_effort'], for model=m. To drop these, set `litellm.drop_params=True`",
            code="400",
        ),
        has("reasoning_effort"),
        effort="low",
    ),
    Body(
        "vLLM, no tools",
        400,
        {
            "object": "error",
            "message": '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
            "type": "BadRequestError",
            "code": 400,
        },
        has("tools"),
    ),
    Body(
        "vLLM, too long",
        400,
        {
            "object": "error",
            "message": "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens. Please reduce the length of the messages.",
            "type": "BadRequestError",
            "code": 400,
        },
        long_for,
    ),
    Body(
        "llama.cpp, too long",
        400,
        {
            "error": {
                "code": 400,
                "message": "the request exceeds the available context size, try increasing it",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": 5000,
                "n_ctx": 4096,
            }
        },
        long_for,
    ),
    Body(
        "Groq, too long",
        413,
        error(
            "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9000, please reduce your message size and try again.",
            code="rate_limit_exceeded",
        ),
        long_for,
    ),
    Body(
        "OpenRouter, no endpoint with the parameter",
        404,
        {
            "error": {
                "message": "No endpoints found that support the requested parameter: max_tokens.",
                "code": 404,
            }
        },
        has("max_tokens"),
    ),
    Body(
        "a gateway that knows neither name",
        422,
        {
            "detail": [
                {
                    "loc": ["body", "max_tokens"],
                    "msg": "max_tokens, max_completion_tokens: extra fields not permitted",
                }
            ]
        },
        lambda asked: bool({"max_tokens", "max_completion_tokens"} & set(asked.body)),
    ),
    Body(
        "a model that only streams",
        400,
        error("This model only support stream mode, please enable the stream parameter."),
        lambda asked: not asked.body.get("stream"),
    ),
)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.server)
async def test_what_is_refused_is_left_out_and_stays_so(server: OpenAIStandIn, body: Body) -> None:
    server.script = body.script
    settings = ModelSettings(KEY, "m", server.url, effort=body.effort)
    async with open_model(settings) as model:
        with capture_logs() as logs:
            assert (await model.research(PROMPT, [look], BILL)).value == "It is 42."
            asked = len(server.asked)
            assert (await model.research(PROMPT, [look], BILL)).value == "It is 42."
    noted = [each for each in logs if each["event"] == "model_refused"]
    assert noted
    assert len({each["words"] for each in noted}) == len(noted)
    if body.refuses is not long_for:
        assert len(server.asked) == asked + 1


async def test_a_filtered_question_is_a_refusal_and_the_next_one_has_its_tools(
    server: OpenAIStandIn,
) -> None:
    filtered = {
        "error": {
            "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
            "code": "content_filter",
            "status": 400,
            "innererror": {"code": "ResponsibleAIPolicyViolation"},
        }
    }
    server.script = lambda _asked: Reply(raw=json.dumps(filtered), status=400)
    async with open_model(ModelSettings(KEY, "m", server.url)) as model:
        assert (await model.research(PROMPT, [look], BILL)).trouble is ModelFailure.REFUSAL
        server.script = lambda _asked: say("It is 42.")
        assert (await model.research(PROMPT, [look], BILL)).value == "It is 42."
    assert server.asked[-1].tool_names == ("look",)


async def test_an_account_without_quota_is_told_from_a_busy_server(server: OpenAIStandIn) -> None:
    spent = error(
        "You exceeded your current quota, please check your plan.", code="insufficient_quota"
    )
    server.script = lambda _asked: Reply(raw=json.dumps(spent), status=429)
    async with open_model(ModelSettings(KEY, "m", server.url)) as model:
        assert (await model.write(PROMPT, BILL)).trouble is ModelFailure.QUOTA


@pytest.mark.parametrize("reason", ["stop", "eos_token", "STOP", "end_turn", "", "length"])
async def test_words_stand_however_a_server_calls_their_end(
    server: OpenAIStandIn, reason: str
) -> None:
    server.script = lambda _asked: Reply(content="It is 42.", finish=reason)
    async with open_model(ModelSettings(KEY, "m", server.url)) as model:
        reply = await model.research(PROMPT, [look], BILL)
    assert reply.value == (None if reason == "length" else "It is 42.")
