"""What people type, said through the socket, is understood; no card ever holds a wrong target."""

from pathlib import Path

from tests.flow.utterances import read, score, table
from tests.flow.world import EVALS


async def test_the_development_utterances_are_understood(tmp_path: Path) -> None:
    """At least 98 % by intent and agent, exact targets or a question, and no wrong card at all."""
    scores = await score(read(EVALS / "utterances.dev.jsonl"), tmp_path)
    print(table(scores))  # noqa: T201 - shown by pytest -s, and with a failure
    assert not [each.line() for each in scores if each.wrong_target]
    assert not [each.line() for each in scores if not each.on_target]
    assert sum(each.understood for each in scores) >= 0.98 * len(scores)
