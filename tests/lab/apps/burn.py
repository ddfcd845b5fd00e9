"""A Spark application that keeps Python workers busy: burn.py NAME SECONDS TASKS BUSY.

BUSY is the part of the time each task computes, 0 to 1; with 0 it only holds what it was given.
Runs inside the lab's own environment, which knows nothing of the product.
"""

import sys
import time
from collections.abc import Iterable, Iterator

from pyspark.sql import SparkSession  # type: ignore[import-not-found]  # the lab's environment

NAME, SECONDS, TASKS, BUSY = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
SLICE = 0.05  # seconds of CPU between two rests


def burn(
    _: Iterable[int], until: float = time.time() + SECONDS, busy: float = BUSY
) -> Iterator[int]:
    """Compute for `busy` of the time until the end.

    A rest is as long as the turn on the CPU took by the clock: one that waited for the CPU rests
    longer, so that a busy machine does not make a light application as heavy as another.
    """
    count = 0
    while time.time() < until:
        begun, since = time.thread_time(), time.monotonic()
        while busy and time.thread_time() - begun < SLICE:
            count = (count * 31 + 7) % 1_000_003
        if busy < 1:
            turn = time.monotonic() - since
            time.sleep(turn / busy - turn if busy else 1.0)
    yield count


def main() -> None:
    """Run one stage of endless tasks."""
    session = SparkSession.builder.appName(NAME).getOrCreate()
    session.sparkContext.setLogLevel("WARN")
    session.sparkContext.parallelize(range(TASKS), TASKS).mapPartitions(burn).sum()
    session.stop()


if __name__ == "__main__":
    main()
