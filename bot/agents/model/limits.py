"""When a model is not to be asked: its turn, thread or day is used up, or its server keeps failing."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from bot.agents.model.port import ModelFailure, UsageKey
from bot.errors import StorageError

_LOG = structlog.get_logger(__name__)
DAY = 86_400.0  # seconds
REMEMBERED = 1_000  # turns and threads whose spending is known; the oldest are forgotten
FAILURES = 3
REST = 60.0  # seconds
LONGEST_REST = 600.0  # seconds, whatever a server asks for

Seconds = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on one turn (calls, tokens, seconds) and on a thread's and the bot's day (tokens)."""

    turn_calls: int = 8
    turn_tokens: int = 12_000
    turn_seconds: float = 20.0
    thread_tokens: int = 200_000
    day_tokens: int = 3_000_000


class Spending(Protocol):
    """What threads and the day have used, counted outside of this process."""

    async def spent(self, thread: str) -> tuple[int, int]:
        """Return the tokens used today: (by this thread, by all). Raises StorageError."""
        ...

    async def add(self, thread: str, calls: int, tokens: int) -> None:
        """Add to today's count of a thread. Raises StorageError."""
        ...


@dataclass(slots=True)
class _Spent:
    since: float
    calls: int = 0
    tokens: int = 0


@dataclass(slots=True)
class Budgets:
    """Counts what this process uses and, where there is one, asks the count of all replicas.

    The larger count holds. When the common one cannot be read, our own goes on; without it a
    restart begins a new day. Turns that run at the same time may each go over by one call.
    """

    clock: Seconds
    limits: Limits = field(default_factory=Limits)
    common: Spending | None = None
    _turns: OrderedDict[str, _Spent] = field(default_factory=OrderedDict)
    _threads: OrderedDict[str, _Spent] = field(default_factory=OrderedDict)
    _day: OrderedDict[str, _Spent] = field(default_factory=OrderedDict)

    async def seconds_left(self, bill: UsageKey) -> float | ModelFailure:
        """Return the seconds the turn still has, or why it may not ask again."""
        limits = self.limits
        turn = self._of(self._turns, bill.turn)
        thread, day = await self._used(bill.thread)
        left = turn.since + limits.turn_seconds - self.clock()
        if left <= 0:
            return ModelFailure.TIMEOUT
        within = (
            turn.calls < limits.turn_calls
            and turn.tokens < limits.turn_tokens
            and thread < limits.thread_tokens
            and day < limits.day_tokens
        )
        return left if within else ModelFailure.BUDGET

    async def book(self, bill: UsageKey, tokens: int, calls: int = 1) -> None:
        """Book an answer's tokens, prompt and completion together."""
        for spent in (
            self._of(self._turns, bill.turn),
            self._of(self._threads, bill.thread),
            self._of(self._day, ""),
        ):
            spent.calls += calls
            spent.tokens += tokens
        if self.common is None:
            return
        try:
            await self.common.add(bill.thread, calls, tokens)
        except StorageError as error:
            _LOG.warning("model_usage_not_kept", error=str(error))

    async def _used(self, thread: str) -> tuple[int, int]:
        """Return today's tokens of a thread and of all."""
        own, everything = self._of(self._threads, thread).tokens, self._of(self._day, "").tokens
        if self.common is None:
            return own, everything
        try:
            kept_own, kept_all = await self.common.spent(thread)
        except StorageError as error:
            _LOG.warning("model_usage_not_read", error=str(error))
            return own, everything
        return max(own, kept_own), max(everything, kept_all)

    @property
    def today(self) -> tuple[int, int]:
        """Return this process's (calls, tokens) of the day so far."""
        day = self._of(self._day, "")
        return day.calls, day.tokens

    def _of(self, book: OrderedDict[str, _Spent], key: str) -> _Spent:
        now = self.clock()
        spent = book.get(key)
        if spent is None or now - spent.since >= DAY:
            spent = book[key] = _Spent(now)
        book.move_to_end(key)
        while len(book) > REMEMBERED:
            book.popitem(last=False)
        return spent


class Breaker:
    """Rests a server for a minute after three failures in a row; one more failure, another rest."""

    def __init__(self, clock: Seconds, failures: int = FAILURES, rest: float = REST) -> None:
        self._clock = clock
        self._limit = failures
        self._rest = rest
        self._failures = 0
        self._until = float("-inf")

    @property
    def resting(self) -> bool:
        """True while the server is not to be asked."""
        return self._clock() < self._until

    def worked(self) -> None:
        """Note an answer: all is forgiven."""
        self._failures = 0

    def failed(self, wait: float | None = None) -> None:
        """Note a failure; `wait` is how many seconds the server itself asked for."""
        self._failures += 1
        if wait is not None:
            self._until = self._clock() + min(wait, LONGEST_REST)
        elif self._failures >= self._limit:
            self._until = self._clock() + self._rest


@dataclass(frozen=True, slots=True)
class ModelTimeouts:
    """How long a call and a turn may take, and how long a failing server is left alone."""

    call: float = 10.0  # seconds, as the others
    turn: float = 20.0
    rest: float = REST
