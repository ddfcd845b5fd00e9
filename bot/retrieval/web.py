"""Searching the web through Tavily, with nothing of ours in the query."""

import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr
from tavily import AsyncTavilyClient
from tavily import errors as tavily

from bot.agents.reading.words import load_morphemes
from bot.domain.knowledge import Collection, Passage
from bot.errors import BackendError, FaultKind, FaultReason
from bot.retrieval import egress_terms as known
from bot.retrieval.tokens import MARK, terms

MAX_WORDS = 12
MAX_QUESTION = 4000
RUN = re.compile(r"[A-Za-z0-9_.:/\\@#$%+=~&*-]+|[\uac00-\ud7a3]+(?: [\uac00-\ud7a3]+)*")
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
VERSION = re.compile(r"v?(\d{1,2}\.\d{1,2}(?:\.\d{1,2})?)")
KEY = re.compile(r"[a-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)+")
CLASS = re.compile(r"[A-Za-z0-9_$]+(?:\.[A-Za-z0-9_$]+)*")
CAMEL = re.compile(r"[A-Z]{2,}(?=[A-Z][a-z]|$)|[A-Z]?[a-z]+|[A-Z]+|\d+")
HOST_ENDS = frozenset({"local", "net", "io"})  # hive.metastore.local is a machine, not a key
TRAILING = ".,:;!?%"


class Weight(IntEnum):
    """How much a word tells: a shade, a subject, or a product, an error class or a setting's key."""

    SHADE = 0
    SUBJECT = 1
    ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Word:
    """An entry of the vocabulary that the question chose."""

    text: str
    weight: Weight


def allowed_query(question: str) -> str:
    """Return the query that may leave, at most 12 words; empty when it would say nothing.

    A product, an error class or a configuration key is enough; a subject needs a second word.
    """
    words: dict[str, Word] = {}
    for word in _words(question):
        words.setdefault(word.text, word)
    # What tells most goes first when there is too much: long questions end in pleasantries.
    kept = sorted(words.values(), key=lambda word: -word.weight)[:MAX_WORDS]
    weights = [word.weight for word in kept]
    if Weight.ENOUGH not in weights and not (Weight.SUBJECT in weights and len(kept) > 1):
        return ""
    return " ".join(word.text for word in words.values() if word in kept)


def _words(question: str) -> Iterator[Word]:
    before = ""
    for match in RUN.finditer(question[:MAX_QUESTION]):
        run = match.group()
        if "\uac00" <= run[0] <= "\ud7a3":
            yield from _korean(run)
            before = ""
            continue
        for part in filter(None, run.split("=", 1)):
            word = _latin(part.rstrip(TRAILING), before)
            if word is not None:
                yield word
            before = word.text if word is not None else ""


def _latin(run: str, before: str) -> Word | None:
    if PLAIN.fullmatch(run):
        return _plain(run)
    version = VERSION.fullmatch(run)
    if version:
        return Word(version.group(1), Weight.SHADE) if before in known.PRODUCTS else None
    if run in known.CODES:
        return Word(run, Weight.SHADE) if before in known.BEFORE_CODES else None
    if KEY.fullmatch(run) and _is_key(run):
        return Word(run, Weight.ENOUGH)
    if CLASS.fullmatch(run) and run.startswith(known.PUBLIC_PACKAGES):
        last = re.split(r"[.$]", run)[-1]
        return Word(last, Weight.ENOUGH) if _is_error(last) else None
    return None


def _plain(run: str) -> Word | None:
    word = run.lower()
    if word in known.ERROR_WORDS:
        return Word(word, Weight.ENOUGH)
    return _weighed(word) or (Word(run, Weight.ENOUGH) if _is_error(run) else None)


def _weighed(word: str) -> Word | None:
    if word in known.PRODUCTS:
        return Word(word, Weight.ENOUGH)
    if word in known.SUBJECTS:
        return Word(word, Weight.SUBJECT)
    return Word(word, Weight.SHADE) if word in known.SHADES else None


def _is_error(name: str) -> bool:
    parts = CAMEL.findall(name)
    return (
        name.endswith(known.ERROR_ENDS)
        and len(parts) > 1
        and "".join(parts) == name
        and all(part.lower() in known.PARTS for part in parts)
    )


def _is_key(key: str) -> bool:
    segments = re.split(r"[._-]", key)
    if segments[0] not in known.KEY_ROOTS or "." not in key or segments[-1] in HOST_ENDS:
        return False
    parts = [part for segment in segments for part in CAMEL.findall(segment)]
    return "".join(parts) == "".join(segments) and all(
        part.lower() in known.PARTS for part in parts
    )


def _korean(run: str) -> Iterator[Word]:
    """Yield the public English of each notion of the trade that is said."""
    for notion in sorted(terms(run, load_morphemes()).notions):
        word = _weighed(notion.removeprefix(MARK))
        if word is not None:
            yield word


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
        text = _cleaned(result.get("content"), MAX_TEXT)
        if domain is None or not text:
            return None
        score = result.get("score")
        return Passage(
            collection=Collection.WEB,
            source=domain,
            title=_cleaned(result.get("title"), MAX_TITLE) or domain,
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


def _cleaned(value: object, limit: int) -> str:
    if not isinstance(value, str):
        return ""
    return SPACES.sub(" ", CONTROL.sub("", value)).strip()[:limit]
