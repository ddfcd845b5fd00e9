"""NodeManagers read directly: what they measure, what they withhold, and what is said of it."""

import json
from datetime import UTC, datetime, timedelta

from bot.backends.spark_standalone import driver_address
from bot.backends.used_cores import UsedCoresSampler, busy_slots, prom_figures
from bot.domain.applications import Source
from bot.domain.core_usage import UsedCores, risen_since
from tests.contract.node_managers import Cluster, bean, recorded

APP = "application_1795739503750_0001"
ONE = "container_1795739503750_0001_01_000002"
AFTER = "container_e02_1795739503750_0001_01_000004"  # started after a takeover
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


async def test_a_recorded_node_tells_cores_by_application() -> None:
    """Two containers of one application, the percentages of one core each."""
    found = Cluster({"nm1:8042": json.loads(recorded("nm-jmx.json"))})
    used = await found.reader().read()
    assert used is not None
    assert round(used.cores[APP], 2) == 0.96
    assert used.containers == {APP: 2}
    assert (used.measurement.source, used.measurement.read, used.measurement.of) == (
        Source.NODE_MANAGERS,
        1,
        1,
    )


def test_the_prometheus_page_of_a_node_tells_the_same() -> None:
    """As Hadoop wrote it: 29 and 79 percent of a core."""
    figures = prom_figures(recorded("nm-prom-one.txt"))
    assert {app: round(cores, 2) for app, (cores, _) in figures.cores.items()} == {
        "application_1795739195265_0001": 1.08
    }
    assert figures.newest == 23


async def test_epochs_and_nodes_add_up() -> None:
    """Containers of before and after a takeover are one application's, on whatever node."""
    found = Cluster(
        {"nm1:8042": {"beans": [bean(ONE, 1.5)]}, "nm2:8042": {"beans": [bean(AFTER, 0.5)]}}
    )
    used = await found.reader().read()
    assert used is not None
    assert (used.cores, used.containers) == ({APP: 2.0}, {APP: 2})


async def test_names_alone_are_no_figure() -> None:
    """With the default period there are beans and no figure; with /prom on it is asked once."""
    found = Cluster({"nm1:8042": json.loads(recorded("nm-jmx-names-only.json"))})
    reader = found.reader()
    assert await reader.read() is None
    assert await reader.read() is None
    assert [each for each in found.asked if each.endswith("/prom")] == ["nm1:8042/prom"]
    found.prom = recorded("nm-prom-two.txt")
    used = await found.reader().read()
    assert used is not None
    assert [round(each, 2) for each in used.cores.values()] == [0.84]


async def test_what_another_reader_took_away_stays_for_a_while() -> None:
    """An empty or an old snapshot keeps the last good one; it is not told as zero."""
    found = Cluster({"nm1:8042": {"beans": [bean(ONE, 1.5, sampled=10)]}})
    reader = found.reader()
    first = await reader.read()
    found.jmx["nm1:8042"] = {"beans": [bean(ONE, 0.0, sampled=10)]}  # the same samples again
    second = await reader.read()
    found.jmx["nm1:8042"] = json.loads(recorded("nm-jmx-names-only.json"))
    third = await reader.read()
    assert first is not None
    assert second is not None
    assert third is not None
    assert first.cores == second.cores == third.cores == {APP: 1.5}


async def test_a_mean_since_long_ago_is_none_of_now() -> None:
    """The first read of a node gives the mean since its containers began; the next one tells."""
    found = Cluster({"nm1:8042": {"beans": [bean(ONE, 1.5, samples=9000, sampled=9000)]}})
    reader = found.reader()
    assert await reader.read() is None
    assert reader.told == 1
    found.jmx["nm1:8042"] = {"beans": [bean(ONE, 0.2, samples=5, sampled=9005)]}
    used = await reader.read()
    assert used is not None
    assert used.cores == {APP: 0.2}


async def test_a_node_that_is_down_is_told_as_unread() -> None:
    """One of two nodes answers: coverage says so."""
    found = Cluster({"nm1:8042": {"beans": [bean(ONE, 1.5)]}, "nm2:8042": None})
    used = await found.reader().read()
    assert used is not None
    assert (used.measurement.read, used.measurement.of, used.measurement.whole) == (1, 2, False)


async def test_a_sample_is_kept_and_grows_old() -> None:
    """An answer takes the last sample without waiting; after three minutes there is none."""
    now = [NOW]
    found = Cluster({"nm1:8042": {"beans": [bean(ONE, 0.4, sampled=1)]}})

    async def needed() -> bool:
        return True

    sampler = UsedCoresSampler([found.reader().read], lambda: now[0], needed)
    for minute, cores in enumerate((0.4, 0.4, 6.1, 6.0)):
        now[0] = NOW + timedelta(minutes=minute)
        found.jmx["nm1:8042"] = {"beans": [bean(ONE, cores, sampled=minute + 1)]}
        await sampler.sample()
    newest = sampler.newest()
    assert newest is not None
    assert newest.cores == {APP: 6.0}
    assert sampler.cores_at(NOW) == {APP: 0.4}
    assert sampler.risen() == {APP: (NOW + timedelta(minutes=2), 0.4)}
    now[0] += timedelta(minutes=4)
    assert sampler.newest() is None


async def test_sampling_rests_twenty_times_as_long_as_it_took() -> None:
    """A twentieth of one core at most; where nobody would look there is no sample at all."""
    ticks, took, wanted = [0.0], 2.0, [False]
    found = Cluster({"nm1:8042": {"beans": [bean(ONE, 0.4, sampled=1)]}})
    taken: list[float] = []

    async def read_slowly() -> UsedCores | None:
        taken.append(ticks[0])
        ticks[0] += took
        return await found.reader().read()

    async def needed() -> bool:
        return wanted[0]

    sampler = UsedCoresSampler([read_slowly], lambda: NOW, needed, lambda: ticks[0])
    await sampler.look()
    wanted[0] = True
    for at in range(0, 90, 15):
        ticks[0] = max(ticks[0], float(at))
        await sampler.look()
    assert taken == [0.0, 45.0]


def test_what_began_within_the_window_has_not_risen() -> None:
    """Nobody knows what it used before; one that fell back and rose is told from the last rise."""
    at = [NOW + timedelta(minutes=each) for each in range(4)]
    past = [(at[0], {}), (at[1], {"a": 5.0}), (at[2], {"a": 1.0}), (at[3], {"a": 5.0, "b": 2.0})]
    assert risen_since(past) == {"a": (at[3], 1.0)}
    assert risen_since([]) == {}


def test_busy_slots_are_cores_of_tasks_that_run() -> None:
    """Recorded executors of a real application; the driver has no slots."""
    body = json.loads(recorded("spark-executors.json"))
    busy = busy_slots(body)
    assert busy is not None
    assert busy == sum(row["activeTasks"] for row in body if row["id"] != "driver")
    two_a_task = [{"id": "1", "isActive": True, "activeTasks": 2, "maxTasks": 4, "totalCores": 8}]
    assert busy_slots(two_a_task) == 4
    assert busy_slots({"not": "a list"}) is None


def test_a_driver_is_found_on_the_masters_page() -> None:
    """Its name leads to it; one that is not on the page has none."""
    page = (recorded("../spark/master-ui.html")).encode()
    assert driver_address(page, "app-20261122120809-0003") == "http://127.0.0.1:24590"
    assert driver_address(page, "app-20261122120809-9999") is None
