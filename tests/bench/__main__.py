"""`python -m tests.bench [NAME…]`: run the benchmarks, write build/bench.json, print the table.

Each module of this folder may hold coroutine functions without required arguments that return
figures by key; those named in BENCHES are run, and so is a module's `bench`. What a module's
figures are counted with stands in its NOTE, and under the table.
"""

import asyncio
import importlib
import inspect
import json
import pkgutil
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

import tests.bench

Figures = Mapping[str, float]
Bench = Callable[[], Awaitable[Figures]]
BENCHES = (
    "first_facts",
    "turn_overhead",
    "alert_burst",
    "long_thread",
    "start_and_idle",
    "slack_lost",
    "bench",
)
RESULT = Path("build") / "bench.json"
AT_MOST, AT_LEAST, EXACTLY = "≤", "≥", "="
GOALS: Mapping[str, tuple[str, float]] = {
    "first_facts_p95_s": (AT_MOST, 1.0),
    "turn_overhead_p50_ms": (AT_MOST, 50.0),
    "alert_burst_lost": (EXACTLY, 0),
    "alert_burst_investigations": (EXACTLY, 50),
    "alert_burst_ack_p99_s": (AT_MOST, 1.0),
    "first_reply_burst_p50_s": (AT_MOST, 10.0),
    "question_in_burst_s": (AT_MOST, 3.0),
    "list_trip_files": (AT_MOST, 45),
    "list_trip_functions": (AT_MOST, 220),
    "freeze_s": (AT_MOST, 0.5),
    "alert_read_growth": (AT_MOST, 3.0),
    "backfill_lost": (EXACTLY, 0),
    "backfill_s": (AT_MOST, 60.0),
    "slack_lost_red_s": (AT_MOST, 30.0),
    "checkpoint_mb_100_turns": (AT_MOST, 0.5),
    "start_s": (AT_MOST, 3.0),
    "idle_mb": (AT_MOST, 650.0),
    "yarn_10k_ratio": (AT_MOST, 1.5),
    "yarn_10k_peak_mb": (AT_MOST, 60.0),
    "used_cores_cpu_share": (AT_MOST, 0.05),
    "used_cores_kept_mb": (AT_MOST, 16.0),
    "recall3": (AT_LEAST, 0.97),
    "recall1": (AT_LEAST, 0.85),
    "off_topic_rejected": (AT_LEAST, 0.7),
    "ingest_per_second": (AT_LEAST, 100.0),
    "search_10k_p50_ms": (AT_MOST, 20.0),
    "guide_answer_p50_ms": (AT_MOST, 80.0),
    "api_read_added_p95_ms": (AT_MOST, 50.0),
    "console_first_paint_s": (AT_MOST, 3.0),
    "console_read_ratio": (AT_MOST, 1.5),
    "console_first_facts_ratio": (AT_MOST, 1.25),
    "console_start_ratio": (AT_MOST, 1.25),
    "console_memory_ratio": (AT_MOST, 1.1),
    "reading_p95_ms": (AT_MOST, 15.0),
    "llm_calls_5q": (AT_MOST, 10),
    "prompt_tokens_5q": (AT_MOST, 12_000),
    "llm_calls_1q_max": (AT_MOST, 2),
}
# Goals that are a part or a multiple of another figure of the same run.
RELATIVE: Mapping[str, tuple[str, float, str]] = {
    "tokens_turn_30": (AT_MOST, 1.5, "tokens_turn_1"),
    "tokens_turn_100": (AT_MOST, 1.5, "tokens_turn_1"),
    "baseline_tokens_turn_30": (AT_LEAST, 20, "tokens_turn_30"),
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


def met(key: str, figures: Figures) -> bool | None:
    """Tell whether a figure reaches its goal; None without one."""
    found = _goal(key, figures)
    if found is None:
        return None
    how, goal, _ = found
    value = figures[key]
    return {AT_MOST: value <= goal, AT_LEAST: value >= goal, EXACTLY: value == goal}[how]


def _goal(key: str, figures: Figures) -> tuple[str, float, str] | None:
    """Return how a figure compares with what number, and that as words; None without a goal."""
    if key in GOALS:
        how, goal = GOALS[key]
        return how, goal, f"{how} {goal:,g}"
    how, times, other = RELATIVE.get(key, ("", 0.0, ""))
    if other not in figures:
        return None
    goal = times * figures[other]
    return how, goal, f"{how} {goal:,.0f} ({times:g} × {other})"


def table(figures: Figures, notes: Iterable[str] = ()) -> Table:
    """Return the figures beside their goals."""
    shown = Table(title="bench", caption="\n".join(notes))
    for head in ("figure", "result", "goal", ""):
        shown.add_column(head, justify="right" if head in {"result", "goal"} else "left")
    for key, value in figures.items():
        found = _goal(key, figures)
        verdict = {None: "", True: "ok", False: "[bold red]missed[/]"}[met(key, figures)]
        shown.add_row(key, f"{value:,.4g}", found[2] if found else "", verdict)
    return shown


async def main(wanted: list[str]) -> int:
    """Run what is wanted, or everything; return 1 when a goal is missed."""
    console = Console()
    figures: dict[str, float] = {}
    notes: dict[str, None] = {}
    for name, bench in benches().items():
        if wanted and not any(each in name for each in wanted):
            continue
        begun = time.monotonic()
        figures |= await bench()
        notes |= dict.fromkeys(_notes(bench))
        console.print(f"{name}: {time.monotonic() - begun:.0f} s")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    console.print(table(figures, notes))
    return 0 if all(met(key, figures) is not False for key in figures) else 1


def _notes(bench: Bench) -> tuple[str, ...]:
    note = getattr(sys.modules[bench.__module__], "NOTE", "")
    return (note,) if note else ()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
