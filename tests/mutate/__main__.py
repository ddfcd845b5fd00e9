"""`python -m tests.mutate [--number N] [--seed S] [--workers W]` asks if tests see what is off.

A seeded sample of mutants of the kill path. Each is imported in place of its module by a fresh
process that runs the quick tests of that part and stops at the first failure; one that no test
sees has survived. Exit code 1 when more than one in twenty did.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutate.mutants import Mutant, mutants_of

ROOT = Path(__file__).parents[2]
DESK = tuple(
    f"tests/unit/approvals/test_{name}.py"
    for name in ("guards", "desk", "clocks", "who_may_decide", "drift_and_limits")
)
MESSAGES = (
    "tests/contract/test_storage_messages.py",
    "tests/unit/handlers",
    "tests/flow/test_slack_clicks.py",
)
STORED = (
    *DESK,
    "tests/contract/test_storage_desk.py",
    "tests/contract/test_storage_messages.py",
)
# What is mutated, and the tests that must see it.
PARTS: dict[str, tuple[str, ...]] = {
    "bot/approvals/approvers.py": DESK,
    "bot/approvals/desk.py": DESK,
    "bot/approvals/execution.py": DESK,
    "bot/approvals/model.py": DESK,
    "bot/approvals/policy.py": DESK,
    "bot/approvals/proof.py": DESK,
    "bot/handlers/intake.py": MESSAGES,
    "bot/storage/desk_row.py": STORED,
    "bot/storage/inbox.py": MESSAGES,
    "bot/storage/proposal_rows.py": STORED,
    "bot/storage/proposals.py": STORED,
}
MOST_SURVIVORS = 0.05
EACH = 10  # mutants, after which it tells how far it is
LONGEST_S = 1800  # a mutant that waits for ever is seen, by the time limit of a test before


def main() -> int:
    """Play the sample; print who survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutate")
    parser.add_argument("--number", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    everything = [each for path in PARTS for each in mutants_of(Path(path))]
    sample = random.Random(arguments.seed).sample(
        everything, min(arguments.number, len(everything))
    )
    survived = _played(sample, arguments.workers, len(everything))
    return int(survived > MOST_SURVIVORS * len(sample))


def _played(sample: Sequence[Mutant], workers: int, total: int) -> int:
    """Play mutants side by side, print each survivor and how far it is; return how many."""
    begun, survived = time.monotonic(), 0
    with ThreadPoolExecutor(workers) as pool:
        for number, (mutant, seen) in enumerate(
            zip(sample, pool.map(_seen, sample), strict=True), start=1
        ):
            survived += not seen
            if not seen:
                print(f"survived: {mutant.name}", flush=True)  # noqa: T201 - a command talks
            if number % EACH == 0 or number == len(sample):
                minutes = (time.monotonic() - begun) / 60
                line = f"{number} of {total} mutants, {survived} survived, {minutes:.0f} min"
                print(line, flush=True)  # noqa: T201
    return survived


def _seen(mutant: Mutant) -> bool:
    """Tell whether a test fails with the mutant in its module's place."""
    with tempfile.TemporaryDirectory() as folder:
        changed = Path(folder) / "changed.py"
        changed.write_text(mutant.source, encoding="utf-8")
        command = (
            *(sys.executable, "-m", "tests.mutate.one"),
            *(mutant.path.with_suffix("").as_posix().replace("/", "."), str(changed)),
            *PARTS[mutant.path.as_posix()],
        )
        try:
            ended = subprocess.run(
                command, cwd=ROOT, capture_output=True, timeout=LONGEST_S, check=False
            )
        except subprocess.TimeoutExpired:
            return True
    return ended.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
