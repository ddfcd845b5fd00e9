"""What was measured at an earlier time: read over the wire, honest where nothing is kept."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.backends.cluster import ClusterGateway
from bot.backends.http import make_client
from bot.backends.prometheus import PrometheusReader
from bot.errors import FaultKind
from bot.sandbox.platform import PlatformStandIn, load

NOW = datetime.fromtimestamp(1795352012, UTC)


def clock() -> datetime:
    return NOW


@pytest.fixture
async def reader() -> AsyncIterator[ClusterGateway]:
    platform = PlatformStandIn(load("incident"), clock, seed=3)
    await platform.start()
    async with make_client() as client:
        prometheus = PrometheusReader(platform.prometheus_url, client, clock)
        yield ClusterGateway("prod", clock, {}, prometheus)
    await platform.stop()


@pytest.mark.parametrize("ago", [timedelta(hours=1), timedelta(days=1), timedelta(days=7)])
async def test_an_earlier_time_has_cpu_memory_nodes_and_applications(
    reader: ClusterGateway, ago: timedelta
) -> None:
    """CPU over some minutes on both sides, the rest at the time itself."""
    past = await reader.usage_at(NOW - ago)
    assert past.missing == ()
    assert past.cpu is not None
    assert past.cpu.start < past.at < past.cpu.end
    assert 0 < past.cpu.mean < 100
    assert past.memory_percent is not None
    assert past.nodes
    assert bool(past.cores) is (ago < timedelta(days=7))  # none has run for a week


async def test_a_time_just_gone_is_not_read_into_the_future(reader: ClusterGateway) -> None:
    """Two minutes ago is read from three minutes ago to one."""
    past = await reader.usage_at(NOW - timedelta(minutes=2))
    assert past.cpu is not None
    assert past.cpu.end == NOW - timedelta(minutes=1)


async def test_what_is_not_kept_any_more_is_none(reader: ClusterGateway) -> None:
    """Beyond the retention there is no sample, which is no error either."""
    past = await reader.usage_at(NOW - timedelta(days=30))
    assert (past.cpu, past.nodes, dict(past.cores)) == (None, (), {})
    assert past.missing == ()


async def test_without_prometheus_the_reason_is_told() -> None:
    """Nothing was measured, because nothing measures."""
    past = await ClusterGateway("prod", clock, {}).usage_at(NOW)
    assert past.cpu is None
    assert [item.kind for item in past.missing] == [FaultKind.NOT_CONFIGURED]


async def test_a_prometheus_that_fails_is_named() -> None:
    """Each kind of failure once, and never as an exception."""
    transport = httpx.MockTransport(lambda _: httpx.Response(503))
    async with httpx.AsyncClient(transport=transport) as client:
        prometheus = PrometheusReader("http://127.0.0.1:9", client, clock)
        past = await ClusterGateway("prod", clock, {}, prometheus).usage_at(
            NOW - timedelta(hours=1)
        )
    assert past.cpu is None
    assert past.missing
