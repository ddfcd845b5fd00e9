"""`python -m tests.mutate` asks if tests see what is off; `--only` plays again what is named.

A seeded sample of mutants of the kill path. Each is imported in place of its module by a fresh
process that runs the tests which reach the changed line, the quickest first, until one fails;
one that no test sees has survived. Exit code 1 when more than one in twenty did.
"""

import argparse
import multiprocessing
import random
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.mutate.mutants import Mutant, count_mutants, mutant_of
from tests.mutate.play import PRELOADED, Played, play, record

MUTATED = tuple(
    Path("bot", *name.split("/")).with_suffix(".py")
    for name in (
        *(f"approvals/{name}" for name in ("desk", "execution", "model", "policy")),
        *("handlers/dispatcher", "storage/audit", "storage/messages"),
        "storage/proposals",
    )
)
TESTS = (
    *("tests/unit/approvals", "tests/unit/handlers/test_slack_clicks.py"),
    *("tests/unit/handlers/test_missed_events.py", "tests/unit/handlers/test_slack_parsing.py"),
    *("tests/unit/handlers/test_dispatcher.py", "tests/unit/operations/test_log_ids.py"),
    *("tests/contract/test_storage_desk.py", "tests/contract/test_storage_messages.py"),
    *("tests/flow/test_slack_clicks.py", "tests/flow/test_choosing.py"),
    "tests/flow/test_slack_delivery.py",
    *("tests/flow/test_api_decisions.py", "tests/flow/test_split.py"),
    *("tests/unit/handlers/test_slack_choosing.py", "tests/unit/handlers/test_slack_shortcuts.py"),
)
MOST_SURVIVORS = 0.05
EACH = 10  # mutants, after which it tells how far it is


def main() -> int:
    """Play the sample; print who survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutate")
    parser.add_argument("--number", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", nargs="+", default=[""], metavar="TEXT")
    arguments = parser.parse_args()
    everything = [(path, number) for path in MUTATED for number in range(count_mutants(path))]
    chosen = random.Random(arguments.seed).sample(
        everything, min(arguments.number, len(everything))
    )
    named = (mutant_of(path, number) for path, number in chosen)
    sample = [each for each in named if any(text in each.name for text in arguments.only)]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    with ProcessPoolExecutor(arguments.workers, context, max_tasks_per_child=1) as pool:
        survived = _played(pool, sample, len(everything))
    return int(survived > MOST_SURVIVORS * len(sample))


def _played(pool: ProcessPoolExecutor, sample: Sequence[Mutant], total: int) -> int:
    """Play mutants side by side, print each survivor and how far it is; return how many."""
    begun, survived = time.monotonic(), 0
    known = pool.submit(record, MUTATED, TESTS).result()
    chosen = [_reaching(mutant, known) for mutant in sample]
    seen = pool.map(play, sample, chosen)
    for number, (mutant, test) in enumerate(zip(sample, seen, strict=True), start=1):
        survived += not test
        _say(f"{mutant.name}: {test}" if test else f"survived: {mutant.name}")
        if number % EACH == 0 or number == len(sample):
            minutes = (time.monotonic() - begun) / 60
            _say(
                f"{number} of {len(sample)} mutants (of {total} there are), {survived} survived, {minutes:.0f} min"
            )
    return survived


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command talks


def _reaching(mutant: Mutant, known: Sequence[Played]) -> tuple[str, ...]:
    """Return the tests that reach a changed line; all of the module's for one outside functions."""
    path = mutant.path.as_posix()
    those = [each.test for each in known if mutant.line in each.lines.get(path, set())]
    return tuple(those or (each.test for each in known if path in each.lines))


if __name__ == "__main__":
    sys.exit(main())
