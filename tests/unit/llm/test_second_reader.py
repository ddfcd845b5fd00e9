"""A model's reading of a message: typed, symbolic, and only what the message says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.agents.model.llm_reader import Thread, reading_prompt
from bot.agents.model.reading import Reading, understood
from bot.agents.model.structured import strict_schema
from bot.domain.conversation import Intent, Turn
from bot.domain.language import Language
from bot.domain.selections import (
    Both,
    Bottom,
    Either,
    Everything,
    Exactly,
    Field,
    Having,
    LongerThan,
    Measure,
    Ranks,
    Top,
    Without,
)
from tests.openai.rules import loose

CASES: list[tuple[str, dict[str, Any], object]] = [
    ("1번 3번 죽여", {"ranks": [1, 3]}, Ranks((1, 3))),
    ("상위 2개", {"top": 2}, Top(2)),
    ("메모리 제일 큰거", {"top": 1, "by": "memory"}, Top(1, Measure.MEMORY)),
    ("last two", {"bottom": 2}, Bottom(2)),
    ("all of them", {"everything": True}, Everything()),
    ("셋 다 죽여", {"everything": True, "count": 3}, Exactly(3)),
    ("bob꺼", {"words": ["bob"]}, Having(Field.ANY, "bob")),
    (
        "alice and bob",
        {"words": ["alice", "bob"]},
        Either((Having(Field.ANY, "alice"), Having(Field.ANY, "bob"))),
    ),
    ("etl 상위 2개", {"words": ["etl"], "top": 2}, Both((Having(Field.ANY, "etl"), Top(2)))),
    ("3번 빼고 다", {"everything": True, "except_ranks": [3]}, Without(Everything(), Ranks((3,)))),
    ("나머지 다, 3번 빼고", {"except_ranks": [3]}, Without(Everything(), Ranks((3,)))),
    ("over two hours", {"longer_minutes": 120}, LongerThan(timedelta(hours=2))),
]


@pytest.mark.parametrize(("text", "said", "selection"), CASES)
def test_a_reading_becomes_a_symbolic_selection(
    text: str, said: dict[str, Any], selection: object
) -> None:
    reading = understood(Reading(intent="kill", **said), text, Language.KO)
    assert reading is not None
    assert (reading.intent, reading.selection) == (Intent.KILL, selection)


def test_a_word_the_message_does_not_say_makes_no_reading() -> None:
    said = Reading(intent="kill", words=["application_1763776800000_0031"])
    assert understood(said, "1번 죽여줘", Language.KO) is None


def test_a_kill_of_nothing_is_a_question() -> None:
    reading = understood(Reading(intent="kill"), "죽여줘", Language.KO)
    assert reading is not None
    assert reading.intent is Intent.CLARIFY


def test_the_schema_is_strict() -> None:
    spec = {"name": "reading", "strict": True, "schema": strict_schema(Reading)}
    body = {"messages": [], "response_format": {"type": "json_schema", "json_schema": spec}}
    assert not loose(body)


def test_a_prompt_holds_the_last_six_messages_only() -> None:
    messages = [{"by": "person", "text": f"message {number}"} for number in range(20)]
    turn = Turn(
        "t", "T", "C", "1.0", "1.1", "U", "kill it", Language.EN, datetime(2026, 5, 4, tzinfo=UTC)
    )
    prompt = reading_prompt(turn, Thread(messages, None, open_card=False))
    assert "message 14" in prompt.user
    assert "message 13" not in prompt.user
