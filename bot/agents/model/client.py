"""The real model: budgets before, breakers around, a second model behind, troubles named."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.tools import BaseTool

from bot.agents.model.budgets import Budgets
from bot.agents.model.endpoint import Endpoint
from bot.agents.model.failures import trouble_of, wait_of
from bot.agents.model.port import ModelFailure, Prompt, Reply, Shape, UsageKey

Value = TypeVar("Value")
Redact = Callable[[str], str]
Ask = Callable[[Endpoint, UsageMetadataCallbackHandler], Awaitable[Reply[Value]]]

CHARACTERS_A_TOKEN = 2  # for servers that report no usage; high enough for Korean and tables
WORTH_ANOTHER_TRY = {ModelFailure.UNREACHABLE, ModelFailure.SERVER}


class OpenAIModel:
    """Asks the first endpoint that is not resting, and the next one when it fails."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        budgets: Budgets,
        redact: Redact,
        call_seconds: float,
    ) -> None:
        self._endpoints = tuple(endpoints)
        self._budgets = budgets
        self._redact = redact
        self._call_seconds = call_seconds

    async def fill(self, prompt: Prompt, shape: type[Shape], bill: UsageKey) -> Reply[Shape]:
        """Return the shape filled in, validated, or the trouble."""
        clean = self._clean(prompt)
        return await self._asked(
            bill, clean, lambda endpoint, usage: endpoint.fill(clean, shape, usage)
        )

    async def write(self, prompt: Prompt, bill: UsageKey) -> Reply[str]:
        """Return a few sentences, or the trouble."""
        clean = self._clean(prompt)
        return await self._asked(bill, clean, lambda endpoint, usage: endpoint.write(clean, usage))

    async def research(
        self, prompt: Prompt, tools: Sequence[BaseTool], bill: UsageKey
    ) -> Reply[str]:
        """Return the last words after a few tool calls, or the trouble."""
        clean = self._clean(prompt)
        return await self._asked(
            bill, clean, lambda endpoint, usage: endpoint.research(clean, tools, usage)
        )

    @property
    def today(self) -> tuple[int, int]:
        """Return the day's (calls, tokens), for figures on what the model costs."""
        return self._budgets.today

    async def close(self) -> None:
        """Close the connections to every endpoint."""
        for endpoint in self._endpoints:
            await endpoint.close()

    async def _asked(self, bill: UsageKey, prompt: Prompt, ask: Ask[Value]) -> Reply[Value]:
        trouble = ModelFailure.RESTING
        for endpoint in self._tries():
            if endpoint.breaker.resting:
                continue
            left = await self._budgets.seconds_left(bill)
            if isinstance(left, ModelFailure):
                return Reply(trouble=left)
            reply, wait = await self._once(endpoint, bill, prompt, ask, left)
            if reply.trouble is None:
                endpoint.breaker.worked()
                return replace(reply, second=endpoint is not self._endpoints[0])
            trouble = reply.trouble
            if trouble.outage:
                endpoint.breaker.failed(wait)
            if len(self._endpoints) == 1 and trouble not in WORTH_ANOTHER_TRY:
                break
        return Reply(trouble=trouble)

    def _tries(self) -> tuple[Endpoint, ...]:
        """Return whom to ask: each model once; the only model twice."""
        return self._endpoints if len(self._endpoints) > 1 else self._endpoints * 2

    async def _once(
        self, endpoint: Endpoint, bill: UsageKey, prompt: Prompt, ask: Ask[Value], left: float
    ) -> tuple[Reply[Value], float | None]:
        usage = UsageMetadataCallbackHandler()
        wait = None
        try:
            async with asyncio.timeout(min(left, self._call_seconds)):
                reply = await ask(endpoint, usage)
        except Exception as error:  # noqa: BLE001 - the boundary to SDK and server: garbage raises anything
            wait = wait_of(error)
            reply = Reply(trouble=trouble_of(error))
        await self._book(bill, prompt, usage)
        return reply, wait

    async def _book(
        self, bill: UsageKey, prompt: Prompt, usage: UsageMetadataCallbackHandler
    ) -> None:
        reported = sum(used["total_tokens"] for used in usage.usage_metadata.values())
        guessed = (len(prompt.system) + len(prompt.user)) // CHARACTERS_A_TOKEN
        await self._budgets.book(bill, reported or guessed)

    def _clean(self, prompt: Prompt) -> Prompt:
        return Prompt(*map(self._redact, (prompt.system, prompt.user, prompt.brief)))
