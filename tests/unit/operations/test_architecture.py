"""The pages that show the way of a question, an alert and a kill name files that are there."""

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
