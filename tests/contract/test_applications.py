"""What Applications and ApplicationControl promise, over every kind of cluster there is."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.backends.cluster import ClusterGateway
from bot.backends.http import make_client
from bot.backends.remote import RemoteCluster
from bot.backends.spark_standalone import SparkStandalone
from bot.backends.yarn import YarnApplications
from bot.domain.applications import (
    Application,
    ApplicationRef,
    ApplicationState,
    KillAnswer,
    KillOutcome,
)
from bot.domain.proposals import KillOrder
from bot.errors import BackendError, FaultKind
from tests.contract.gateways import CLUSTER, Clock, split, yarn_stand_in
from tests.contract.kills import carry
from tests.contract.orders import stored_order
from tests.contract.spark_master import SparkMaster, versions
from tests.contract.yarn_bodies import UNKNOWN_ID, ResourceManager
from tests.reliability.platform import target_of


@dataclass
class World:
    """A cluster under test: its reader, an id it never had, and what it counted.

    `order` stores that people approved a kill, where whoever sends it looks for that.
    """

    reader: ClusterGateway | RemoteCluster
    unknown: ApplicationRef
    kills: Callable[[], int]
    clock: Clock = field(default_factory=Clock)
    order: Callable[[Application], Awaitable[KillOrder]] | None = None

    async def kill(self, app: Application) -> KillAnswer:
        order = await self.order(app) if self.order else None
        return await carry(self.reader, app.ref, order)

    async def heaviest(self) -> Application:
        found = (await self.reader.running()).applications
        return max(found, key=lambda app: (app.cores, app.ref.id))

    async def settled(self, ref: ApplicationRef) -> Application | None:
        self.clock.time += timedelta(seconds=30)
        return await self.reader.find(ref)


@asynccontextmanager
async def stand_in() -> AsyncIterator[World]:
    """Ask YARN as the sandbox speaks it, the standby named first."""
    clock = Clock()
    async with yarn_stand_in(clock) as (reader, platform):
        yield World(
            reader=reader,
            unknown=ApplicationRef(CLUSTER, "yarn", "application_1763776800000_9999"),
            kills=lambda: len(platform.kill_requests),
            clock=clock,
        )


@asynccontextmanager
async def documented_yarn() -> AsyncIterator[World]:
    """Answer as YARN 2.10 without HA, in the shapes of Hadoop's documentation."""
    manager = ResourceManager()
    async with make_client(transport=manager) as client:
        yarn = YarnApplications(CLUSTER, ["rm.example.com:8088"], client)
        clock = Clock()
        yield World(
            reader=ClusterGateway(CLUSTER, clock, {"yarn": yarn}),
            unknown=ApplicationRef(CLUSTER, "yarn", UNKNOWN_ID),
            kills=lambda: len(manager.kills),
            clock=clock,
        )


def spark(index: int) -> Callable[[], AbstractAsyncContextManager[World]]:
    @asynccontextmanager
    async def world() -> AsyncIterator[World]:
        """Start a standalone cluster; the first master named is in standby."""
        version = versions()[index]
        masters = [SparkMaster(version, status="STANDBY"), SparkMaster(version)]
        async with AsyncExitStack() as stack:
            for master in masters:
                await master.start()
                stack.push_async_callback(master.stop)
            client = await stack.enter_async_context(make_client())
            standalone = SparkStandalone(CLUSTER, [master.url for master in masters], client)
            clock = Clock()
            yield World(
                reader=ClusterGateway(CLUSTER, clock, {"spark": standalone}),
                unknown=ApplicationRef(CLUSTER, "spark", "app-20261122120000-9999"),
                kills=lambda: sum(len(master.posts) for master in masters),
                clock=clock,
            )

    return world


@asynccontextmanager
async def gateway() -> AsyncIterator[World]:
    """Ask through the door of a gateway, which reaches YARN as the sandbox speaks it."""
    with TemporaryDirectory() as folder:
        async with split(Path(folder)) as at:
            yield World(
                reader=at.remote,
                unknown=ApplicationRef(CLUSTER, "yarn", "application_1763776800000_9999"),
                kills=at.kills,
                clock=at.clock,
                order=lambda app: stored_order(at.database, at.clock, target_of(app)),
            )


