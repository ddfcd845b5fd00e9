"""From a scheduler's list and a sample to what is told: no room with Prometheus is needed."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx

from bot.backends.cluster import ClusterGateway
from bot.backends.http import make_client
from bot.backends.spark_standalone import SparkStandalone
from bot.backends.used_cores import read_busy_slots
from bot.backends.yarn import YarnApplications
from bot.domain.applications import Basis, Source
from tests.contract.node_managers import Cluster, bean, recorded
from tests.contract.yarn_bodies import RUNNING_ID, ResourceManager

NOW = datetime(2026, 11, 27, tzinfo=UTC)
CONTAINER = f"container_{RUNNING_ID.removeprefix('application_')}_01_000002"
ETL = "app-20261122120809-0003"


async def test_an_answer_takes_the_last_sample_until_it_is_old() -> None:
    """Before there is one, and once it is old, granted cores are told as granted."""
    now = [NOW]
    nodes = Cluster({"nm7:8042": {"beans": [bean(CONTAINER, 6.1)]}})
    async with make_client(transport=ResourceManager()) as client:
        yarn = YarnApplications("c", ["http://rm:8088"], client)
        gateway = ClusterGateway("c", lambda: now[0], {"yarn": yarn}, sources=[nodes.reader().read])
        (before,) = (await gateway.running()).applications
        assert (before.cores, before.cores_basis) == (10, Basis.GRANTED)
        await gateway.sampler.sample()
        read = await gateway.running()
        (app,) = read.applications
        assert read.measurement is not None
        assert read.measurement.source is Source.NODE_MANAGERS
        assert (app.cores, app.granted_cores, app.cores_basis) == (6.1, 10, Basis.MEASURED)
        assert app.partly  # one of its five containers was read
        assert await gateway.cores_at(NOW) == {RUNNING_ID: 6.1}
        now[0] += timedelta(minutes=4)
        assert (await gateway.running()).measurement is None


async def test_the_next_source_tells_where_the_first_does_not() -> None:
    """NodeManagers with names alone: busy slots by way of YARN's proxy, as an upper bound."""

    class Proxied(ResourceManager):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.startswith("/proxy/"):
                return httpx.Response(200, json=json.loads(recorded("spark-executors.json")))
            return await super().handle_async_request(request)

    nodes = Cluster({"nm7:8042": json.loads(recorded("nm-jmx-names-only.json"))})
    async with make_client(transport=Proxied()) as client:
        yarn = YarnApplications("c", ["http://rm:8088"], client)
        sources = (nodes.reader().read, partial(read_busy_slots, (yarn,)))
        gateway = ClusterGateway("c", lambda: NOW, {"yarn": yarn}, sources=sources)
        await gateway.sampler.sample()
        (app,) = (await gateway.running()).applications
        assert app.cores_basis is Basis.BOUND
        assert app.cores is not None


async def test_a_driver_tells_busy_slots_and_never_sees_the_masters_token() -> None:
    """Spark standalone without any exporter; the driver's address stands on the master's page."""
    asked: list[tuple[str, str]] = []
    executors: Any = [
        {"id": "0", "isActive": True, "activeTasks": 3, "maxTasks": 4, "totalCores": 4}
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.netloc.decode(), request.headers.get("Authorization", "")))
        if request.url.path == "/json/":
            return httpx.Response(200, text=recorded("../spark/master-json.json"))
        if request.url.path == "/":
            return httpx.Response(200, text=recorded("../spark/master-ui.html"))
        return httpx.Response(200, json=executors)

    transport = httpx.MockTransport(answer)
    token = {"Authorization": "Bearer secret"}
    async with (
        make_client(headers=token, transport=transport) as client,
        make_client(transport=transport) as drivers,
    ):
        spark = SparkStandalone("c", ["http://master:8080"], client, drivers=drivers)
        assert await spark.executors(ETL) == executors
    assert ("127.0.0.1:24590", "") in asked
    assert all(seen for host, seen in asked if host == "master:8080")


async def test_measured_relief_holds_nothing_of_before_the_kill() -> None:
    """What all used then, against the first sample that was begun after the end."""
    now = [NOW]
    nodes = Cluster({"nm7:8042": {"beans": [bean(CONTAINER, 6.1)]}})
    async with make_client(transport=ResourceManager()) as client:
        yarn = YarnApplications("c", ["http://rm:8088"], client)
        gateway = ClusterGateway("c", lambda: now[0], {"yarn": yarn}, sources=[nodes.reader().read])
        await gateway.sampler.sample()
        now[0] += timedelta(seconds=30)
        nodes.jmx["nm7:8042"] = {"beans": [bean(CONTAINER, 0.3, sampled=99)]}
        await gateway.sampler.sample()
        assert await gateway.cores_around(NOW, now[0] + timedelta(seconds=1)) == (None, None)
        assert await gateway.cores_around(NOW, NOW + timedelta(seconds=20)) == (6.1, 0.3)
