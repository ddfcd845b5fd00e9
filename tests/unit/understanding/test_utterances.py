"""The development utterances and our own, read and resolved against the platform they name."""

import json
import time

import pytest

from bot.agents.understanding import lexicon, understand
from bot.domain.conversation import Intent
from tests.unit.understanding.scene import DATA, cases, judge, view

SETS = ("utterances.dev.jsonl", "utterances.jsonl", "utterances.twin.jsonl")


@pytest.mark.parametrize("name", SETS)
def test_at_least_98_percent_are_right(name: str) -> None:
    """Intent, route and targets are right for 98 in 100, in each set."""
    verdicts = [judge(case) for case in cases(name)]
    missed = [verdict.told for verdict in verdicts if not verdict.right]
    assert len(missed) <= len(verdicts) * 0.02, "\n".join(missed)


@pytest.mark.parametrize("name", SETS)
def test_no_card_shows_a_wrong_target(name: str) -> None:
    """Not one kill names another set of applications, or comes where none belongs."""
    assert [v.told for v in map(judge, cases(name)) if v.wrong_card] == []


def test_our_own_set_is_large_and_mixed() -> None:
    """At least 260 utterances of our own, in both languages, with unique ids and texts."""
    ours = cases("utterances.jsonl")
    assert len(ours) >= 260
    assert len({case["id"] for case in ours}) == len(ours)
    assert len({(case["context"], case["text"]) for case in ours}) == len(ours)
    korean = sum(case["lang"] == "ko" for case in ours)
    assert 0.3 < korean / len(ours) < 0.7


@pytest.mark.parametrize("context", ["none", "L5", "P", "K"])
def test_injected_text_is_no_kill(context: str) -> None:
    """Hostile messages never become a kill, whatever the thread holds."""
    lines = (DATA / "injected_messages.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        case = json.loads(line)
        reading = understand(case["text"], view(context))
        assert reading.intent.value in case["allowed"][context == "P"], (line, reading)
        assert reading.intent is not Intent.KILL


def test_a_message_is_read_within_two_milliseconds() -> None:
    """The middle of all utterances takes less than 2 ms; the lexicon is loaded beforehand."""
    lexicon()
    taken = []
    for case in cases("utterances.jsonl"):
        seen = view(case["context"])
        start = time.process_time()
        understand(case["text"], seen)
        taken.append(time.process_time() - start)
    assert sorted(taken)[len(taken) // 2] < 0.002
