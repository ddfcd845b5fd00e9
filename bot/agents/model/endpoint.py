"""One model on one OpenAI-compatible server: asked once, with what it can do remembered.

What a server does not take is told by its own refusal, never by its address: the refused part is
left out or named otherwise, and stays so for this endpoint. JSON is got out of it by whichever
method it offers, and what the client raises becomes a named trouble.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import openai
import structlog
from langchain.agents import create_agent
from langchain.agents.middleware import ModelCallLimitMiddleware, ToolCallLimitMiddleware
from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.exceptions import ContextOverflowError
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.tools import BaseTool
from langchain_openai.chat_models.base import BaseChatOpenAI
from pydantic import BaseModel, ValidationError

from bot.agents.model.limits import Breaker
from bot.agents.model.port import ModelFailure, Prompt, Reply, Shape

Value = TypeVar("Value")
_LOG = structlog.get_logger(__name__)

UNSUPPORTED = (
    openai.BadRequestError,
    openai.UnprocessableEntityError,
    openai.InternalServerError,  # llama-cpp-python's answer to a response_format it does not know
)
LONGEST_WORDS = 4_000  # characters; a dozen sentences are shorter
LOOP_CALLS = 4  # model calls in one look-up
LOOP_TOOLS = 6  # tool calls in one look-up
STREAMED = re.compile(r"\bstream(?:ing|ed)?\b")
STEPS = 4  # parts of a request that may be refused one after the other
NOTED = 300  # characters of a server's own words


# What the client and LangChain raise, and what servers say of it.
NAMED: tuple[tuple[type[BaseException], ModelFailure], ...] = (
    (ContextOverflowError, ModelFailure.TOO_LONG),
    (TimeoutError, ModelFailure.TIMEOUT),
    (openai.APITimeoutError, ModelFailure.TIMEOUT),
    (openai.APIResponseValidationError, ModelFailure.BAD_ANSWER),
    (openai.APIConnectionError, ModelFailure.UNREACHABLE),
    (openai.AuthenticationError, ModelFailure.KEY),
    (openai.PermissionDeniedError, ModelFailure.KEY),
    (openai.RateLimitError, ModelFailure.RATE_LIMITED),
    (openai.InternalServerError, ModelFailure.SERVER),
    (openai.APIStatusError, ModelFailure.BAD_REQUEST),
    (openai.LengthFinishReasonError, ModelFailure.CUT),
    (openai.ContentFilterFinishReasonError, ModelFailure.REFUSAL),
)
# What servers say, each in its own code and words, of the same three things.
TOLD = (
    (re.compile(r"content_?filter|content.management.policy|ResponsibleAI", re.IGNORECASE), ModelFailure.REFUSAL),
    (re.compile(r"context_length_exceeded|exceed_context_size|maximum context length|context (?:size|window|length)|request too large|reduce the length|too many (?:input )?tokens", re.IGNORECASE), ModelFailure.TOO_LONG),
    (re.compile(r"insufficient_quota|exceeded your current quota|billing|credit balance|insufficient credits", re.IGNORECASE), ModelFailure.QUOTA),
)  # fmt: skip
TOO_LARGE = 413


def trouble_of(error: BaseException) -> ModelFailure:
    """Return what went wrong; whatever has no name of its own is an answer no one can read."""
    if isinstance(error, openai.APIStatusError) and not isinstance(
        error, openai.InternalServerError
    ):
        words = words_of(error)
        for pattern, trouble in TOLD:
            if pattern.search(words):
                return trouble
        if error.status_code == TOO_LARGE:
            return ModelFailure.TOO_LONG
    return next(
        (trouble for kind, trouble in NAMED if isinstance(error, kind)), ModelFailure.BAD_ANSWER
    )


def words_of(error: openai.APIStatusError) -> str:
    """Return what a server says of its refusal, whatever shape it has."""
    return f"{error.code or ''} {error.message} {error.body or ''}"


def wait_of(error: BaseException) -> float | None:
    """Return the seconds a rate-limited server asks to be left alone, or None."""
    if not isinstance(error, openai.RateLimitError):
        return None
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "")))
    except ValueError:
        return None


# A JSON object out of any server, by whichever method it offers.
UNTOLD = {"title", "description", "default", "maxItems", "maximum", "minimum", "maxLength"}
THOUGHT, THOUGHT_END = "<think>", "</think>"  # where the server does not part the two
LONGEST_ANSWER = 20_000  # characters; nothing we ask for is longer


class Method(StrEnum):
    """Ways of asking for structure, best first."""

    JSON_SCHEMA = "json_schema"
    FUNCTION = "function"
    JSON_OBJECT = "json_object"
    WORDS = "words"


def arguments(method: Method, shape: type[BaseModel]) -> dict[str, Any]:
    """Return the request's parameters that ask for this shape by this method."""
    name, schema = shape.__name__.lower(), strict_schema(shape)
    if method is Method.JSON_SCHEMA:
        spec = {"name": name, "strict": True, "schema": schema}
        return {"response_format": {"type": "json_schema", "json_schema": spec}}
    if method is Method.FUNCTION:
        function = {"name": name, "strict": True, "parameters": schema}
        chosen = {"type": "function", "function": {"name": name}}
        return {"tools": [{"type": "function", "function": function}], "tool_choice": chosen}
    if method is Method.JSON_OBJECT:
        return {"response_format": {"type": "json_object"}}
    return {}


