"""Who may call, by the tokens that the operator's file lists, and how much each may ask."""

import hashlib
import hmac
import os
import re
import secrets
import stat
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import structlog

from bot.domain.conversation import API
from bot.domain.proposals import Person
from bot.errors import BackendError, FaultKind, SettingsError, StartError

_LOG = structlog.get_logger(__name__)
PREFIX = "dj_"
LINE = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9_-]{0,31}):(?P<digest>[0-9a-f]{64}):(?P<scopes>[a-z,]*)"
    r"(:(?P<person>[UW][A-Z0-9]{2,20})?)?"
)


class Scope(StrEnum):
    """What a token may do; none of them includes another."""

    READ = "read"
    TALK = "talk"
    PROPOSE = "propose"
    DECIDE = "decide"
    EXECUTE = "execute"


@dataclass(frozen=True, slots=True)
class Token:
    """One caller: `digest` is the SHA-256 of the token, `person` the Slack id it speaks for."""

    name: str
    digest: bytes = field(repr=False)
    scopes: frozenset[Scope]
    person: str = ""

    @property
    def place(self) -> str:
        """The channel of its threads, which is none of Slack's."""
        return f"{API}{self.name}"

    @property
    def asker(self) -> str:
        """Who asks: the person it speaks for, else the token itself."""
        return self.person or self.place


class TokenBook:
    """The tokens of a file, read anew when it changes.

    A file that cannot be read any more opens nothing: a slip in it must not bring back a token
    that was taken out.
    """

    def __init__(self, path: Path) -> None:
        """Read the file. Raises SettingsError or StartError."""
        self._path = path
        self._seen = _mark(path)
        self._tokens = _read(path)

    def holder(self, secret: str) -> Token | None:
        """Return whose token it is; the time it takes does not tell how much of it fits."""
        self._renew()
        digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
        found = None
        for token in self._tokens:
            if hmac.compare_digest(token.digest, digest):
                found = token
        return found

    @property
    def people(self) -> frozenset[str]:
        """The Slack ids that tokens speak for."""
        return frozenset(token.person for token in self._tokens if token.person)

    def _renew(self) -> None:
        seen = _mark(self._path)
        if seen == self._seen:
            return
        self._seen, self._tokens = seen, ()
        try:
            self._tokens = _read(self._path)
        except (SettingsError, StartError) as error:
            _LOG.error("tokens_unreadable", error=str(error))


def _mark(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path) -> tuple[Token, ...]:
    try:
        if path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise StartError(f"API_TOKENS_FILE {path} may be written by others: chmod 600 it")
        return parsed(path.read_text("utf-8").splitlines())
    except (OSError, UnicodeDecodeError):
        hint = "nobody may call yet; python -m bot api --add-token NAME:read,talk adds somebody"
        raise StartError(f"API_TOKENS_FILE {path} cannot be read: {hint}") from None


def parsed(lines: Iterable[str]) -> tuple[Token, ...]:
    """Return the tokens of a file's lines. Raises SettingsError, which quotes none of them."""
    tokens: dict[str, Token] = {}
    problems = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        token = _token(line.strip())
        if isinstance(token, str):
            problems.append(f"API_TOKENS_FILE: line {number}: {token}")
        elif token.name in tokens:
            problems.append(f"API_TOKENS_FILE: line {number}: this name is taken")
        else:
            tokens[token.name] = token
    if problems:
        raise SettingsError(problems)
    return tuple(tokens.values())


def _token(line: str) -> Token | str:
    """Return a line's token, or what is wrong with it."""
    found = LINE.fullmatch(re.sub(r"\s*([:,])\s*", r"\1", line))
    if found is None:
        return "write name:sha256:scopes[:U…], U… being a Slack user id"
    listed, known = set(found["scopes"].split(",")), {scope.value for scope in Scope}
    if not listed <= known:
        return f"scopes are {', '.join(sorted(known))}"
    if Scope.DECIDE in listed and not found["person"]:
        return "decide needs the Slack user id of an approver behind it"
    scopes = frozenset(map(Scope, listed))
    return Token(found["name"], bytes.fromhex(found["digest"]), scopes, found["person"] or "")


