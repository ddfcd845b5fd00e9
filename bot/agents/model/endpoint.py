"""One model on one OpenAI-compatible server: asked once, with what it can do remembered."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, cast

import openai
from langchain.agents import create_agent
from langchain.agents.middleware import ModelCallLimitMiddleware, ToolCallLimitMiddleware
from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.tools import BaseTool
from langchain_openai.chat_models.base import BaseChatOpenAI

from bot.agents.model.breaker import Breaker
from bot.agents.model.failures import trouble_of
from bot.agents.model.port import ModelFailure, Prompt, Reply, Shape
from bot.agents.model.structured import Method, arguments, parsed, said, shaped, told

UNSUPPORTED = (
    openai.BadRequestError,
    openai.UnprocessableEntityError,
    openai.InternalServerError,  # llama-cpp-python's answer to a response_format it does not know
)
FINISHED = {"stop", "tool_calls", "function_call"}
LONGEST_WORDS = 4_000  # characters; four sentences are far shorter
LOOP_CALLS = 4  # model calls in one look-up
LOOP_TOOLS = 6  # tool calls in one look-up


class Endpoint:
    """Asks one model; raises what the client raises.

    `method` is how it gives structure, None while unknown; `tools` whether it can call tools.
    """

    def __init__(self, chat: BaseChatOpenAI, breaker: Breaker) -> None:
        self._chat = chat
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
        """Ask for words, as a stream: one that ends without saying so was cut."""
        whole: AIMessageChunk | None = None
        stream = self._chat.astream(_messages(prompt), config={"callbacks": [usage]})
        async with aclosing(cast("AsyncGenerator[AIMessageChunk]", stream)) as chunks:
            async for chunk in chunks:
                whole = chunk if whole is None else whole + chunk
                if len(whole.text) > LONGEST_WORDS:
                    return Reply(trouble=ModelFailure.CUT)
                await asyncio.sleep(0)  # what is buffered never waits, and no timeout would fire
        if whole is None:
            return Reply(trouble=ModelFailure.BAD_ANSWER)
        reason = whole.response_metadata.get("finish_reason")
        if reason is None:
            return Reply(trouble=ModelFailure.CUT)
        return _words(whole) if reason in FINISHED else Reply(trouble=_why(whole))

    async def research(
        self, prompt: Prompt, tools: Sequence[BaseTool], usage: UsageMetadataCallbackHandler
    ) -> Reply[str]:
        """Let the model call tools, a few times at most, and return its last words.

        A server that refuses tools is asked for words over what was read already, from then on.
        """
        if self.tools:
            try:
                return await self._looked(prompt, tools, usage)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if trouble_of(error) is ModelFailure.TOO_LONG:
                    raise
        reply = await self.write(prompt, usage)
        self.tools = False
        return reply

    async def _looked(
        self, prompt: Prompt, tools: Sequence[BaseTool], usage: UsageMetadataCallbackHandler
    ) -> Reply[str]:
        limits: list[Any] = [  # their states are wider than the agent's, which types as a clash
            ModelCallLimitMiddleware(run_limit=LOOP_CALLS, exit_behavior="end"),
            ToolCallLimitMiddleware(run_limit=LOOP_TOOLS, exit_behavior="continue"),
        ]
        agent = create_agent(
            self._chat, list(tools), system_prompt=prompt.system, middleware=limits
        )
        done = await agent.ainvoke(
            {"messages": [HumanMessage(prompt.user)]}, config={"callbacks": [usage]}
        )
        last = done["messages"][-1]
        if not isinstance(last, AIMessage) or last.tool_calls:
            return Reply(trouble=ModelFailure.BUDGET)
        reason = last.response_metadata.get("finish_reason")
        if reason is None:
            return Reply(trouble=ModelFailure.BUDGET)  # the limit's own closing words
        return _words(last) if reason in FINISHED else Reply(trouble=_why(last))

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
        asked = Prompt(prompt.system + told(method, shape), prompt.user)
        bound = self._chat.bind(**arguments(method, shape))
        return await bound.ainvoke(_messages(asked), config={"callbacks": [usage]})


def _messages(prompt: Prompt) -> list[SystemMessage | HumanMessage]:
    return [SystemMessage(prompt.system), HumanMessage(prompt.user)]


def _words(message: AIMessage) -> Reply[str]:
    words = said(message)
    if len(words) > LONGEST_WORDS:
        return Reply(trouble=ModelFailure.CUT)
    if words.strip():
        return Reply(words)
    return Reply(trouble=_why(message))


def _why(message: AIMessage) -> ModelFailure:
    if message.additional_kwargs.get("refusal"):
        return ModelFailure.REFUSAL
    reason = message.response_metadata.get("finish_reason")
    if reason == "length":
        return ModelFailure.CUT
    return ModelFailure.REFUSAL if reason == "content_filter" else ModelFailure.BAD_ANSWER
