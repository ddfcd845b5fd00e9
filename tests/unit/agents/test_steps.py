"""A number beside "step" means a step of the guide that was shown, and no job."""

import pytest

from bot.agents.memory import step_meant, steps_shown
from bot.domain.answers import Bullets, Extract, Span, plain

STEPS = ("measure again", "look at the nodes", "find the heaviest jobs")
SHOWN = Extract(
    "High CPU",
    "high-cpu.md",
    (plain("First:"), Bullets(tuple((Span(each),) for each in STEPS), numbered=True)),
)


def test_the_steps_of_the_longest_numbered_list_are_kept() -> None:
    short = Extract("Other", "x.md", (Bullets(((Span("one"),),), numbered=True),))
    assert steps_shown([plain("…"), short, SHOWN]) == list(STEPS)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("3번 단계 자세히", STEPS[2]),
        ("exact command for step 2?", STEPS[1]),
        ("the 1st point again", STEPS[0]),
        ("3번 자세히", None),
        ("step 9?", None),
    ],
)
def test_a_step_is_meant_by_its_number(text: str, step: str | None) -> None:
    assert step_meant(text, STEPS) == step
