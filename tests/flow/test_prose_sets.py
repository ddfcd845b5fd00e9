"""The check of a model's sentences does not fall behind what it made of the sets it was built with."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.evals.platform import DATA
from tests.evals.prose import figures, judged

KEPT, FALSE_PASSED, NEVER_PASSED = 0.85, 0.05, 1  # of the development set: shares, and a count
ALL_KEPT, ALL_FALSE_PASSED, ALL_NEVER_PASSED = 0.9, 0.04, 23  # of it and the blind sets, now known


async def measured(sets: Sequence[Path]) -> dict[str, float]:
    return figures([each for found in (await judged(sets)).values() for each in found])


async def test_the_development_set_is_judged_as_well_as_before() -> None:
    found = await measured([DATA / "prose.dev.jsonl"])
    assert min(found["kept_ko"], found["kept_en"]) >= KEPT
    assert found["false_passed"] <= FALSE_PASSED
    assert found["never_passed"] <= NEVER_PASSED


@pytest.mark.long
async def test_the_known_sets_are_judged_as_well_as_before() -> None:
    found = await measured(sorted(DATA.glob("*prose*.jsonl")))
    assert min(found["kept_ko"], found["kept_en"]) >= ALL_KEPT
    assert found["false_passed"] <= ALL_FALSE_PASSED
    assert found["never_passed"] <= ALL_NEVER_PASSED
