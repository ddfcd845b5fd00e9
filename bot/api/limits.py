"""How much one caller may ask: requests a second, bytes, seconds of a turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MOST_CALLERS = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, then so many a second."""

    burst: float
    per_second: float


READS, TALKS, ACTS, STRANGERS = "reads", "talks", "acts", "strangers"
USUAL = MappingProxyType(
    {
        READS: Rate(100, 20),
        TALKS: Rate(20, 1),
        ACTS: Rate(20, 0.5),
        STRANGERS: Rate(20, 1),  # calls without a token we know, for each address
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a server; `body` in bytes, `turn` in seconds."""

    rates: Mapping[str, Rate] = field(default_factory=lambda: USUAL)
    body: int = 64 * 1024
    turn: float = 55.0


class Buckets:
    """One bucket of calls for each caller and kind. `now` is monotonic."""

    def __init__(self, rates: Mapping[str, Rate], now: Callable[[], float]) -> None:
        self._rates = rates
        self._now = now
        self._left: dict[tuple[str, str], tuple[float, float]] = {}

    def wait(self, caller: str, kind: str) -> float:
        """Take one call; return 0, or in how many seconds there will be one to take."""
        rate, now = self._rates[kind], self._now()
        left, at = self._left.pop((caller, kind), (rate.burst, now))
        left = min(rate.burst, left + (now - at) * rate.per_second)
        if len(self._left) >= MOST_CALLERS:  # the one not heard of for longest
            self._left.pop(next(iter(self._left)))
        self._left[caller, kind] = (left - 1 if left >= 1 else left, now)
        return 0.0 if left >= 1 else (1 - left) / rate.per_second
