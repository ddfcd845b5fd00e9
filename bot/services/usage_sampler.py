"""Samples what the heaviest applications use, so that a later judgement knows what is usual.

A slot is a moment on the clock, a period apart; one replica takes each. A slot missed while
down, or while the cluster could not be read whole, is not made up: a median does without it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from heapq import nlargest
from typing import Protocol

import structlog

from bot.domain.applications import Application, ApplicationState
from bot.domain.core_usage import UsageSum, usage_sums
from bot.domain.lazy_applications import outlines
from bot.ports import Applications, Clock
from bot.services.jobs import EPOCH

_LOG = structlog.get_logger(__name__)
HEAVIEST = 50  # applications of a sample; what is judged is at most ten of them


class Samples(Protocol):
    """Where samples are kept; each raises StorageError."""

    async def claim(self, slot: datetime) -> bool:
        """Take a slot; False when it is taken, by whatever replica."""
        ...

    async def keep(self, slot: datetime, applications: Sequence[Application]) -> None:
        """Keep what these applications use in a slot that was claimed."""
        ...

    async def add(self, sums: Sequence[UsageSum]) -> None:
        """Add core-hours by owner and queue."""
        ...

    async def give_back(self, slot: datetime) -> None:
        """Forget a slot that was claimed and could not be sampled."""
        ...

    async def prune(self, before: datetime) -> int:
        """Forget samples older than that; return how many."""
        ...


class UsageSampler:
    """Samples every `every`, and forgets what is older than `kept`."""

    def __init__(
        self,
        applications: Applications,
        samples: Samples,
        clock: Clock,
        every: timedelta,
        kept: timedelta,
    ) -> None:
        self._applications = applications
        self._samples = samples
        self._clock = clock
        self._every = every
        self._kept = kept

    async def sample(self) -> int | None:
        """Sample the slot that has begun; None when it is another's or cannot be read whole.

        Raises StorageError.
        """
        slot = self.slot()
        if not await self._samples.claim(slot):
            return None
        read = await self._applications.running()
        if read.failed:
            await self._samples.give_back(slot)
            _LOG.info("usage_not_sampled", missing=[each.system for each in read.failed])
            return None
        chosen = heaviest(read.applications)
        await self._samples.keep(slot, chosen)
        if read.measurement is not None:
            await self._samples.add(usage_sums(read.applications, slot, self._every))
        await self._samples.prune(slot - self._kept)
        return len(chosen)

    def slot(self) -> datetime:
        """Return the slot that has begun."""
        now = self._clock()
        return now - (now - EPOCH) % self._every


def heaviest(applications: Sequence[Application]) -> tuple[Application, ...]:
    """Return the running applications that use most cores, at most `HEAVIEST`."""
    known = outlines(applications)
    running = (
        (outline.cores, place)
        for place, outline in enumerate(known)
        if outline.state is ApplicationState.RUNNING and outline.cores
    )
    return tuple(applications[place] for _, place in nlargest(HEAVIEST, running))
