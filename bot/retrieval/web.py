"""Searching the web through Tavily, with nothing of ours in the query."""

import re
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr
from tavily import AsyncTavilyClient
from tavily import errors as tavily

from bot.domain.knowledge import Collection, Passage
from bot.errors import BackendError, FaultKind, FaultReason
from bot.retrieval.egress import allowed_query

DOMAINS = (
    "apache.org",
    "spark.apache.org",
    "hadoop.apache.org",
    "databricks.com",
    "cloudera.com",
    "trino.io",
    "prestodb.io",
    "prometheus.io",
    "stackoverflow.com",
    "serverfault.com",
    "medium.com",
    "aws.amazon.com",
    "cloud.google.com",
    "learn.microsoft.com",
)
SYSTEM = "web"
MAX_RESULTS = 5
MAX_TITLE = 200
MAX_TEXT = 1200
TIMEOUT_SECONDS = 10.0
# The first that fits counts. Tavily's client reads a body without looking: HTML and lists end as
# the last kinds.
FAULTS: tuple[tuple[tuple[type[Exception], ...], FaultKind, FaultReason | None], ...] = (
    ((tavily.TimeoutError, httpx.TimeoutException), FaultKind.TIMEOUT, None),
    (
        (tavily.InvalidAPIKeyError, tavily.ForbiddenError),
        FaultKind.REFUSED,
        FaultReason.CREDENTIALS,
    ),
    ((tavily.UsageLimitExceededError,), FaultKind.REFUSED, FaultReason.LIMIT),
    ((tavily.BadRequestError, httpx.HTTPStatusError), FaultKind.FAILED, None),
    ((httpx.HTTPError,), FaultKind.UNREACHABLE, None),
    ((ValueError, TypeError, AttributeError, KeyError), FaultKind.BAD_ANSWER, None),
)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
SPACES = re.compile(r"\s+")


class TavilyWeb(AbstractAsyncContextManager["TavilyWeb"]):
    """Searches the web; connections are made on first use.

    What leaves is `allowed_query` of what is asked, built here so that no caller can forget it.
    """

    def __init__(
        self,
        key: SecretStr,
        base_url: str | None = None,
        domains: Iterable[str] = (),
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._domains = tuple(domain.lower() for domain in domains) or DOMAINS
        self._timeout = timeout
        self._client = AsyncTavilyClient(api_key=key.get_secret_value(), api_base_url=base_url)

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.close()

    async def search(self, query: str) -> tuple[Passage, ...]:
        """Return at most 5 results from trusted domains, best first; their text is untrusted.

        Raises BackendError: NO_DATA when no word of the query may leave, TIMEOUT, UNREACHABLE,
        REFUSED (key or quota), FAILED, BAD_ANSWER.
        """
        allowed = allowed_query(query)
        if not allowed:
            raise BackendError(
                SYSTEM,
                FaultKind.NO_DATA,
                "nothing was sent: the question names no public product, error or setting",
            )
        return self._passages(await self._asked(allowed))

    async def _asked(self, query: str) -> dict[str, Any]:
        try:
            answer = await self._client.search(
                query,
                search_depth="advanced",
                max_results=MAX_RESULTS,
                include_domains=list(self._domains),
                timeout=self._timeout,
            )
        except tuple(each for kinds, *_ in FAULTS for each in kinds) as error:
            kind, reason = next(
                (one, why) for kinds, one, why in FAULTS if isinstance(error, kinds)
            )
            raise _fault(kind, query, type(error).__name__, reason) from None
        if not isinstance(answer, dict) or not isinstance(answer.get("results"), list):
            raise _fault(FaultKind.BAD_ANSWER, query, "no list of results")
        return answer

    def _passages(self, answer: dict[str, Any]) -> tuple[Passage, ...]:
        found = (self._passage(result) for result in answer["results"] if isinstance(result, dict))
        return tuple(passage for passage in found if passage is not None)[:MAX_RESULTS]

    def _passage(self, result: dict[str, Any]) -> Passage | None:
        domain = self._trusted(str(result.get("url", "")))
        text = _plain(result.get("content"), MAX_TEXT)
        if domain is None or not text:
            return None
        score = result.get("score")
        return Passage(
            collection=Collection.WEB,
            source=domain,
            title=_plain(result.get("title"), MAX_TITLE) or domain,
            heading="",
            text=text,
            score=min(1.0, max(0.0, float(score))) if isinstance(score, int | float) else 0.0,
            url=str(result["url"]),
        )

    def _trusted(self, url: str) -> str | None:
        """Return the address's domain when it is one of ours, or below one of ours."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        domain = (parts.hostname or "").lower()
        known = any(domain == own or domain.endswith(f".{own}") for own in self._domains)
        return domain if parts.scheme in {"http", "https"} and known else None


def _fault(
    kind: FaultKind, query: str, told: str, reason: FaultReason | None = None
) -> BackendError:
    return BackendError(SYSTEM, kind, f"tavily search {query!r}: {told}", reason)


def _plain(value: object, limit: int) -> str:
    if not isinstance(value, str):
        return ""
    return SPACES.sub(" ", CONTROL.sub("", value)).strip()[:limit]
