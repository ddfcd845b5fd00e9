"""Cores used, sampled beforehand: an answer takes the last sample and never waits for one.

Kept are the last 15 minutes, one reading a minute of the heaviest applications, so that an answer
can also say since when. Sampling takes at most a twentieth of one core, however large the cluster.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from heapq import nlargest
from typing import Any

import structlog

from bot.backends.shapes import amount, rows
from bot.backends.spark_standalone import SparkStandalone
from bot.backends.yarn import YarnApplications
from bot.domain.applications import ApplicationState, Measurement, Source, outlines
from bot.domain.core_usage import UsedCores, risen_since
from bot.errors import BackendError
from bot.ports import Clock

_LOG = structlog.get_logger(__name__)
EVERY_S = 15.0
REST = 20.0  # times as long as a sample took
FRESH = timedelta(minutes=3)
KEPT = timedelta(minutes=15)
APART = timedelta(seconds=55)
NEAR = timedelta(minutes=2)
MOST = 2000
MOST_ASKED = 20  # applications asked for their busy slots, those that were granted most
BUDGET_S = 2.0  # for all of them


ReadUsed = Callable[[], Awaitable[UsedCores | None]]
"""One way to know used cores; None when it tells none. Raises BackendError."""


class UsedCoresSampler:
    """Samples the first of the sources that tells any; `needed` says whether anybody would look."""

    def __init__(
        self,
        sources: Sequence[ReadUsed],
        clock: Clock,
        needed: Callable[[], Awaitable[bool]],
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sources = sources
        self._clock = clock
        self._needed = needed
        self._newest: tuple[datetime, UsedCores] | None = None
        self._past: deque[tuple[datetime, Mapping[str, float]]] = deque()
        self._ticks, self._rests_until = ticks, 0.0

    async def look(self) -> None:
        """Take a sample where one is needed and due: rest follows, by what the last one took."""
        begun = self._ticks()
        if begun < self._rests_until or not self._sources or not await self._needed():
            return
        await self.sample()
        ended = self._ticks()
        self._rests_until = ended + REST * (ended - begun)

    async def sample(self) -> UsedCores | None:
        """Take a sample now and keep it; None when no source tells any."""
        for source in self._sources:
            try:
                used = await source()
            except BackendError as error:
                _LOG.info("cores_not_sampled", error=str(error))
                continue
            if used is not None and used.cores:
                self._keep(used)
                return used
        return None

    def newest(self) -> UsedCores | None:
        """Return the last sample; None when it is too old to be told as now."""
        if self._newest is None or self._clock() - self._newest[0] > FRESH:
            return None
        return self._newest[1]

    def cores_at(self, at: datetime) -> Mapping[str, float]:
        """Return the cores each application used around a time; empty when nothing is kept of it."""
        found = min(self._past, key=lambda kept: abs(kept[0] - at), default=None)
        return found[1] if found is not None and abs(found[0] - at) <= NEAR else {}

    def since(self, at: datetime) -> Mapping[str, float] | None:
        """Return the last sample where all of it was measured after a time; else None."""
        if self._newest is None:
            return None
        taken, used = self._newest
        return used.cores if used.reach is not None and taken - used.reach >= at else None

    def risen(self) -> Mapping[str, tuple[datetime, float]]:
        """Return since when each application that rose uses so much, and the cores before that."""
        return risen_since(tuple(self._past))

    def _keep(self, used: UsedCores) -> None:
        now = self._clock()
        self._newest = now, used
        if self._past and now - self._past[-1][0] < APART:
            return
        heavy = used.cores
        if len(heavy) > MOST:
            heavy = dict(nlargest(MOST, heavy.items(), key=lambda item: item[1]))
        self._past.append((now, heavy))
        while now - self._past[0][0] > KEPT:
            self._past.popleft()


async def read_busy_slots(
    schedulers: Sequence[YarnApplications | SparkStandalone],
) -> UsedCores | None:
    """Ask the applications that were granted most for Spark's own REST, where nothing measures.

    An upper bound of cores used: a slot is busy while its task waits, too; and what drivers use is
    in none of them. None when none answered.
    """
    found: dict[str, float] = {}
    with suppress(TimeoutError):
        async with asyncio.timeout(BUDGET_S):
            await asyncio.gather(*(_ask_heaviest(each, found) for each in schedulers))
    return UsedCores(Measurement(Source.SLOTS), found) if found else None


async def _ask_heaviest(
    scheduler: YarnApplications | SparkStandalone, found: dict[str, float]
) -> None:
    async def ask(app_id: str) -> None:
        with suppress(BackendError):
            cores = busy_slots(await scheduler.executors(app_id))
            if cores is not None:
                found[app_id] = cores

    with suppress(BackendError):
        listed = await scheduler.running()
        running = (
            (each.cores or 0.0, each.id)
            for each in outlines(listed.applications)
            if each.state is ApplicationState.RUNNING
        )
        await asyncio.gather(*(ask(id_) for _, id_ in nlargest(MOST_ASKED, running)))


def busy_slots(executors: Any) -> float | None:
    """Return the cores of the busy task slots of a Spark application; None for another body."""
    known = [row for row in rows(executors) if "activeTasks" in row and row.get("id") != "driver"]
    busy = 0.0
    for row in known:
        tasks, slots = amount(row.get("activeTasks")), amount(row.get("maxTasks"))
        cores = amount(row.get("totalCores"))
        if tasks is None or row.get("isActive") is False:
            continue
        busy += tasks * cores / slots if slots and cores else tasks
    return busy if isinstance(executors, list) and rows(executors) else None
