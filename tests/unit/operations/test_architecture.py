"""Pages that name files and tests of ours name what is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = ("docs/architecture.md", "docs/ko/architecture.md")
NAMED = re.compile(r"`(bot/[\w/]+\.py)`")
ROWS = re.compile(r"^\|.*`bot/.*\|$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_every_named_file_is_there(page: str) -> None:
    """A file that moved is named where it went."""
    named = NAMED.findall((ROOT / page).read_text(encoding="utf-8"))
    assert [each for each in named if not (ROOT / each).is_file()] == []


def test_both_languages_name_the_same_files_step_by_step() -> None:
    """In the same order, for every step of the three ways."""
    steps = [
        [NAMED.findall(row) for row in ROWS.findall((ROOT / page).read_text(encoding="utf-8"))]
        for page in PAGES
    ]
    assert steps[0] == steps[1]
    assert len(steps[0]) > 20


def test_every_test_that_reliability_names_is_there() -> None:
    """A test that was renamed is named as it is called now."""
    tests = (each.read_text(encoding="utf-8") for each in (ROOT / "tests").rglob("test_*.py"))
    there = {name for text in tests for name in re.findall(r"def (test_\w+)", text)}
    page = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
    assert sorted(set(re.findall(r"`(test_\w+)`", page)) - there) == []
