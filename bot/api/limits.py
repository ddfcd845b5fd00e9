"""How much one caller may ask, and what each has asked: counted, so that reads stay cheap."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from bot.api.tokens import Token

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
