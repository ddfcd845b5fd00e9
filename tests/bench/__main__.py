"""`python -m tests.bench [NAME…]`: run the benchmarks, write build/bench.json, print the table.

Each module of this folder may hold coroutine functions without required arguments that return
figures by key; those named in BENCHES are run, and so is a module's `bench`.
"""

import asyncio
import importlib
import inspect
import json
import pkgutil
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

import tests.bench

Figures = Mapping[str, float]
Bench = Callable[[], Awaitable[Figures]]
BENCHES = ("first_facts", "turn_overhead", "alert_burst", "long_thread", "start_and_idle", "bench")
RESULT = Path("build") / "bench.json"
AT_MOST, AT_LEAST, EXACTLY = "≤", "≥", "="
GOALS: Mapping[str, tuple[str, float]] = {
    "first_facts_p95_s": (AT_MOST, 1.0),
    "turn_overhead_p50_ms": (AT_MOST, 50.0),
    "alert_burst_lost": (EXACTLY, 0),
    "alert_burst_investigations": (EXACTLY, 50),
    "alert_burst_ack_p99_s": (AT_MOST, 1.0),
    "checkpoint_mb_100_turns": (AT_MOST, 0.5),
    "start_s": (AT_MOST, 3.0),
    "idle_mb": (AT_MOST, 250.0),
    "yarn_10k_ratio": (AT_MOST, 2.0),
    "yarn_10k_peak_mb": (AT_MOST, 150.0),
    "recall3": (AT_LEAST, 0.97),
    "recall1": (AT_LEAST, 0.85),
    "guide_answer_p50_ms": (AT_MOST, 50.0),
    "llm_calls_5q": (AT_MOST, 10),
    "prompt_tokens_5q": (AT_MOST, 7500),
}


def benches() -> dict[str, Bench]:
    """Return every benchmark of this folder by `module.function`."""
    found: dict[str, Bench] = {}
    for module in pkgutil.iter_modules(tests.bench.__path__):
        if module.name == "__main__":
            continue
        loaded = importlib.import_module(f"tests.bench.{module.name}")
        for name in BENCHES:
            function = getattr(loaded, name, None)
            if inspect.iscoroutinefunction(function) and function.__module__ == loaded.__name__:
                found[f"{module.name}.{name}"] = function
    return found


def met(key: str, value: float) -> bool | None:
    """Tell whether a figure reaches its goal; None without one."""
    if key not in GOALS:
        return None
    how, goal = GOALS[key]
    return {AT_MOST: value <= goal, AT_LEAST: value >= goal, EXACTLY: value == goal}[how]


def table(figures: Figures) -> Table:
    """Return the figures beside their goals."""
    shown = Table(title="bench")
    for head in ("figure", "result", "goal", ""):
        shown.add_column(head, justify="right" if head in {"result", "goal"} else "left")
    for key, value in figures.items():
        how, goal = GOALS.get(key, ("", 0.0))
        verdict = {None: "", True: "ok", False: "[bold red]missed[/]"}[met(key, value)]
        shown.add_row(key, f"{value:,.4g}", f"{how} {goal:,g}" if how else "", verdict)
    return shown


async def main(wanted: list[str]) -> int:
    """Run what is wanted, or everything; return 1 when a goal is missed."""
    console = Console()
    figures: dict[str, float] = {}
    for name, bench in benches().items():
        if wanted and not any(each in name for each in wanted):
            continue
        begun = time.monotonic()
        figures |= await bench()
        console.print(f"{name}: {time.monotonic() - begun:.0f} s")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    console.print(table(figures))
    return 0 if all(met(key, value) is not False for key, value in figures.items()) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
