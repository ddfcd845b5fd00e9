"""Building the model from plain values; None without a key, and then nothing is lost but prose."""

import time
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from langchain_openai import AzureChatOpenAI, ChatOpenAI
from langchain_openai.chat_models.base import BaseChatOpenAI
from openai import DefaultAsyncHttpxClient
from pydantic import SecretStr

from bot.agents.model.breaker import REST, Breaker, ModelTimeouts, Seconds
from bot.agents.model.budgets import Budgets, Limits, Spending
from bot.agents.model.client import OpenAIModel, Redact
from bot.agents.model.endpoint import Endpoint, Wishes
from bot.agents.model.port import Model, ModelFailure, Prompt, Reply, UsageKey
from bot.observability import Redactor
from bot.settings import Settings

__all__ = [
    "Model",
    "ModelFailure",
    "ModelSettings",
    "ModelTimeouts",
    "Prompt",
    "Reply",
    "Spending",
    "UsageKey",
    "build_model",
]

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
