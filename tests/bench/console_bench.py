"""The console: how soon its page shows, and what the product pays while a page stays open."""

import asyncio
import os
import statistics
import tempfile
from pathlib import Path
from time import perf_counter

from bot.console.door import add_member
from tests.bench.process import quickest_start, resident_mb
from tests.e2e.browser import CHROMIUM, DRIVER, Person, chromium
from tests.e2e.console import PASSWORD, Running, Visitor
from tests.flow.gateway import Gateway, gateway

CALLS, ALERTS = 200, 5
_PAINTED = "return performance.getEntriesByName('first-contentful-paint')[0].startTime"
NOTE = "console_*: the page in headless Chromium on this machine; needs chromium and chromedriver"


async def bench() -> dict[str, float]:
    """Return the first paint in seconds; the rest with the page open over the same without it.

    Nothing where there is no Chromium.
    """
    if not CHROMIUM or not DRIVER:
        return {}
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        async with gateway(folder) as at:
            await _reads(at)  # warms up
            alone, held = await _measured(at, "Alone"), resident_mb(os.getpid())
            add_member(folder / "console-users", "oncall", PASSWORD, at.tokens["oncall"])
            console = Running(at, folder)
            await console.start()
            try:
                with chromium(folder / "profile") as driver:
                    painted = await asyncio.to_thread(_painted, Person(driver), console.url)
                    beside = await _measured(at, "Beside")
            finally:
                await console.kill()
            return {
                "console_first_paint_s": painted,
                **{f"console_{name}_ratio": beside[name] / alone[name] for name in alone},
                "console_memory_ratio": resident_mb(os.getpid()) / held,
            }


async def _measured(at: Gateway, named: str) -> dict[str, float]:
    """Return a read over the API, first facts under an alert and a start of the bot, in seconds."""
    facts = []
    for number in range(ALERTS):
        begun = perf_counter()
        await at.world.alert(f"[FIRING:1] CPU{named}{number} (critical)")
        facts.append(perf_counter() - begun)
    return {
        "read": await _reads(at),
        "first_facts": statistics.median(facts),
        "start": (await quickest_start())["start_s"],
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
