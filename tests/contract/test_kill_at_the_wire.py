"""A freeze and an identity read are never overtaken: no byte of a kill goes after its time."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from bot.backends.http import make_client
from bot.backends.spark_standalone import SparkStandalone
from bot.backends.yarn import YarnApplications
from bot.domain.applications import Application, KillOutcome
from bot.errors import BackendError
from bot.ports import Left
from bot.sandbox.platform import Kind, PlatformStandIn, load
from bot.sandbox.platform.stand_in import YARN, YARN_STANDBY
from tests.contract.spark_master import SparkMaster, versions
from tests.contract.yarn_bodies import ResourceManager


def times(*seconds: float) -> Left:
    """Return a time left that is asked again and again; the last one stays."""
    told: Iterator[float] = iter(seconds)
    last = [seconds[-1]]

    def left() -> float:
        return next(told, last[0])

    return left


@pytest.fixture
async def platform() -> AsyncIterator[PlatformStandIn]:
    stand_in = PlatformStandIn(load("incident"), seed=3)
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
async def yarn(platform: PlatformStandIn) -> AsyncIterator[YarnApplications]:
    async with make_client() as client:
        addresses = [platform.yarn_standby_url, platform.yarn_url]
        yield YarnApplications("prod", addresses, client)


async def some(yarn: YarnApplications) -> Application:
    return (await yarn.running()).applications[0]


async def test_a_kill_whose_connection_came_too_late_is_not_sent(
    platform: PlatformStandIn, yarn: YarnApplications
) -> None:
    """The last look is taken when the connection stands, right before the first byte."""
    app = await some(yarn)
    send = await yarn.prepare(app.ref)
    answer = await send("test", times(5, 5, 0))
    assert (answer.outcome, "too late" in answer.detail) == (KillOutcome.UNSENT, True)
    assert not platform.kill_requests
    assert (await send("test", times(5))).outcome is KillOutcome.ACCEPTED
    assert platform.kill_count(app.ref.id) == 1


async def test_a_kill_waits_for_no_free_connection_beyond_its_time(
    platform: PlatformStandIn,
) -> None:
    """The only connection is held by another read; nothing is sent once it is free."""
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=1)) as client:
        yarn = YarnApplications("prod", [platform.yarn_url], client)
        app = await some(yarn)
        send = await yarn.prepare(app.ref)
        async with client.stream("GET", f"{platform.yarn_url}/ws/v1/cluster/info"):
            answer = await send("test", times(0.2))
        assert answer.outcome is KillOutcome.UNSENT
    assert not platform.kill_requests


async def test_a_slow_standby_delays_no_kill(
    platform: PlatformStandIn, yarn: YarnApplications
) -> None:
    """Another read fails after the identity was read: the kill looks for nobody any more."""
    app = await some(yarn)
    send = await yarn.prepare(app.ref)
    assert await yarn.find(app.ref) is not None
    await platform.fault(YARN_STANDBY, Kind.HANG)
    await platform.fault(YARN, Kind.DROP_RESPONSE, match="GET")
    with pytest.raises(BackendError):
        await yarn.running()
    answer = await send("test", times(1, 1, 1, 0))
    assert answer.outcome is KillOutcome.ACCEPTED
    assert platform.kill_count(app.ref.id) == 1


async def test_after_the_identity_read_a_kill_is_the_next_request() -> None:
    """Whatever other reads did meanwhile to the knowledge of who is active."""
    manager = ResourceManager()
    async with make_client(transport=manager) as client:
        yarn = YarnApplications("prod", ["http://rm:8088"], client)
        app = await some(yarn)
        send = await yarn.prepare(app.ref)
        manager.overrides["apps"] = httpx.Response(307)
        with pytest.raises(BackendError):
            await yarn.running()
        before = len(manager.requests)
        await send("test", times(1))
    assert [request.method for request in manager.requests[before:]] == ["PUT"]


async def test_a_spark_kill_reads_its_form_before_it_is_decided() -> None:
    """Then one POST follows, and nothing when it is too late for it."""
    master = SparkMaster(versions()[-1])
    await master.start()
    async with make_client() as client:
        spark = SparkStandalone("prod", [master.url], client)
        app = (await spark.running()).applications[0]
        send = await spark.prepare(app.ref)
        assert (await send("test", times(5, 5, 0))).outcome is KillOutcome.UNSENT
        assert not master.posts
        assert (await send("test", times(5))).outcome is KillOutcome.ACCEPTED
        assert len(master.posts) == 1
    await master.stop()
