"""Samples of what applications use, and the habits read from them, in memory and on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta

from bot.domain.applications import Application, ApplicationRef, ApplicationState
from bot.domain.core_usage import UsageBaseline, UsageSum, by_owner
from bot.storage.usage_history import SqlUsageHistory
from tests.contract.memory import MemoryUsage
from tests.contract.records import Records

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HOSTILE = "a\x00b\ud800\u202e' OR 1=1 --" + "x" * 900
DAY = timedelta(days=1)


def app(
    number: int, cores: float, *, started: datetime = NOW, measured: bool = True
) -> Application:
    return Application(
        ApplicationRef("prod", "yarn", f"application_1763776800000_{number:04}"),
        HOSTILE,
        "bob",
        "root.etl",
        ApplicationState.RUNNING,
        started,
        granted_cores=cores,
        used_cores=cores if measured else None,
    )


async def sampled(
    rows: SqlUsageHistory | MemoryUsage, slot: datetime, *applications: Application
) -> None:
    assert await rows.claim(slot)
    await rows.keep(slot, applications)


async def test_one_replica_takes_a_slot(records: Records) -> None:
    """Of many at once; a slot given back can be taken again; another cluster has its own."""
    replicas = [records.usage("prod") for _ in range(6)]
    assert sum(await asyncio.gather(*(each.claim(NOW) for each in replicas))) == 1
    await replicas[0].give_back(NOW)
    assert await replicas[1].claim(NOW)
    assert await records.usage("other").claim(NOW)


async def test_a_name_never_seen_has_no_habit(records: Records) -> None:
    """It is said so: no cores, no days, no length, no runs."""
    rows = records.usage("prod")
    now = app(9, 96)
    assert await rows.habits([now], NOW) == {now.ref.id: UsageBaseline()}
    assert await rows.habits([], NOW) == {}


async def test_a_habit_is_the_median_of_the_hour_on_earlier_days(records: Records) -> None:
    """Samples of other hours, of its own run and of the present day do not count."""
    rows = records.usage("prod")
    for day, cores in ((1, 10), (2, 12), (3, 80)):
        await sampled(rows, NOW - day * DAY, app(day, cores, started=NOW - day * DAY))
        await sampled(rows, NOW - day * DAY + timedelta(hours=6), app(100 + day, 500))
    now = app(9, 96)
    await sampled(rows, NOW - timedelta(minutes=20), app(8, 300), now)
    found = (await rows.habits([now], NOW))[now.ref.id]
    assert (found.cores, found.days) == (12, 3)


async def test_granted_cores_say_nothing_of_measured_ones(records: Records) -> None:
    """A habit is of one basis."""
    rows = records.usage("prod")
    await sampled(rows, NOW - DAY, app(1, 40, measured=False))
    measured, granted = app(8, 10), app(9, 10, measured=False)
    found = await rows.habits([measured, granted], NOW)
    assert found[measured.ref.id].cores is None
    assert found[granted.ref.id].cores == 40


async def test_a_length_is_of_finished_runs(records: Records) -> None:
    """From their start to the last sample that has them; what the newest has still runs."""
    rows = records.usage("prod")
    begun = NOW - DAY
    running = app(7, 5, started=begun)
    for step in range(4):
        slot = begun + timedelta(minutes=10 * step)
        lasting = [app(each, 5, started=begun) for each in (1, 2, 3) if each >= step]
        await sampled(rows, slot, running, *lasting)
    found = (await rows.habits([app(9, 5)], NOW))[app(9, 5).ref.id]
    assert (found.length, found.runs) == (timedelta(minutes=15), 2)


async def test_old_samples_are_forgotten(records: Records) -> None:
    """Whichever cluster they are of."""
    rows = records.usage("prod")
    for day in (1, 20, 40):
        await sampled(rows, NOW - day * DAY, app(day, 5), app(day + 1, 5))
    assert await rows.prune(NOW - 28 * DAY) == 3
    assert await rows.prune(NOW - 28 * DAY) == 0


async def test_core_hours_add_up_by_owner_and_queue(records: Records) -> None:
    """Of one hour and of several, of this cluster alone; what is too old is forgotten."""
    rows, other = records.usage("prod"), records.usage("other")
    sixth = timedelta(minutes=10)
    for each in (NOW, NOW + sixth, NOW + timedelta(hours=1)):
        await rows.add(
            [UsageSum("bob", "etl", 1.0, 4.0, each), UsageSum(HOSTILE, "q", 0.5, 0.5, each)]
        )
    await rows.add([UsageSum("bob", "adhoc", 2.0, 2.0, NOW)])
    await other.add([UsageSum("bob", "etl", 50.0, 50.0, NOW)])
    found = by_owner(await rows.sums(NOW))
    assert [(each.used, each.granted, each.wasted, each.since) for each in found] == [
        (5.0, 14.0, 9.0, NOW),
        (1.5, 1.5, 0.0, NOW),
    ]
    await rows.prune(NOW + timedelta(minutes=30))
    assert sum(each.used for each in await rows.sums(NOW)) == 1.5
