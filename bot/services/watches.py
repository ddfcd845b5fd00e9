"""Keeps promises: looks now and then whether what people wait for has come true."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.agents.templates.watch import kept
from bot.agents.templates.wording import Wording
from bot.agents.watching import came_true, started_again
from bot.domain.conversation import Query, Watch
from bot.ports import Clock
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import get_spark_jobs
from bot.tools.toolbox import Toolbox

Tell = Callable[[Watch, Wording], Awaitable[None]]  # queues one post for a watch, however often


class WatchRound:
    """Looks; several replicas may at once, for a watch is told by one post all the same."""

    def __init__(
        self,
        tools: Toolbox,
        tell: Tell,
        clock: Clock,
    ) -> None:
        self._tools = tools
        self._tell = tell
        self._clock = clock

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
            get_cluster_metrics(self._tools), get_spark_jobs(self._tools, Query())
        )
        come = [watch for watch in standing if came_true(watch, metrics, jobs.snapshot)]
        for watch in come:
            words = kept(watch, metrics, started_again(watch, jobs.snapshot))
            await self._tell(watch, words)
            await rows.close(watch.id, "told")
        return len(come)
