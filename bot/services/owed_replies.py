"""First replies that Slack refused are tried again now and then: the channel may work again."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import structlog

from bot.errors import DangjikError

_LOG = structlog.get_logger(__name__)
EVERY = 600.0  # seconds
WITHIN = timedelta(hours=24)  # an older first reply helps nobody


class Owing(Protocol):
    """What was to be posted; see bot.storage.outbox.SqlOutbox."""

    async def revive_first_replies(self, within: timedelta) -> bool:
        """Send first replies given up within that time once more."""
        ...


class OwedReplies:
    """Tries every `every` seconds; `due` is called when something is to be sent."""

    def __init__(self, outbox: Owing, due: Callable[[], None], every: float = EVERY) -> None:
        self._outbox = outbox
        self._due = due
        self._every = every
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin."""
        self._loop = asyncio.create_task(self._run(), name="owed replies")

    async def stop(self) -> None:
        """End."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                if await self._outbox.revive_first_replies(WITHIN):
                    self._due()
            except DangjikError as error:
                _LOG.warning("owed_replies_not_read", error=str(error))