def told(method: Method, shape: type[BaseModel]) -> str:
    """Return what the prompt itself must say of the shape: nothing where the request says it."""
    if method in {Method.JSON_SCHEMA, Method.FUNCTION}:
        return ""
    schema = json.dumps(strict_schema(shape), ensure_ascii=False)
    return f"\n\nAnswer with one JSON object of this schema and nothing else:\n{schema}"


def strict_schema(shape: type[BaseModel]) -> dict[str, Any]:
    """Return the shape's JSON schema as strict servers want it: all keys, and no other."""
    return dict(_strict(shape.model_json_schema()))


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: {name: _strict(part) for name, part in value.items()}
        if key in {"properties", "$defs"}
        else _strict(value)
        for key, value in schema.items()
        if key not in UNTOLD
    }
    if "properties" in kept:
        kept["additionalProperties"] = False
        kept["required"] = list(kept["properties"])
    return kept


def parsed(message: AIMessage, shape: type[Shape]) -> Shape | None:
    """Return the first valid object in a message's tool calls or words, or None."""
    for value in _candidates(message):
        try:
            return shape.model_validate(value)
        except ValidationError:
            continue
    return None


def shaped(message: AIMessage, shape: type[BaseModel]) -> bool:
    """Tell whether a message holds an object with every key of the shape, whatever its values.

    Then the method does what it should, and it is the model that talks nonsense.
    """
    keys = set(shape.model_fields)
    return any(isinstance(value, dict) and keys <= set(value) for value in _candidates(message))


def said(message: AIMessage) -> str:
    """Return a message's words without what a reasoning model thought aloud before them."""
    words = message.text.rpartition(THOUGHT_END)[2]
    return words.partition(THOUGHT)[0]


