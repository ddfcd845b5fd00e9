"""One model on one OpenAI-compatible server: asked once, with what it can do remembered.

What a server does not take is told by its own refusal, never by its address: the refused part is
left out or named otherwise, and stays so for this endpoint.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import openai
import structlog
from langchain.agents import create_agent
from langchain.agents.middleware import ModelCallLimitMiddleware, ToolCallLimitMiddleware
from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.tools import BaseTool
from langchain_openai.chat_models.base import BaseChatOpenAI

from bot.agents.model.breaker import Breaker
from bot.agents.model.failures import trouble_of, words_of
from bot.agents.model.port import ModelFailure, Prompt, Reply, Shape
from bot.agents.model.structured import Method, arguments, parsed, said, shaped, told

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
