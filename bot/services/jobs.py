"""Everything done now and then runs here, on one scheduler of one process.

Jobs are kept in memory: what a run must not lose is a row, and the next run of any replica finds
it there. Where two replicas must not do the same work, the job claims a row of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import nlargest
from typing import Protocol

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.agents.infra_engineer import came_true, started_again
from bot.agents.templates.capacity import kept
from bot.agents.templates.wording import Wording
from bot.approvals.desk import ApprovalDesk
from bot.domain.applications import Application, ApplicationState, outlines
from bot.domain.conversation import Query, Watch
from bot.domain.core_usage import UsageSum, usage_sums
from bot.errors import DangjikError
from bot.ports import Applications, Clock
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import get_spark_jobs
from bot.tools.toolbox import Toolbox

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


# Looks for proposals nobody is working on: expired, or left by a dead replica.


@dataclass(frozen=True, slots=True, eq=False)
class Sweeper:
    """Sweeps; `swept` is called after each sweep and each kill, for cards may have changed.

    `first` runs before each sweep: the time is measured by which the sweep judges. `begin` does
    work beside the sweeps: to carry out a kill may take minutes.
    """

    desk: ApprovalDesk
    first: Callable[[], Awaitable[None]]
    swept: Callable[[], None]
    begin: Callable[[str, Work], None]

    async def sweep(self) -> None:
        """Sweep once, and begin to carry out what waits for it. Raises StorageError."""
        await self.first()
        for proposal_id in await self.desk.sweep():
            self.carry_out(proposal_id)
        self.swept()

    def carry_out(self, proposal_id: str) -> None:
        """Begin to carry out what was approved, beside all else."""
        self.begin(f"kill {proposal_id}", partial(self._carry_out, proposal_id))

    async def _carry_out(self, proposal_id: str) -> None:
        with structlog.contextvars.bound_contextvars(proposal=proposal_id):
            try:
                await self.desk.carry_out(proposal_id)
            finally:
                self.swept()


# Forgets rows nobody will ask for again: done work, sent posts, old guide answers and records.


# Slack redelivers for some five minutes, and nobody edits a post of last month.
MESSAGES_KEPT = timedelta(days=30)
# As long as the buttons under an answer or a record work, and a thread is remembered.
BUTTONS_KEPT = timedelta(days=90)


# Forgets rows that are that old, and returns how many; raises StorageError.
Prune = Callable[[timedelta], Awaitable[int]]


async def prune(kept: Mapping[str, tuple[Prune, timedelta]]) -> dict[str, int]:
    """Return how many rows went, by what they held; a failure is logged, and the rest goes on.

    Several replicas may do so at once.
    """
    gone: dict[str, int] = {}
    for name, (forget, age) in kept.items():
        try:
            gone[name] = await forget(age)
        except DangjikError as error:
            _LOG.warning("rows_not_pruned", rows=name, error=str(error))
    if any(gone.values()):
        _LOG.info("rows_pruned", **gone)
    return gone


HEAVIEST = 50  # applications of a sample; what is judged is at most ten of them


class Samples(Protocol):
    """Where samples are kept; each raises StorageError."""

    async def claim(self, slot: datetime) -> bool:
        """Take a slot; False when it is taken, by whatever replica."""

    async def keep(self, slot: datetime, applications: Sequence[Application]) -> None:
        """Keep what these applications use in a slot that was claimed."""

    async def add(self, sums: Sequence[UsageSum]) -> None:
        """Add core-hours by owner and queue."""

    async def give_back(self, slot: datetime) -> None:
        """Forget a slot that was claimed and could not be sampled."""

    async def prune(self, before: datetime) -> int:
        """Forget samples older than that; return how many."""


async def sample_usage(
    applications: Applications, samples: Samples, clock: Clock, every: timedelta, kept: timedelta
) -> int | None:
    """Sample the slot of `every` that has begun, and forget what is older than `kept`.

    Return how many applications were sampled; None when the slot is another's or cannot be read
    whole. Raises StorageError.
    """
    now = clock()
    slot = now - (now - EPOCH) % every
    if not await samples.claim(slot):
        return None
    read = await applications.running()
    if read.failed:
        await samples.give_back(slot)
        _LOG.info("usage_not_sampled", missing=[each.system for each in read.failed])
        return None
    chosen = heaviest(read.applications)
    await samples.keep(slot, chosen)
    if read.measurement is not None:
        await samples.add(usage_sums(read.applications, slot, every))
    await samples.prune(slot - kept)
    return len(chosen)


def heaviest(applications: Sequence[Application]) -> tuple[Application, ...]:
    """Return the running applications that use most cores, at most `HEAVIEST`."""
    known = outlines(applications)
    running = (
        (outline.cores, place)
        for place, outline in enumerate(known)
        if outline.state is ApplicationState.RUNNING and outline.cores
    )
    return tuple(applications[place] for _, place in nlargest(HEAVIEST, running))


Tell = Callable[[Watch, Wording], Awaitable[None]]  # queues one post for a watch, however often


async def tell_watches(tools: Toolbox, tell: Tell, clock: Clock) -> int:
    """Tell of every watch that has come true, let the late ones end; return how many were told.

    Several replicas may do so at once, for a watch is told by one post all the same.
    """
    rows, now = tools.watches, clock()
    if rows is None:
        return 0
    watches = await rows.open()
    for late in (watch for watch in watches if watch.expires_at <= now):
        await rows.close(late.id, "expired")
    standing = [watch for watch in watches if watch.expires_at > now]
    if not standing:
        return 0
    metrics, jobs = await asyncio.gather(get_cluster_metrics(tools), get_spark_jobs(tools, Query()))
    come = [watch for watch in standing if came_true(watch, metrics, jobs.snapshot)]
    for watch in come:
        words = kept(watch, metrics, started_again(watch, jobs.snapshot))
        await tell(watch, words)
        await rows.close(watch.id, "told")
    return len(come)
