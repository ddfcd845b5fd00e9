"""When a fetch of the lab is tried again, and which failures tell that a registry is away."""

import sys
from pathlib import Path

import pytest

from tests.lab.expectations import LabError
from tests.lab.fetching import TRIES, UnreachableError, fetch

AWAY = (
    "W: Failed to fetch http://debian/x  Temporary failure resolving 'debian'",
    "Could not transfer artifact org.x:y:pom:1 from/to central: Connect to host failed",
    "WARNING: Retrying after connection broken by 'NewConnectionError(...)'",
    "ERROR: HTTPSConnectionPool(host='x'): Read timed out.",
)
DEFINITE = (
    "E: Unable to locate package maven",
    "Could not find artifact org.x:y:jar:1 in central",
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE",
)


def _program(tries: Path, words: str, good_from: int) -> list[str]:
    """Return a command that fails with these words until its so-and-so-many-th run."""
    code = (
        f"import sys, pathlib; p = pathlib.Path({str(tries)!r}); p.open('a').write('x');"
        f"n = len(p.read_text()); n >= {good_from} or sys.exit({words!r})"
    )
    return [sys.executable, "-c", code]


@pytest.mark.parametrize("words", AWAY)
def test_registry_that_is_away_is_asked_three_times(tmp_path: Path, words: str) -> None:
    tries = tmp_path / "tries"
    with pytest.raises(UnreachableError):
        fetch("it", _program(tries, words, 99), pause_s=0)
    assert len(tries.read_text()) == TRIES


@pytest.mark.parametrize("words", DEFINITE)
def test_definite_failure_is_not_tried_again(tmp_path: Path, words: str) -> None:
    tries = tmp_path / "tries"
    with pytest.raises(LabError) as failed:
        fetch("it", _program(tries, words, 99), pause_s=0)
    assert not isinstance(failed.value, UnreachableError)
    assert len(tries.read_text()) == 1


def test_registry_that_comes_back_is_used(tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    fetch("it", _program(tries, AWAY[0], 3), pause_s=0)
    assert len(tries.read_text()) == TRIES