def add_token(path: Path, wanted: str) -> str:
    """Add a token as `name:scopes[:U…]` to the file and return it: it is kept nowhere.

    Raises SettingsError or StartError.
    """
    name, _, rest = wanted.partition(":")
    secret = PREFIX + secrets.token_urlsafe(32)
    line = f"{name}:{hashlib.sha256(secret.encode()).hexdigest()}:{rest}"
    try:
        before = path.read_text("utf-8") if path.exists() else ""
        parsed([*before.splitlines(), line])
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(kept, "a", encoding="utf-8") as file:
            file.write(f"{'' if before.endswith(chr(10)) or not before else chr(10)}{line}\n")
    except OSError as error:
        raise StartError(f"{path} cannot be written: {error.strerror or error}") from None
    return secret


class TokenPeople:
    """The People port of a gateway without Slack: it knows those whom tokens speak for."""

    TEAM = "api"

    def __init__(self, book: TokenBook) -> None:
        self._book = book

    async def person(self, user: str) -> Person:
        """Return somebody a token speaks for. Raises BackendError for anybody else."""
        if user not in self._book.people:
            raise BackendError("slack", FaultKind.NOT_CONFIGURED)
        return Person(user, self.TEAM)

    async def group_members(self, group: str) -> frozenset[str]:
        """Raise BackendError: groups are Slack's."""
        raise BackendError("slack", FaultKind.NOT_CONFIGURED, group)


# How much one caller may ask, and what each has asked: counted, so that reads stay cheap.


MOST_CALLERS = 10_000
TALLY_EVERY = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, then so many a second."""

    burst: float
    per_second: float


READS, TALKS, ACTS, STRANGERS = "reads", "talks", "acts", "strangers"
CLUSTER = "cluster"
USUAL = MappingProxyType(
    {
        READS: Rate(100, 20),
        TALKS: Rate(20, 1),
        ACTS: Rate(20, 0.5),
        CLUSTER: Rate(400, 100),  # a whole Slack process asks with one token
        STRANGERS: Rate(20, 1),  # calls without a token we know, for each address
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a server; `body` in bytes, `turn` in seconds."""

    rates: Mapping[str, Rate] = field(default_factory=lambda: USUAL)
    body: int = 64 * 1024
    turn: float = 55.0


@dataclass(slots=True, eq=False)
class Buckets:
    """One bucket of calls for each caller and kind. `now` is monotonic."""

    rates: Mapping[str, Rate]
    now: Callable[[], float]
    _left: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict, init=False)

    def wait(self, caller: str, kind: str) -> float:
        """Take one call; return 0, or in how many seconds there will be one to take."""
        rate, now = self.rates[kind], self.now()
        left, at = self._left.pop((caller, kind), (rate.burst, now))
        left = min(rate.burst, left + (now - at) * rate.per_second)
        if len(self._left) >= MOST_CALLERS:  # the one not heard of for longest
            self._left.pop(next(iter(self._left)))
        self._left[caller, kind] = (left - 1 if left >= 1 else left, now)
        return 0.0 if left >= 1 else (1 - left) / rate.per_second


@dataclass(slots=True, eq=False)
class Tally:
    """Counts calls by token and route until they are written down; a part of the process."""

    note: Callable[[str, str, Mapping[str, Any]], Awaitable[None]]  # raises StorageError
    _calls: dict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter), init=False
    )

    def __call__(self, token: Token, route: str) -> None:
        """Count one call."""
        self._calls[token.place][route] += 1

    async def write(self) -> None:
        """Write down what was counted. Raises StorageError; what failed is written next time."""
        for place in tuple(self._calls):
            await self.note("api_calls", place, dict(self._calls[place]))
            del self._calls[place]

    async def start(self) -> None:
        """Begin with nothing."""

    async def stop(self) -> None:
        """Write down the last ones."""
        await self.write()
