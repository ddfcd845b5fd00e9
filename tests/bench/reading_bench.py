"""What reading one message costs, once the reader is in memory."""

import asyncio
import json
import statistics
from time import thread_time

from bot.agents.reading.labelled import view_of
from bot.wiring import load_reader
from tests.evals.platform import DATA

WARM_UP = 20
SETS = ("blind.talk.ko.jsonl", "blind.talk.en.jsonl")
NOTE = (
    "reading: CPU time of every row of the first blind set, read once in its thread; no I/O in it."
)


async def bench() -> dict[str, float]:
    """Read every row of the blind set and return the median and the 95th percentile, in ms."""
    reader = await asyncio.to_thread(load_reader)
    lines = [line for name in SETS for line in (DATA / name).read_text("utf-8").splitlines()]
    taken: list[float] = []
    for row in map(json.loads, [*lines[:WARM_UP], *lines]):
        begun = thread_time()
        reader.understand(row["text"], view_of(row["context"]))
        taken.append((thread_time() - begun) * 1000)
    return {
        "reading_p50_ms": statistics.median(taken[WARM_UP:]),
        "reading_p95_ms": statistics.quantiles(taken[WARM_UP:], n=20)[-1],
    }
