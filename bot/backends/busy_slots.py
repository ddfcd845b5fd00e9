"""Busy task slots from Spark's own REST, where nothing measures: an upper bound of cores used.

A slot is busy while its task waits, too; and what drivers use is in none of them.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from heapq import nlargest
from typing import Any, Protocol

from bot.backends.shapes import amount, rows
from bot.backends.usage import SchedulerList
from bot.domain.applications import ApplicationState, Measurement, Source, outlines
from bot.domain.core_usage import UsedCores
from bot.errors import BackendError

MOST = 20  # applications asked, those that were granted most
BUDGET_S = 2.0


class Asked(Protocol):
    """A scheduler that leads to its applications' own REST."""

    async def running(self) -> SchedulerList:
        """Return what runs or waits. Raises BackendError."""
        ...

    async def executors(self, app_id: str) -> Any:
        """Return the body of an application's /executors. Raises BackendError."""
        ...


class BusySlots:
    """Asks the applications that were granted most, each scheduler's."""

    def __init__(self, schedulers: Mapping[str, Asked]) -> None:
        self._schedulers = dict(schedulers)

    async def read(self) -> UsedCores | None:
        """Return the cores of busy slots of those that answered; None when none did."""
        found: dict[str, float] = {}
        with suppress(TimeoutError):
            async with asyncio.timeout(BUDGET_S):
                asked = [self._of(one, found) for one in self._schedulers.values()]
                await asyncio.gather(*asked)
        return UsedCores(Measurement(Source.SLOTS), found) if found else None

    async def _of(self, scheduler: Asked, found: dict[str, float]) -> None:
        try:
            listed = await scheduler.running()
        except BackendError:
            return
        running = (
            (each.cores or 0.0, each.id)
            for each in outlines(listed.applications)
            if each.state is ApplicationState.RUNNING
        )
        heaviest = [id_ for _, id_ in nlargest(MOST, running)]
        await asyncio.gather(*(_one(scheduler, id_, found) for id_ in heaviest))


async def _one(scheduler: Asked, app_id: str, found: dict[str, float]) -> None:
    with suppress(BackendError):
        cores = busy_slots(await scheduler.executors(app_id))
        if cores is not None:
            found[app_id] = cores


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