def _candidates(message: AIMessage) -> Iterator[Any]:
    for call in message.tool_calls:
        yield call["args"]
    text = said(message)[:LONGEST_ANSWER]
    decoder, start = json.JSONDecoder(), text.find("{")
    while start >= 0:
        try:
            value, length = decoder.raw_decode(text[start:])
        except ValueError:
            start = text.find("{", start + 1)
            continue
        except RecursionError:
            return
        yield value
        start = text.find("{", start + length)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for beside the messages: the longest answer in tokens, and how hard to think."""

    tokens: int
    effort: str | None = None


class Endpoint:
    """Asks one model; raises what the client raises.

    `method` is how it gives structure, None while unknown; `tools` whether it can call tools.
    `names` are what the limit on an answer's length may be called, the first one being in use.
    """

    def __init__(
        self, chat: BaseChatOpenAI, breaker: Breaker, wishes: Wishes, names: Sequence[str]
    ) -> None:
        self._chat = chat
        self._wishes = wishes
        self._names = [*names]
        self._effort = wishes.effort
        self._streams = False
        self._noted: set[str] = set()
        self.breaker = breaker
        self.method: Method | None = None
        self.tools = True

    async def fill(
        self, prompt: Prompt, shape: type[Shape], usage: UsageMetadataCallbackHandler
    ) -> Reply[Shape]:
        """Ask for a shape by the method known to work, or find out which one does."""
        answered: Method | None = None
        trouble, refused = ModelFailure.BAD_ANSWER, None
        for method in (self.method,) if self.method else tuple(Method):
            try:
                message = await self._structured(prompt, shape, method, usage)
            except UNSUPPORTED as error:
                if trouble_of(error) in {ModelFailure.REFUSAL, ModelFailure.TOO_LONG}:
                    raise
                if isinstance(refused, openai.InternalServerError):
                    raise  # two in a row are an outage, not two methods it does not know
                refused = error
                continue
            value = parsed(message, shape)
            if value is not None:
                self.method = method
                return Reply(value)
            if shaped(message, shape):
                self.method = method
                return Reply(trouble=_why(message))
            answered, trouble = method, _why(message)
        if answered is None and refused is not None:
            self.method = None
            raise refused
        self.method = self.method or answered
        return Reply(trouble=trouble)

    async def write(self, prompt: Prompt, usage: UsageMetadataCallbackHandler) -> Reply[str]:
        """Ask for words; what is too long is asked again without what it can be without."""

        async def ask(chat: BaseChatOpenAI) -> Reply[str]:
            return _words(await chat.ainvoke(_messages(prompt), config={"callbacks": [usage]}))

        try:
            return await self._adapted(ask)
        except openai.APIError as error:
            if trouble_of(error) is not ModelFailure.TOO_LONG or not prompt.brief:
                raise
        return await self.write(Prompt(prompt.system, prompt.brief), usage)

    async def research(
        self, prompt: Prompt, tools: Sequence[BaseTool], usage: UsageMetadataCallbackHandler
    ) -> Reply[str]:
        """Let the model call tools, a few times at most, and return its last words.

        A server that refuses tools is asked for words over what was read already, from then on;
        one refused question says nothing of the next.
        """
        if self.tools:
            try:
                return await self._adapted(lambda chat: _looked(chat, prompt, tools, usage))
            except openai.APIStatusError as error:
                trouble = trouble_of(error)
                if trouble not in {ModelFailure.BAD_REQUEST, ModelFailure.TOO_LONG}:
                    raise
                self._note(error)
                if trouble is ModelFailure.BAD_REQUEST:
                    reply = await self.write(prompt, usage)
                    self.tools = False
                    return reply
        return await self.write(prompt, usage)

    async def close(self) -> None:
        """Close the connections; LangChain itself never does."""
        await self._chat.root_async_client.close()

    async def _structured(
        self,
        prompt: Prompt,
        shape: type[Shape],
        method: Method,
        usage: UsageMetadataCallbackHandler,
    ) -> AIMessage:
        asked = _messages(Prompt(prompt.system + told(method, shape), prompt.user))

        async def ask(chat: BaseChatOpenAI) -> AIMessage:
            bound = chat.bind(**arguments(method, shape))
            return await bound.ainvoke(asked, config={"callbacks": [usage]})

        return await self._adapted(ask)

    async def _adapted(self, ask: Callable[[BaseChatOpenAI], Awaitable[Value]]) -> Value:
        """Ask; when a part of the request is refused, step down once for each such part."""
        for _ in range(STEPS):
            try:
                return await ask(self._now())
            except openai.APIStatusError as error:
                self._note(error)
                ours = not isinstance(error, openai.InternalServerError)
                if not (ours and self._stepped_down(words_of(error).lower())):
                    raise
        return await ask(self._now())

    def _now(self) -> BaseChatOpenAI:
        """Return the client with what this server is known to take."""
        body: dict[str, Any] = {self._names[0]: self._wishes.tokens} if self._names else {}
        if self._effort:
            body["reasoning_effort"] = self._effort
        return self._chat.model_copy(
            update={"extra_body": body or None, "streaming": self._streams}
        )

    def _stepped_down(self, words: str) -> bool:
        """Leave out, or name otherwise, what the words refuse; False when they refuse no such part."""
        if self._names and ("max_tokens" in words or "max_completion_tokens" in words):
            del self._names[0]
        elif self._effort and "reasoning" in words:
            self._effort = None
        elif not self._streams and STREAMED.search(words):
            self._streams = True  # some models answer as a stream only
        elif self._streams and "stream_options" in words and self._chat.stream_usage:
            self._chat = self._chat.model_copy(update={"stream_usage": False})
        else:
            return False
        return True

    def _note(self, error: openai.APIStatusError) -> None:
        """Log the server's own words, each once."""
        words = words_of(error)[:NOTED]
        if words not in self._noted:
            self._noted.add(words)
            _LOG.warning("model_refused", status=error.status_code, words=words)


async def _looked(
    chat: BaseChatOpenAI,
    prompt: Prompt,
    tools: Sequence[BaseTool],
    usage: UsageMetadataCallbackHandler,
) -> Reply[str]:
    limits: list[Any] = [  # their states are wider than the agent's, which types as a clash
        ModelCallLimitMiddleware(run_limit=LOOP_CALLS, exit_behavior="end"),
        ToolCallLimitMiddleware(run_limit=LOOP_TOOLS, exit_behavior="continue"),
    ]
    agent = create_agent(chat, list(tools), system_prompt=prompt.system, middleware=limits)
    done = await agent.ainvoke(
        {"messages": [HumanMessage(prompt.user)]}, config={"callbacks": [usage]}
    )
    last = done["messages"][-1]
    closed_by_limit = not last.response_metadata
    if not isinstance(last, AIMessage) or last.tool_calls or closed_by_limit:
        return Reply(trouble=ModelFailure.BUDGET)
    return _words(last)


def _messages(prompt: Prompt) -> list[SystemMessage | HumanMessage]:
    return [SystemMessage(prompt.system), HumanMessage(prompt.user)]


def _words(message: AIMessage) -> Reply[str]:
    """Return a message's words, whatever the server calls its end, unless it was cut or refused."""
    words, trouble = said(message), _why(message)
    if len(words) > LONGEST_WORDS:
        return Reply(trouble=ModelFailure.CUT)
    if words.strip() and trouble is ModelFailure.BAD_ANSWER:
        return Reply(words)
    return Reply(trouble=trouble)


def _why(message: AIMessage) -> ModelFailure:
    if message.additional_kwargs.get("refusal"):
        return ModelFailure.REFUSAL
    reason = message.response_metadata.get("finish_reason")
    if reason == "length":
        return ModelFailure.CUT
    return ModelFailure.REFUSAL if reason == "content_filter" else ModelFailure.BAD_ANSWER
