"""What the API adds to a read: a call over a socket, less the time of the port it asks."""

import statistics
import tempfile
from pathlib import Path
from time import perf_counter

from bot.backends.build import build_cluster
from tests.flow.gateway import gateway
from tests.flow.world import now

CALLS = 200


async def bench() -> dict[str, float]:
    """Return the 95th percentile in milliseconds, over what the cluster itself usually takes."""
    alone, over = [], []
    with tempfile.TemporaryDirectory() as folder:
        async with (
            gateway(Path(folder)) as at,
            at.caller("reader") as reader,
            build_cluster(at.world.settings, now) as cluster,
        ):
            for _ in range(CALLS):
                begun = perf_counter()
                await cluster.now()
                read = perf_counter()
                (await reader.get("/v1/tools/get_cluster_metrics")).raise_for_status()
                alone.append(read - begun)
                over.append(perf_counter() - read)
    added = statistics.quantiles(over, n=20)[-1] - statistics.median(alone)
    return {"api_read_added_p95_ms": added * 1000}
