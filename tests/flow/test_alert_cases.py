"""Alert posts and talk as they arrive, against the whole product; `tests/evals/data/alerts`."""

import json
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from tests.evals.alert_cases import channels, load, play
from tests.flow.world import small_platform, world

Json = dict[str, Any]


def _setting(case: Json) -> str:
    """Return what sets a case apart from others: they are played together else."""
    alone = case["name"] if any("fails" in step for step in case["steps"]) else ""
    return json.dumps([case.get("settings", {}), alone])


CASES = sorted(load(), key=_setting)
GROUPS = [list(group) for _, group in groupby(CASES, _setting)]


@pytest.mark.parametrize("cases", GROUPS, ids=[group[0]["name"] for group in GROUPS])
async def test_what_is_posted_under_alerts_is_what_their_readers_expect(
    cases: list[Json], tmp_path: Path
) -> None:
    """Answered once, closed once, of the right subject, and silent where nothing is asked."""
    own = {name.lower(): value for name, value in cases[0].get("settings", {}).items()}
    listed = ",".join(channels(len(cases)))
    plain = small_platform()
    named = replace(plain, nodes=replace(plain.nodes, name="node-{number}"))
    async with world(tmp_path, named, alert_channels=listed, **own) as at, at.product():
        wrong = await play(at, cases)
    assert {name: found for name, found in wrong.items() if found} == {}
