"""What people type, said through the socket, is understood; no card ever holds a wrong target."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.flow.utterances import Score, read, score, table
from tests.flow.world import EVALS

UNDERSTOOD = 0.95


def _check(scores: Sequence[Score]) -> None:
    print(table(scores))  # noqa: T201 - shown by pytest -s, and with a failure
    assert not [each.line() for each in scores if each.wrong_target]
    assert not [each.line() for each in scores if not each.on_target]
    assert sum(each.understood for each in scores) >= UNDERSTOOD * len(scores)


async def test_the_development_utterances_are_understood(tmp_path: Path) -> None:
    """At least 98 % by intent and agent, exact targets or a question, and no wrong card at all."""
    _check(await score(read(EVALS / "utterances.dev.jsonl"), tmp_path))


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_our_own_utterances_are_understood(tmp_path: Path) -> None:
    """The project's own, larger set, by the same measure."""
    _check(await score(read(EVALS / "utterances.jsonl"), tmp_path))
