"""Whatever a backend does, a read of everything ends in time, names the part, shows the rest."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.backends.build import build_cluster
from bot.backends.cluster import DEADLINE_S, ClusterGateway, Scheduler
from bot.backends.http import HttpLimits, make_client
from bot.backends.prometheus import PrometheusReader
from bot.backends.spark_standalone import SparkStandalone
from bot.backends.yarn import YarnApplications
from bot.domain.applications import ApplicationRef, Basis
from bot.errors import BackendError, FaultKind
from bot.sandbox.platform import Kind, PlatformStandIn, load
from bot.sandbox.platform.stand_in import PROMETHEUS, YARN, wall_clock
from bot.settings import load_settings
from tests.contract.spark_master import SparkMaster, versions

CLUSTER = "prod"
QUICK = HttpLimits(read_s=2.0, send_s=2.0)  # for what hangs
PATIENT = HttpLimits(read_s=60.0, send_s=60.0)  # for what answers, however busy the machine is
SPARK = "spark"
WIRE = {
    Kind.REFUSED: {FaultKind.UNREACHABLE},
    Kind.HANG: {FaultKind.TIMEOUT},
    Kind.SERVER_ERROR: {FaultKind.FAILED},
    Kind.UNAVAILABLE: {FaultKind.FAILED},
    Kind.UNAUTHORIZED: {FaultKind.REFUSED},
    Kind.HTML: {FaultKind.BAD_ANSWER},
    Kind.CUT_BODY: {FaultKind.BAD_ANSWER},
    Kind.DROP_RESPONSE: {FaultKind.UNREACHABLE},
    Kind.REDIRECT_LOOP: {FaultKind.BAD_ANSWER, FaultKind.STANDBY},
}


@dataclass
class Everything:
    """All three systems and a reader over them."""

    platform: PlatformStandIn
    master: SparkMaster
    reader: ClusterGateway

    async def fault(self, system: str, kind: Kind) -> None:
        if system == SPARK and kind is Kind.REFUSED:
            await self.master.refuse()
        elif system == SPARK:
            self.master.fault(kind)
        else:
            await self.platform.fault(system, kind)


@pytest.fixture
async def world(request: pytest.FixtureRequest) -> AsyncIterator[Everything]:
    """Yield the three systems; only where something hangs is the reader in a hurry."""
    given = getattr(request.node, "callspec", None)
    hangs = given is not None and given.params.get("kind") is Kind.HANG
    limits, deadline_s = (QUICK, DEADLINE_S) if hangs else (PATIENT, PATIENT.read_s)
    platform = PlatformStandIn(load("incident"), seed=3)
    master = SparkMaster(versions()[-1])
    async with AsyncExitStack() as stack:
        await platform.start()
        stack.push_async_callback(platform.stop)
        await master.start()
        stack.push_async_callback(master.stop)
        clients = [await stack.enter_async_context(make_client()) for _ in range(3)]
        yarn = YarnApplications(CLUSTER, [platform.yarn_url], clients[0], limits=limits)
        spark = SparkStandalone(CLUSTER, [master.url], clients[1], limits=limits)
        prometheus = PrometheusReader(
            platform.prometheus_url, clients[2], wall_clock, limits=limits
        )
        schedulers: dict[str, Scheduler] = {"yarn": yarn, "spark": spark}
        reader = ClusterGateway(CLUSTER, wall_clock, schedulers, prometheus, deadline_s=deadline_s)
        yield Everything(platform, master, reader)


async def test_nothing_is_missing_on_a_good_day(world: Everything) -> None:
    """Both schedulers' applications in one list, machines measured, nothing amiss."""
    running, health = await asyncio.gather(world.reader.running(), world.reader.now())
    assert {app.ref.backend for app in running.applications} == {"yarn", "spark"}
    assert not running.missing
    assert not health.missing
    assert health.cpu is not None
    assert health.cpu.basis is Basis.MEASURED
    assert health.last_hour is not None
    assert health.disk_percent is not None
    assert health.hdfs_percent is not None
    assert health.network_in
    assert health.queues


@pytest.mark.parametrize("system", [YARN, SPARK, PROMETHEUS])
@pytest.mark.parametrize("kind", WIRE)
async def test_a_fault_names_its_system_and_the_rest_is_shown(
    world: Everything, system: str, kind: Kind
) -> None:
    """The fault's kind and system are told; what the others know is there."""
    await world.fault(system, kind)
    running, health = await asyncio.gather(world.reader.running(), world.reader.now())
    for missing in (running.missing, health.missing):
        assert {part.system for part in missing} == {system}
        assert {part.kind for part in missing} <= WIRE[kind]
        assert all(part.detail and "\n" not in part.detail for part in missing)
    backends = {app.ref.backend for app in running.applications}
    assert backends == {"yarn", "spark"} - {system}
    assert health.cpu is not None
    assert (health.cpu.basis is Basis.MEASURED) == (system != PROMETHEUS)


