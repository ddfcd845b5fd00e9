"""Everything done now and then runs here, on one scheduler of one process.

Jobs are kept in memory: what a run must not lose is a row, and the next run of any replica finds
it there. Where two replicas must not do the same work, the job claims a row of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.errors import DangjikError

_LOG = structlog.get_logger(__name__)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Job:
    """Work and when it is due; `at_once`: also as soon as it is added."""

    name: str
    work: Work
    trigger: BaseTrigger
    at_once: bool = True


def every(seconds: float) -> IntervalTrigger:
    """Return the trigger of each moment on the clock, counted from 1970, that far apart."""
    return IntervalTrigger(seconds=seconds, start_date=EPOCH, timezone=UTC)


class Jobs:
    """Runs each job alone: one that is still at work when it is due again is let be.

    A failure is logged and ends nothing: the job is due again. Runs that came due while the
    process stood still are made up by one.
    """

    def __init__(self) -> None:
        defaults = {"coalesce": True, "misfire_grace_time": None}
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)
        self._running: dict[str, asyncio.Task[None]] = {}

    def add(self, *jobs: Job) -> None:
        """Take up jobs, before or after the start."""
        for job in jobs:
            first = {"next_run_time": datetime.now(UTC)} if job.at_once else {}
            self._scheduler.add_job(self._due, job.trigger, (job.name, job.work), **first)

    def begin(self, name: str, work: Work) -> None:
        """Do work once, beside all jobs, unless work of that name goes on."""
        if name not in self._running:
            task = asyncio.create_task(_guarded(name, work), name=name)
            self._running[name] = task
            task.add_done_callback(lambda _: self._running.pop(name, None))

    async def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    async def stop(self) -> None:
        """End, in the middle of whatever goes on: each job's rows say how to take it up."""
        self._scheduler.pause()
        await asyncio.sleep(0)  # what was handed to the loop before the pause begins, and is seen
        running = tuple(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._scheduler.shutdown(wait=False)

    async def _due(self, name: str, work: Work) -> None:
        self.begin(name, work)


async def _guarded(name: str, work: Work) -> None:
    try:
        await work()
    except DangjikError as error:
        _LOG.warning("job_failed", job=name, error=str(error))
    except Exception:  # noqa: BLE001 - one bad run must not end all later ones
        _LOG.exception("job_failed", job=name)
