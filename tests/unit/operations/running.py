"""The product as it runs, with its health server, and what a prober and a scraper see of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from bot.app import Bot, Pace
from tests.flow.world import FAST, World, world
from tests.free_ports import free_port

QUICK = replace(FAST, edge=replace(FAST.edge, ping=0.2))
BETWEEN = 0.05  # seconds between two probes: nobody tells a prober, so it asks


@dataclass
class Watched:
    """A running product and its health server."""

    world: World
    oncall: Bot
    probe: httpx.AsyncClient

    async def ready(self, status: int, within: float = 15.0) -> dict[str, Any]:
        """Probe until the answer has this status, and return its body."""
        async with asyncio.timeout(within):
            while True:
                answer = await self.probe.get("/readyz")
                if answer.status_code == status:
                    body: dict[str, Any] = answer.json()
                    return body
                await asyncio.sleep(BETWEEN)

    async def figures(self) -> dict[str, float]:
        """Scrape, as Prometheus reads it: every sample by its name and labels."""
        text = (await self.probe.get("/metrics")).text
        return {
            sample.name + "".join(f"|{value}" for value in sample.labels.values()): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


@asynccontextmanager
async def watched(folder: Path, pace: Pace = QUICK, **settings: Any) -> AsyncIterator[Watched]:
    """Run the product on the sandbox; `settings` as for a world."""
    port = free_port()
    options = {"health_port": port, "health_host": "127.0.0.1", **settings}
    async with (
        world(folder, **options) as made,
        made.product(pace) as oncall,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as probe,
    ):
        yield Watched(made, oncall, probe)


async def until_status(probe: httpx.AsyncClient, status: int, within: float) -> None:
    """Probe another process until it answers this status; TimeoutError after `within` seconds."""
    async with asyncio.timeout(within):
        while True:
            try:
                if (await probe.get("/readyz")).status_code == status:
                    return
            except httpx.TransportError:
                pass  # not listening yet
            await asyncio.sleep(0.2)  # another process: there is no event to wait for
