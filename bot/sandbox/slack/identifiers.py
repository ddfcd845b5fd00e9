"""Slack-shaped ids and timestamps, the same for the same seed and clock."""

import random
import string
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

_ALPHABET = string.ascii_uppercase + string.digits
_MICROSECONDS = 1_000_000


class Identifiers:
    """Hands out ids from a seeded generator and strictly rising message timestamps."""

    def __init__(self, clock: Callable[[], datetime], seed: int) -> None:
        self._clock = clock
        self._last = 0
        self.random = random.Random(seed)  # noqa: S311  # reproducible, guards nothing

    def ts(self) -> str:
        """Return `seconds.microseconds` of the clock, later than any before."""
        self._last = max(int(self._clock().timestamp() * _MICROSECONDS), self._last + 1)
        return f"{self._last // _MICROSECONDS}.{self._last % _MICROSECONDS:06d}"

    def new(self, prefix: str, length: int = 9) -> str:
        """Return an id such as `Ev07ABC…`."""
        return prefix + "".join(self.random.choices(_ALPHABET, k=length))

    def uuid(self) -> str:
        """Return a random (version 4) UUID."""
        return str(UUID(int=self.random.getrandbits(128), version=4))
