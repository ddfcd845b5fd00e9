"""The real model: budgets before, breakers around, a second model behind, troubles named.

It is built from plain values; without a key there is none, and then nothing is lost but prose.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.tools import BaseTool
from langchain_openai import AzureChatOpenAI, ChatOpenAI
from langchain_openai.chat_models.base import BaseChatOpenAI
from openai import DefaultAsyncHttpxClient
from pydantic import SecretStr

from bot.agents.model.endpoint import Endpoint, Wishes, trouble_of, wait_of
from bot.agents.model.limits import REST, Breaker, Budgets, Limits, ModelTimeouts, Seconds, Spending
from bot.agents.model.port import ModelFailure, Prompt, Reply, Shape, UsageKey
from bot.observability import Redactor
from bot.settings import Settings

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


LIMIT_NAMES = ("max_completion_tokens", "max_tokens")  # the older name is known to most servers
OPENAI = "https://api.openai.com/v1"
MOST_TOKENS = 800  # of one answer
THINKING_TOKENS = 8_000  # where a model thinks before it answers, and the thoughts count


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which models on which server.

    `call_seconds` limits one call, `limits` turns, threads and days; `rest` is how many seconds a
    failing server is left alone. `effort` is how hard a reasoning model is to think.
    """

    api_key: str | None
    model: str
    base_url: str | None = None
    fallback: str | None = None
    call_seconds: float = 10.0
    limits: Limits = field(default_factory=Limits)
    rest: float = REST
    effort: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> "ModelSettings":
        """Return what the settings say; a turn waits for two calls, and 20 seconds at least."""
        key, call = settings.openai_api_key, settings.openai_timeout.total_seconds()
        return cls(
            api_key=key.get_secret_value() if key else None,
            base_url=settings.openai_base_url,
            model=settings.openai_model,
            fallback=settings.openai_fallback_model,
            call_seconds=call,
            limits=Limits(turn_seconds=max(Limits().turn_seconds, 2 * call)),
            effort=settings.openai_reasoning_effort,
        )

    def at(self, tempo: ModelTimeouts) -> "ModelSettings":
        """Return these settings with the times of a tempo."""
        limits = replace(self.limits, turn_seconds=tempo.turn)
        return replace(self, call_seconds=tempo.call, limits=limits, rest=tempo.rest)


def build_model(
    settings: ModelSettings,
    redact: Redact | None = None,
    clock: Seconds = time.monotonic,
    spending: Spending | None = None,
) -> OpenAIModel | None:
    """Return the model, or None without a key; whoever builds it closes it.

    `redact` cuts secrets out of every prompt; `spending` is the count shared with other replicas.
    """
    if not settings.api_key:
        return None
    names = dict.fromkeys(name for name in (settings.model, settings.fallback) if name)
    endpoints = [
        Endpoint(
            _chat(settings, name),
            Breaker(clock, rest=settings.rest),
            Wishes(THINKING_TOKENS if settings.effort else MOST_TOKENS, settings.effort),
            LIMIT_NAMES if settings.base_url is None else LIMIT_NAMES[::-1],
        )
        for name in names
    ]
    cleaned = redact or Redactor((settings.api_key,))
    budgets = Budgets(clock, settings.limits, spending)
    return OpenAIModel(endpoints, budgets, cleaned, settings.call_seconds)


def _chat(settings: ModelSettings, name: str) -> BaseChatOpenAI:
    """Return a client whose every default that would surprise us is set.

    An address that ends in `?api-version=…` is an Azure deployment: another header, another query.
    """
    address = urlsplit(settings.base_url or OPENAI)
    options: dict[str, Any] = {
        "model": name,
        "api_key": SecretStr(settings.api_key or ""),
        "timeout": settings.call_seconds,
        "max_retries": 0,
        "http_async_client": DefaultAsyncHttpxClient(timeout=settings.call_seconds),
        "stream_usage": True,
        "use_responses_api": False,
    }
    version = parse_qs(address.query).get("api-version")
    if version:
        base = address._replace(query="").geturl()
        return AzureChatOpenAI(base_url=base, api_version=version[0], **options)
    return ChatOpenAI(base_url=settings.base_url or OPENAI, **options)
