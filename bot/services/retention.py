"""Forgets rows nobody will ask for again: done work, sent posts, old guide answers and records."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

import structlog

from bot.errors import DangjikError

_LOG = structlog.get_logger(__name__)
EVERY = 6 * 3600.0  # seconds
# Slack redelivers for some five minutes, and nobody edits a post of last month.
MESSAGES_KEPT = timedelta(days=30)
# As long as the buttons under an answer or a record work, and a thread is remembered.
BUTTONS_KEPT = timedelta(days=90)


class Prunable(Protocol):
    """Rows that grow old."""

    async def prune(self, older_than: timedelta) -> int:
        """Forget what is that old; return how many rows. Raises StorageError."""
        ...


class RetentionJob:
    """Prunes at its start and every `every` seconds; several replicas may do so at once."""

    def __init__(
        self, rows: Mapping[str, tuple[Prunable, timedelta]], every: float = EVERY
    ) -> None:
        self._rows = rows
        self._every = every
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin."""
        self._loop = asyncio.create_task(self._run(), name="housekeeping")

    async def stop(self) -> None:
        """End."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    async def prune(self) -> dict[str, int]:
        """Prune once and return how many rows went, by what they held; a failure is logged."""
        gone: dict[str, int] = {}
        for name, (rows, kept) in self._rows.items():
            try:
                gone[name] = await rows.prune(kept)
            except DangjikError as error:
                _LOG.warning("rows_not_pruned", rows=name, error=str(error))
        return gone

    async def _run(self) -> None:
        while True:
            gone = await self.prune()
            if any(gone.values()):
                _LOG.info("rows_pruned", **gone)
            await asyncio.sleep(self._every)
