"""The sampler: a slot on the clock, the heaviest only, nothing of a read that lacks a part."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bot.domain.applications import (
    Application,
    ApplicationRef,
    ApplicationState,
    Measurement,
    RunningApplications,
    Source,
)
from bot.domain.core_usage import UsageSum, UsedCores, with_used
from bot.errors import FaultKind, Missing, StorageError
from bot.services.jobs import HEAVIEST, Job, Jobs, every, sample_usage

NOW = datetime(2026, 11, 22, 9, 7, 13, tzinfo=UTC)
SLOT = NOW.replace(minute=0, second=0)
TEN = timedelta(minutes=10)
KEPT = timedelta(days=28)


class Kept:
    """Samples in memory."""

    def __init__(self) -> None:
        self.slots: dict[datetime, list[str]] = {}
        self.pruned: list[datetime] = []
        self.sums: list[UsageSum] = []
        self.seen = asyncio.Event()

    async def claim(self, slot: datetime) -> bool:
        fresh = slot not in self.slots
        self.slots.setdefault(slot, [])
        return fresh

    async def keep(self, slot: datetime, applications: Sequence[Application]) -> None:
        self.slots[slot] += [each.ref.id for each in applications]

    async def add(self, sums: Sequence[UsageSum]) -> None:
        self.sums += sums

    async def give_back(self, slot: datetime) -> None:
        del self.slots[slot]

    async def prune(self, before: datetime) -> int:
        self.pruned.append(before)
        self.seen.set()
        return 0


class Cluster:
    """Runs a number of applications; the higher its number, the more cores one uses."""

    def __init__(self, count: int, *missing: Missing) -> None:
        self._apps = tuple(
            Application(
                ApplicationRef("c", "yarn", f"application_1763776800000_{number:04}"),
                "etl",
                "bob",
                "q",
                ApplicationState.WAITING if number == count - 1 else ApplicationState.RUNNING,
                NOW,
                granted_cores=number,
            )
            for number in range(count)
        )
        self._missing = missing
        self.used: float | None = None

    async def running(self) -> RunningApplications:
        if self.used is None:
            return RunningApplications(NOW, self._apps, missing=self._missing)
        by = Measurement(Source.CONTAINERS)
        running = [each.ref.id for each in self._apps if each.state is ApplicationState.RUNNING]
        used = UsedCores(by, dict.fromkeys(running, self.used))
        return RunningApplications(NOW, with_used(self._apps, used, {}), measurement=by)

    async def find(self, ref: ApplicationRef) -> Application | None:
        return next((each for each in self._apps if each.ref == ref), None)


async def sample(cluster: Cluster, kept: Kept, now: datetime = NOW) -> int | None:
    return await sample_usage(cluster, kept, lambda: now, TEN, KEPT)


async def test_a_slot_is_a_moment_on_the_clock_and_sampled_once() -> None:
    """Whenever it is looked at; what is older than it is kept is forgotten then."""
    kept = Kept()
    assert await sample(Cluster(5), kept) == 3
    assert await sample(Cluster(5), kept, NOW + timedelta(minutes=2)) is None
    assert list(kept.slots) == [SLOT]
    assert kept.pruned == [SLOT - KEPT]


async def test_only_the_heaviest_that_run_are_kept() -> None:
    """Of ten thousand; the heaviest of all waits, the lightest uses nothing."""
    kept = Kept()
    assert await sample(Cluster(10_000), kept) == HEAVIEST
    assert kept.slots[SLOT][0] == "application_1763776800000_9998"


async def test_a_read_that_lacks_a_part_is_no_sample() -> None:
    """A system that does not answer must not look like one where nothing runs."""
    kept = Kept()
    broken = Cluster(5, Missing("yarn", FaultKind.TIMEOUT))
    assert await sample(broken, kept) is None
    assert await sample(Cluster(5), kept) == 3


async def test_it_samples_by_itself_and_survives_a_storage_fault() -> None:
    """The next slot comes, whatever became of the one before."""

    class Refusing(Kept):
        def __init__(self) -> None:
            super().__init__()
            self.refused = False

        async def claim(self, slot: datetime) -> bool:
            if not self.refused:
                self.refused = True
                raise StorageError("database is locked")
            return await super().claim(slot)

    kept, jobs = Refusing(), Jobs()
    quick = timedelta(milliseconds=20)
    work = partial(sample_usage, Cluster(5), kept, lambda: datetime.now(UTC), quick, KEPT)
    jobs.add(Job("usage", work, every(quick.total_seconds()), at_once=False))
    await jobs.start()
    await asyncio.wait_for(kept.seen.wait(), 20)
    await jobs.stop()
    assert kept.refused


async def test_owners_sums_are_kept_of_what_was_measured() -> None:
    """Granted 1 to 3, used 1 each, for a sixth of an hour; without a measurement nothing is."""
    kept = Kept()
    await sample(Cluster(5), kept)
    assert kept.sums == []
    measured = Cluster(5)
    measured.used = 1.0
    await sample(measured, kept, NOW + TEN)
    assert [(each.owner, each.queue, each.since) for each in kept.sums] == [
        ("bob", "q", SLOT + TEN)
    ]
    assert kept.sums[0].used == pytest.approx(4 / 6)
    assert kept.sums[0].granted == pytest.approx(6 / 6)
