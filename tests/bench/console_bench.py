"""The console: how soon its page shows, and what the product pays for a page that stays open."""

import asyncio
import os
import statistics
import tempfile
from pathlib import Path
from time import perf_counter

from bot.console.people import add_member
from tests.bench.process import resident_mb
from tests.e2e.browser import CHROMIUM, DRIVER, Person, chromium
from tests.e2e.console import PASSWORD, Running, Visitor
from tests.flow.gateway import Gateway, gateway

CALLS = 200
_PAINTED = "return performance.getEntriesByName('first-contentful-paint')[0].startTime"
NOTE = "console_*: the page in headless Chromium on this machine; needs chromium and chromedriver"


async def bench() -> dict[str, float]:
    """Return the first paint in seconds, and reads and memory with the page over those without.

    Nothing where there is no Chromium.
    """
    if not CHROMIUM or not DRIVER:
        return {}
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        async with gateway(folder) as at:
            await _reads(at)  # warms up
            alone, held = await _reads(at), resident_mb(os.getpid())
            add_member(folder / "console-users", "oncall", PASSWORD, at.tokens["oncall"])
            console = Running(at, folder)
            await console.start()
            try:
                with chromium(folder / "profile") as driver:
                    painted = await asyncio.to_thread(_painted, Person(driver), console.url)
                    beside = await _reads(at)
            finally:
                await console.kill()
            return {
                "console_first_paint_s": painted,
                "console_read_ratio": beside / alone,
                "console_memory_ratio": resident_mb(os.getpid()) / held,
            }


def _painted(person: Person, url: str) -> float:
    """Sign in, wait for the whole page, load it once more; return when it first showed anything."""
    Visitor(person, url, "en").sign_in("oncall")
    person.see(".bar")
    person.driver.refresh()
    person.see(".bar")
    return float(person.driver.execute_script(_PAINTED)) / 1000


async def _reads(at: Gateway) -> float:
    """Return the median of a read over the API, in seconds."""
    spent = []
    async with at.caller("reader") as reader:
        for _ in range(CALLS):
            begun = perf_counter()
            (await reader.get("/v1/tools/get_cluster_metrics")).raise_for_status()
            spent.append(perf_counter() - begun)
    return statistics.median(spent)
