"""Keeps promises: looks now and then whether what people wait for has come true."""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from bot.agents.templates.watch import kept
from bot.agents.templates.wording import Wording
from bot.agents.watching import came_true, started_again
from bot.domain.conversation import Query
from bot.domain.watches import Watch
from bot.errors import DangjikError
from bot.ports import Clock
from bot.tools.toolbox import Toolbox

_LOG = structlog.get_logger(__name__)


class WatchOutlet(Protocol):
    """Where kept promises go."""

    async def put(self, watch: Watch, words: Wording) -> None:
        """Queue the post; the same watch leaves one post, however often it is put."""
        ...


class WatchRound:
    """Looks every `period` seconds; `told` is called when posts may wait to be sent.

    Several replicas may look at once: a watch is told by one post all the same.
    """

    def __init__(
        self,
        tools: Toolbox,
        outlet: WatchOutlet,
        clock: Clock,
        told: Callable[[], None],
        *,
        period: float = 15.0,
    ) -> None:
        self._tools = tools
        self._outlet = outlet
        self._clock = clock
        self._told = told
        self._period = period
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin, with a first look at once."""
        self._loop = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End; the next start goes on with what is still watched."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    async def look(self) -> int:
        """Tell of every watch that has come true, let the late ones end; return how many were told."""
        rows, now = self._tools.watches, self._clock()
        if rows is None:
            return 0
        watches = await rows.open()
        for late in (watch for watch in watches if watch.expires_at <= now):
            await rows.close(late.id, "expired")
        standing = [watch for watch in watches if watch.expires_at > now]
        if not standing:
            return 0
        metrics, jobs = await asyncio.gather(
            self._tools.get_cluster_metrics(), self._tools.get_spark_jobs(Query())
        )
        come = [watch for watch in standing if came_true(watch, metrics, jobs.snapshot)]
        for watch in come:
            words = kept(watch, metrics, started_again(watch, jobs.snapshot))
            await self._outlet.put(watch, words)
            await rows.close(watch.id, "told")
        return len(come)

    async def _run(self) -> None:
        while True:
            try:
                if await self.look():
                    self._told()
            except DangjikError as error:
                _LOG.warning("watches_not_looked_at", error=str(error))
            await asyncio.sleep(self._period)
