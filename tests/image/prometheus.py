"""A real Prometheus over the simulated cluster, which tells its figures as exporters do."""

import asyncio
import shutil
from asyncio.subprocess import DEVNULL
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from aiohttp import web

from bot.sandbox.platform import PlatformStandIn
from tests.free_ports import free_port
from tests.lab.expectations import LabError, until

HOST = "127.0.0.1"
START_S = 60.0
WINDOW = "5s"
CPU = f'100 - avg(rate(node_cpu_seconds_total{{mode="idle"}}[{WINDOW}])) * 100'
APPLICATIONS = f"sum by (groupname) (rate(namedprocess_namegroup_cpu_seconds_total[{WINDOW}]))"
SETTINGS = {
    "PROMETHEUS_QUERY_CPU": CPU,
    "PROMETHEUS_QUERY_CPU_BY_NODE": CPU.replace("avg(", "avg by (instance) ("),
    "PROMETHEUS_QUERY_APPLICATION_CPU": APPLICATIONS,
}
CONFIG = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - {{job_name: cluster, honor_labels: true, static_configs: [{{targets: ["{target}"]}}]}}
"""


class Exporter:
    """Counts what the simulated cluster burns, as node and process exporters would."""

    def __init__(self, platform: PlatformStandIn) -> None:
        self._platform = platform
        self._counted = platform.now()
        self._totals: dict[str, float] = defaultdict(float)

    async def metrics(self, _: web.Request) -> web.Response:
        """Return every counter as it stands now."""
        model, now = self._platform.model, self._platform.now()
        usage, passed = model.usage(now), now - self._counted
        self._counted = now
        for node, used in enumerate(usage.nodes):
            labels = f'instance="{model.host(node)}",mode="idle"'
            idle = passed * (1 - used / model.nodes.vcores)
            for core in range(model.nodes.vcores):
                self._totals[f'node_cpu_seconds_total{{cpu="{core}",{labels}}}'] += idle
        for id_, cores in usage.applications.items():
            name = f'namedprocess_namegroup_cpu_seconds_total{{groupname="{id_}"}}'
            self._totals[name] += passed * cores
        return web.Response(text="".join(f"{k} {v}\n" for k, v in self._totals.items()))


@asynccontextmanager
async def real_prometheus(platform: PlatformStandIn, folder: Path) -> AsyncIterator[str]:
    """Run Debian's Prometheus on the cluster's figures; give its address once it has some.

    Raises LabError.
    """
    program = shutil.which("prometheus")
    if program is None:
        raise LabError("apt-get install prometheus")
    application = web.Application()
    application.router.add_get("/metrics", Exporter(platform).metrics)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    url = f"http://{HOST}:{free_port()}"
    config = CONFIG.format(target=f"{HOST}:{runner.addresses[0][1]}")
    await asyncio.to_thread((folder / "prometheus.yml").write_text, config)
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'series'}",
        f"--web.listen-address={url.removeprefix('http://')}",
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    try:
        async with httpx.AsyncClient(trust_env=False) as client:

            async def measured() -> bool:
                reply = await client.get(f"{url}/api/v1/query", params={"query": CPU})
                return bool(reply.json()["data"]["result"])

            await until("Prometheus has figures", measured, START_S)
        yield url
    finally:
        process.terminate()
        await process.wait()
        await runner.cleanup()
