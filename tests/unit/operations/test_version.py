"""A version that nobody can tell ends nothing."""

import subprocess
import sys
from pathlib import Path

from bot import UNKNOWN, own_version

ROOT = Path(__file__).parents[3]


def test_a_tree_nobody_installed_has_an_unknown_version() -> None:
    """Read by an interpreter that sees no installed package."""
    asked = "from bot import own_version; print(own_version())"
    told = subprocess.run(
        [sys.executable, "-S", "-c", asked],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert told.stdout.strip() == UNKNOWN
    assert own_version() != UNKNOWN
