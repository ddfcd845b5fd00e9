"""Building the model from plain values; None without a key, and then nothing is lost but prose."""

import time
from dataclasses import dataclass, field

from langchain_openai import ChatOpenAI
from openai import DefaultAsyncHttpxClient
from pydantic import SecretStr

from bot.agents.llm.breaker import Breaker, Seconds
from bot.agents.llm.budgets import Budgets, Limits
from bot.agents.llm.client import OpenAIModel, Redact
from bot.agents.llm.endpoint import Endpoint
from bot.agents.llm.port import Bill, Model, Prompt, Reply, Trouble
from bot.logs import Redactor

__all__ = ["Bill", "Model", "ModelSettings", "Prompt", "Reply", "Trouble", "build_model"]

OPENAI = "https://api.openai.com/v1"
MOST_TOKENS = 400  # of one answer


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which models on which server; `call_seconds` limits one call, `limits` the rest."""

    api_key: str | None
    model: str
    base_url: str | None = None
    fallback: str | None = None
    call_seconds: float = 10.0
    limits: Limits = field(default_factory=Limits)


def build_model(
    settings: ModelSettings, redact: Redact | None = None, clock: Seconds = time.monotonic
) -> OpenAIModel | None:
    """Return the model, or None without a key; whoever builds it closes it.

    `redact` cuts secrets out of every prompt.
    """
    if not settings.api_key:
        return None
    names = dict.fromkeys(name for name in (settings.model, settings.fallback) if name)
    endpoints = [Endpoint(_chat(settings, name), Breaker(clock)) for name in names]
    cleaned = redact or Redactor((settings.api_key,))
    return OpenAIModel(endpoints, Budgets(clock, settings.limits), cleaned, settings.call_seconds)


def _chat(settings: ModelSettings, name: str) -> ChatOpenAI:
    """Return a client whose every default that would surprise us is set.

    Other servers than OpenAI's know the limit on the answer's length by its older name only.
    """
    elsewhere = settings.base_url is not None
    return ChatOpenAI(
        model=name,
        api_key=SecretStr(settings.api_key or ""),
        base_url=settings.base_url or OPENAI,
        timeout=settings.call_seconds,
        max_retries=0,
        http_async_client=DefaultAsyncHttpxClient(timeout=settings.call_seconds),
        stream_usage=True,
        use_responses_api=False,
        max_completion_tokens=None if elsewhere else MOST_TOKENS,
        extra_body={"max_tokens": MOST_TOKENS} if elsewhere else None,
    )
