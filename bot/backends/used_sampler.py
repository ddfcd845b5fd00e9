"""Cores used, sampled beforehand: an answer takes the last sample and never waits for one.

Kept are the last 15 minutes, one reading a minute of the heaviest applications, so that an answer
can also say since when. Sampling takes at most a twentieth of one core, however large the cluster.
"""

import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import nlargest
from typing import Protocol

import structlog

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


class UsedCoresSource(Protocol):
    """One way to know used cores."""

    async def read(self) -> UsedCores | None:
        """Return them; None when it tells none. Raises BackendError."""
        ...


class UsedCoresSampler:
    """Samples the first of the sources that tells any; `needed` says whether anybody would look."""

    def __init__(
        self,
        sources: Sequence[UsedCoresSource],
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
                used = await source.read()
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
