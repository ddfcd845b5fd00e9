"""Leaving a server alone that keeps failing, and trying it again by itself."""

from collections.abc import Callable
from dataclasses import dataclass

FAILURES = 3
REST = 60.0  # seconds
LONGEST_REST = 600.0  # seconds, whatever a server asks for

Seconds = Callable[[], float]


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