@pytest.mark.parametrize("system", [YARN, SPARK])
@pytest.mark.parametrize("kind", WIRE)
async def test_a_fault_never_reads_as_an_application_that_is_gone(
    world: Everything, system: str, kind: Kind
) -> None:
    """`find` raises what happened: None would say that the application does not exist."""
    listed = (await world.reader.running()).applications
    ref = next(app.ref for app in listed if app.ref.backend == system)
    await world.fault(system, kind)
    with pytest.raises(BackendError):
        await world.reader.find(ref)


async def test_everything_hanging_is_still_answered() -> None:
    """With the limits of production: all three accept and never answer."""
    release = asyncio.Event()

    async def never(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    settings = load_settings(
        yarn_url=(address, address), spark_master_url=(address,), prometheus_url=address
    )
    async with build_cluster(settings, wall_clock) as reader, asyncio.timeout(60):
        running, health = await asyncio.gather(reader.running(), reader.now())
    release.set()
    server.close()
    await server.wait_closed()
    for missing in (running.missing, health.missing):
        assert {part.system for part in missing} == {"yarn", "spark", "prometheus"}
        assert {part.kind for part in missing} == {FaultKind.TIMEOUT}


async def test_the_whole_reading_has_a_deadline_of_its_own(world: Everything) -> None:
    """Several waits in a row end at the deadline, named as a timeout."""
    await world.fault(YARN, Kind.HANG)
    reader = ClusterGateway(CLUSTER, wall_clock, world.reader._schedulers, deadline_s=0.1)
    running = await reader.running()
    assert [(part.system, part.kind) for part in running.missing] == [("yarn", FaultKind.TIMEOUT)]
    ref = ApplicationRef(CLUSTER, "yarn", "application_1763776800000_0105")
    with pytest.raises(BackendError) as raised:
        await reader.find(ref)
    assert raised.value.missing.kind is FaultKind.TIMEOUT


async def test_one_part_of_yarn_may_fail_alone(world: Everything) -> None:
    """A scheduler page that answers 500 costs the queues, not the nodes or the totals."""
    await world.platform.fault(YARN, Kind.SERVER_ERROR, match="/scheduler")
    health = await world.reader.now()
    assert not health.queues
    assert health.nodes
    assert health.applications_running
    assert [part.system for part in health.missing] == ["yarn"]
    assert "/scheduler" in health.missing[0].detail


async def test_one_hiccup_of_a_read_is_repeated_unseen(world: Everything) -> None:
    """A single 500 or cut connection on a read is tried once more."""
    for kind in (Kind.SERVER_ERROR, Kind.DROP_RESPONSE):
        await world.platform.fault(YARN, kind, match="/apps", times=1)
        assert not (await world.reader.running()).missing


async def test_without_anything_configured_the_answer_says_so() -> None:
    """No address at all is named, not shown as an empty cluster."""
    async with build_cluster(load_settings(_env_file=None), wall_clock) as reader:
        running, health = await asyncio.gather(reader.running(), reader.now())
        assert [part.kind for part in running.missing] == [FaultKind.NOT_CONFIGURED]
        assert [part.kind for part in health.missing] == [FaultKind.NOT_CONFIGURED]
        hour = timedelta(hours=1)
        assert await reader.cpu(wall_clock() - hour, wall_clock(), hour) is None


async def test_a_failing_history_raises(world: Everything) -> None:
    """The port for a window tells a fault from an absent history."""
    await world.fault(PROMETHEUS, Kind.SERVER_ERROR)
    now = wall_clock()
    with pytest.raises(BackendError) as raised:
        await world.reader.cpu(now - timedelta(hours=1), now, timedelta(minutes=1))
    assert raised.value.missing.kind is FaultKind.FAILED


async def test_a_yarn_without_prometheus_measures_by_its_nodes(world: Everything) -> None:
    """Nodes that tell nodeCPUUsage give a measured CPU; shares count vcores."""
    async with make_client() as client:
        yarn = YarnApplications(CLUSTER, [world.platform.yarn_url], client)
        reader = ClusterGateway(CLUSTER, wall_clock, {"yarn": yarn})
        running, health = await asyncio.gather(reader.running(), reader.now())
    assert health.cpu is not None
    assert health.cpu.basis is Basis.MEASURED
    assert health.memory is not None
    assert health.memory.basis is Basis.GRANTED
    assert all(app.cores_basis is Basis.GRANTED for app in running.applications)
    assert not running.missing
