"""Who called what, as rows of the audit trail: one a caller and minute, so that reads stay cheap."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, Protocol

from bot.api.tokens import Token

EVERY = 60.0  # seconds
EVENT = "api_calls"


class Trail(Protocol):
    """The audit trail, as far as it is written to here."""

    async def note(self, event: str, actor: str, detail: Mapping[str, Any]) -> None:
        """Add an entry that is of no proposal. Raises StorageError."""
        ...


class Tally:
    """Counts calls by token and route until they are written down; a part of the process."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail
        self._calls: dict[str, Counter[str]] = defaultdict(Counter)

    def __call__(self, token: Token, route: str) -> None:
        """Count one call."""
        self._calls[token.place][route] += 1

    async def write(self) -> None:
        """Write down what was counted. Raises StorageError; what failed is written next time."""
        for place in tuple(self._calls):
            await self._trail.note(EVENT, place, dict(self._calls[place]))
            del self._calls[place]

    async def start(self) -> None:
        """Begin with nothing."""

    async def stop(self) -> None:
        """Write down the last ones."""
        await self.write()