WORLDS: dict[str, Callable[[], AbstractAsyncContextManager[World]]] = {
    "yarn stand-in": stand_in,
    "yarn documented": documented_yarn,
    "yarn by a gateway": gateway,
} | {f"spark {version.spark}": spark(index) for index, version in enumerate(versions())}


@pytest.fixture(params=list(WORLDS.values()), ids=list(WORLDS))
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with request.param() as made:
        yield made


async def test_a_list_holds_what_runs_or_waits_with_its_identity(world: World) -> None:
    """Every row has a reference into this cluster, a user, a state that is not over, a start."""
    found = await world.reader.running()
    assert found.applications
    assert not found.missing
    assert found.total_cores
    for app in found.applications:
        assert app.ref.cluster == CLUSTER
        assert app.ref.backend == world.unknown.backend
        assert app.user
        assert not app.state.over
        assert app.started_at is not None
        assert app.started_at.year >= 2026
        assert app.started_at.tzinfo is not None


async def test_find_reads_the_same_identity_as_the_list(world: World) -> None:
    """What was listed is found under its reference, unchanged."""
    listed = await world.heaviest()
    found = await world.reader.find(listed.ref)
    assert found is not None
    assert identity(found) == identity(listed)


async def test_an_id_the_cluster_never_had_is_none(world: World) -> None:
    """An unknown application is an answer, not an error."""
    assert await world.reader.find(world.unknown) is None


@pytest.mark.parametrize("app_id", ["", "application_1_1/../../state", "../killall", "a b"])
async def test_a_malformed_id_is_never_sent(world: World, app_id: str) -> None:
    """It is not found, and its kill ends without a request."""
    ref = ApplicationRef(CLUSTER, world.unknown.backend, app_id)
    assert await world.reader.find(ref) is None
    assert (await carry(world.reader, ref)).outcome is KillOutcome.UNSENT
    assert world.kills() == 0


async def test_a_kill_is_one_request_and_a_later_read_proves_it(world: World) -> None:
    """Exactly one request; accepted is no proof, the state read afterwards is."""
    app = await world.heaviest()
    answer = await world.kill(app)
    assert answer.outcome is not KillOutcome.REFUSED
    assert world.kills() == 1
    after = await world.settled(app.ref)
    assert after is not None
    assert after.state is ApplicationState.KILLED
    assert app.ref not in {row.ref for row in (await world.reader.running()).applications}
    assert world.kills() == 1


async def test_killing_an_unknown_application_does_nothing(world: World) -> None:
    """A cluster says no, or accepts and has nothing to end; a gateway does not ask it."""
    answer = await carry(world.reader, world.unknown)
    assert answer.outcome is not KillOutcome.UNKNOWN
    assert await world.reader.find(world.unknown) is None


async def test_another_cluster_or_backend_is_not_configured(world: World) -> None:
    """A reference into another cluster is never read or killed here."""
    app = await world.heaviest()
    for ref in (
        ApplicationRef("other", app.ref.backend, app.ref.id),
        ApplicationRef(CLUSTER, "mesos", app.ref.id),
    ):
        for ask in (world.reader.find, world.reader.prepare):
            with pytest.raises(BackendError) as raised:
                await ask(ref)
            assert raised.value.missing.kind is FaultKind.NOT_CONFIGURED
    assert world.kills() == 0


async def test_health_names_totals_and_nodes(world: World) -> None:
    """Totals, nodes and counts come from the scheduler where no Prometheus is configured."""
    health = await world.reader.now()
    assert health.cpu is not None
    assert 0 <= health.cpu.percent <= 100
    assert health.memory is not None
    assert health.cores_total
    assert health.nodes
    assert health.applications_running
    assert health.last_hour is None
    assert not health.missing


def identity(app: Application) -> tuple[object, ...]:
    return (app.ref, app.name, app.user, app.queue, app.state, app.started_at, app.attempt)
