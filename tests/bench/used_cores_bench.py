"""Sampling used cores on a large cluster: 5,000 NodeManagers of 20 containers, 2,000 applications.

The answers are made beforehand and come without a network, so that only the product's work counts.
"""

import asyncio
import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from time import perf_counter, process_time

import httpx

from bot.backends.usage import NodeManager
from bot.backends.used_cores import EVERY_S, REST, NodeManagers, UsedCoresSampler
from tests.contract.node_managers import bean

NODES, CONTAINERS, APPLICATIONS, SAMPLES = 5_000, 20, 2_000, 4
START = datetime(2026, 11, 27, tzinfo=UTC)
STARTED = 1790000000000
BODIES = 100  # different ones: enough for all applications
NOTE = "used cores: 5,000 nodes of 20 containers; what is not read within 2 s is told as unread"


class Cluster:
    """Nodes that answer at once, each read with newer samples than the one before."""

    def __init__(self) -> None:
        self.nodes = tuple(
            NodeManager(f"nm{n}:8042", CONTAINERS, float(n % 40)) for n in range(NODES)
        )
        self.bodies: list[bytes] = []

    def turn(self, sampled: int) -> None:
        """Make the answers of the next read."""
        self.bodies = [_body(number, sampled) for number in range(BODIES)]

    async def node_managers(self) -> tuple[NodeManager, ...]:
        return self.nodes

    async def answer(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)  # as a network would, it lets the clock be looked at
        number = int(request.url.host.removeprefix("nm"))
        return httpx.Response(200, content=self.bodies[number % BODIES])


def _body(number: int, sampled: int) -> bytes:
    beans = [
        bean(
            f"container_{STARTED}_{(number * CONTAINERS + each) % APPLICATIONS:04}_01_{each:06}",
            1.5,
            7,
            sampled,
        )
        for each in range(CONTAINERS)
    ]
    return json.dumps({"beans": beans}, indent=2).encode()


async def bench() -> dict[str, float]:
    """Sample such a cluster for some minutes; return the CPU it takes, the memory kept, the coverage."""
    cluster, now = Cluster(), [START]
    transport = httpx.MockTransport(cluster.answer)
    client = httpx.AsyncClient(transport=transport, trust_env=False)
    reader = NodeManagers(cluster.node_managers, client, "http", {"user.name": "bot"})

    async def needed() -> bool:
        return True

    sampler = UsedCoresSampler([reader.read], lambda: now[0], needed)
    cluster.turn(1)
    tracemalloc.start()
    for minute in range(SAMPLES):
        now[0] = START + timedelta(minutes=minute)
        cluster.turn(minute + 2)
        await sampler.sample()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    cluster.turn(SAMPLES + 2)
    begun, cpu = perf_counter(), process_time()
    used = await sampler.sample()
    took, spent = perf_counter() - begun, process_time() - cpu
    assert used is not None
    await client.aclose()
    return {
        "used_cores_cpu_share": spent / (took + max(EVERY_S, REST * took)),
        "used_cores_kept_mb": kept / 1e6,
        "used_cores_nodes_read": float(used.measurement.read or 0),
    }
