"""A model's reading of a message: typed, symbolic, and only what the message says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.agents.model.endpoint import strict_schema
from bot.agents.model.llm_reader import Reading, Thread, reading_prompt, understood
from bot.agents.model.port import ModelFailure, Reply
from bot.domain.applications import ApplicationRef
from bot.domain.conversation import (
    DraftKind,
    Intent,
    ListingRow,
    Need,
    Query,
    ThreadView,
    Topic,
    Turn,
    Understanding,
    WatchFor,
    WatchKind,
    Wish,
)
from bot.domain.language import Language
from bot.domain.selections import (
    Both,
    Bottom,
    Either,
    Everything,
    Exactly,
    Field,
    Having,
    Holding,
    LongerThan,
    Measure,
    Ranks,
    Top,
    Without,
)
from bot.texts.figures import GIB
from tests.evals.platform import platform_scene
from tests.evals.world import World
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
    ("3번 빼고 다", {"everything": True, "without": ["3"]}, Without(Everything(), Ranks((3,)))),
    ("나머지 다, 3번 빼고", {"without": ["3"]}, Without(Everything(), Ranks((3,)))),
    ("over two hours", {"limits": ["minutes>120"]}, LongerThan(timedelta(hours=2))),
    ("20코어 이상", {"limits": ["cores>=20"]}, Holding(Measure.CPU, 20.0)),
    (
        "둘 중 큰 거",
        {"ranks": [1, 2], "top": 1, "by": "cpu"},
        Both((Ranks((1, 2)), Top(1, Measure.CPU))),
    ),
    ("캐롤 거", {"words": ["캐롤"]}, Having(Field.USER, "carol")),
]


ROW = ListingRow(
    1,
    ApplicationRef("prod", "yarn", "app_1"),
    1,
    "ml_train_ctr",
    "carol",
    "root.ml",
    None,
    20.0,
    None,
    "cpu",
)
VIEW = ThreadView(listed=1, rows=(ROW,))


def read(text: str, **said: Any) -> Understanding | None:
    return understood(Reading.model_validate(said), text, VIEW)


@pytest.mark.parametrize(("text", "said", "selection"), CASES)
def test_a_reading_becomes_a_symbolic_selection(
    text: str, said: dict[str, Any], selection: object
) -> None:
    reading = read(text, intent="kill", **said)
    assert reading is not None
    assert (reading.intent, reading.selection) == (Intent.KILL, selection)


def test_a_word_the_message_does_not_say_makes_no_order() -> None:
    assert read("1번 죽여줘", intent="kill", words=["application_1763776800000_0031"]) is None
    assert read("다 죽여줘", intent="kill", everything=True, without=["carol"]) is None


def test_a_question_may_name_what_the_thread_speaks_of() -> None:
    reading = read("그건 왜?", intent="what_if", words=["carol"])
    assert reading is not None
    assert reading.selection == Having(Field.ANY, "carol")
    listed = read("그 팀 잡은?", intent="list", words=["nobody"])
    assert listed is not None
    assert (listed.query.only, listed.unapplied) == (None, ("nobody",))


def test_a_kill_of_nothing_is_a_question() -> None:
    reading = read("죽여줘", intent="kill")
    assert reading is not None
    assert reading.intent is Intent.CLARIFY


def test_requests_stay_in_order_and_a_later_kill_is_only_shown() -> None:
    said = [{"intent": "status"}, {"intent": "kill", "ranks": [1]}, {"intent": "audit"}]
    reading = read("현황 보고 1번 죽이고 누가 승인하는지", requests=said)
    assert reading is not None
    asked, audit = reading.also
    assert (reading.intent, asked.intent, audit.intent) == (
        Intent.STATUS,
        Intent.CLARIFY,
        Intent.AUDIT,
    )
    assert asked.readings[0].selection == Ranks((1,))


DETAILS: list[tuple[dict[str, Any], str, object]] = [
    (
        {"intent": "capacity", "limits": ["cores>=40", "memory>=2"], "words": ["ml"]},
        "need",
        Need(40.0, 2 * GIB, "root.ml"),
    ),
    (
        {"intent": "watch", "kind": "cpu_below", "limits": ["percent<70"]},
        "watch",
        WatchFor(WatchKind.CPU_BELOW, 70.0),
    ),
    ({"intent": "draft", "kind": "handover"}, "draft", DraftKind.HANDOVER),
    ({"intent": "unsupported", "kind": "restart"}, "wish", Wish.RESTART),
    ({"intent": "unsupported", "kind": "dance"}, "wish", Wish.OTHER),
    ({"intent": "compare", "hours_back": 24}, "ago", timedelta(hours=24)),
    ({"intent": "how_to", "about": "step 3 in detail"}, "about", "step 3 in detail"),
    ({"intent": "status", "words": ["memory"]}, "topics", (Topic.MEMORY,)),
    (
        {"intent": "list", "rest": True, "limits": ["minutes<10"], "total": "user"},
        "query",
        Query(
            count=20,
            only=LongerThan(timedelta(minutes=10), shorter=True),
            after=1,
            per=Field.USER,
        ),
    ),
]


@pytest.mark.parametrize(("said", "name", "value"), DETAILS)
def test_each_intent_has_its_details(said: dict[str, Any], name: str, value: object) -> None:
    reading = read("ml 큐에 40코어 자리 있어?", **said)
    assert getattr(reading, name) == value


def test_the_schema_is_strict() -> None:
    spec = {"name": "reading", "strict": True, "schema": strict_schema(Reading)}
    body = {"messages": [], "response_format": {"type": "json_schema", "json_schema": spec}}
    assert not loose(body)


def test_a_prompt_holds_the_last_six_messages_only() -> None:
    messages = [{"by": "person", "text": f"message {number}"} for number in range(20)]
    turn = Turn(
        "t", "T", "C", "1.0", "1.1", "U", "kill it", Language.EN, datetime(2026, 5, 4, tzinfo=UTC)
    )
    prompt = reading_prompt(turn, Thread(messages, None, ThreadView(), (2, 1)))
    assert "message 14" in prompt.user
    assert "message 13" not in prompt.user
    assert "Spoken of last, by number: 2, 1." in prompt.user


class Says:
    """A model in memory that reads every message so, and writes nothing."""

    def __init__(self, **request: Any) -> None:
        self.reading = Reading.model_validate({"requests": [request]})

    async def fill(self, *_: Any) -> Reply[Any]:
        return Reply(self.reading)

    async def write(self, *_: Any) -> Reply[str]:
        return Reply(None, ModelFailure.REFUSAL)

    async def research(self, *_: Any) -> Reply[str]:
        return Reply(None, ModelFailure.REFUSAL)

    async def close(self) -> None: ...


@pytest.mark.parametrize(
    ("request_", "cards"),
    [
        ({"intent": "kill", "words": ["the", "clickstream join"]}, 1),  # loosely named
        ({"intent": "status"}, 0),
    ],
)
async def test_an_order_stands_unless_the_model_means_something_else(
    request_: dict[str, Any], cards: int
) -> None:
    """The grammar accounts for every word; the model may only object."""
    world = World(platform_scene()).with_model(Says(**request_))
    await world.ask("please kill bob's clickstream join")
    assert len(world.proposals.made) == cards
