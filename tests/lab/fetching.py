"""Commands that fetch something from a package registry, tried three times."""

import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.lab.expectations import LabError

TRIES = 3
PAUSE_S = 5.0
TAIL = 1500  # characters
# As apt-get, pip and Maven tell that they could not talk to a registry, or got no proper answer.
_UNREACHABLE = re.compile(
    r"could not (resolve|connect|transfer)|cannot initiate the connection|temporary failure"
    r"|unknown host|timed out|connection (refused|reset|broken|failed)|newconnectionerror"
    r"|network is unreachable|remote end closed|\b50[0234]\b",
    re.IGNORECASE,
)


class UnreachableError(LabError):
    """A package registry could not be reached, three times in a row."""


def said(command: Sequence[str | Path], folder: Path | None = None) -> str:
    """Run a command; return what it said when it failed, and "" when it did not."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    words = f"{done.stdout}\n{done.stderr}".strip() or f"exit code {done.returncode}"
    return words if done.returncode else ""


def fetch(
    what: str,
    command: Sequence[str | Path],
    folder: Path | None = None,
    pause_s: float = PAUSE_S,
) -> None:
    """Run a command that fetches, again when a registry cannot be reached. Raises LabError."""
    for last in (False,) * (TRIES - 1) + (True,):
        words = said(command, folder)
        if not words:
            return
        unreachable = _UNREACHABLE.search(words) is not None
        message = f"{what} cannot be fetched:\n{words[-TAIL:]}"
        if not unreachable:
            raise LabError(message)
        if last:
            raise UnreachableError(message)
        time.sleep(pause_s)
