"""The reader as a whole: language, evidence, guesses, and what a query holds."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.agents.understanding import Reader, lexicon, understand
from bot.domain.conversation import AgentName, Intent, Query, ThreadView, Topic
from bot.domain.language import Language
from bot.domain.selection_resolver import Resolved
from bot.domain.selections import Both, Everything, Field, Having, LongerThan, Measure
from tests.unit.understanding.scene import found, view


def test_the_language_of_the_answer_is_that_of_the_message() -> None:
    """Any Hangul makes it Korean."""
    assert understand("spark 잡 kill", view("L5")).language is Language.KO
    assert understand("kill #1", view("L5")).language is Language.EN


def test_the_deciding_words_are_told() -> None:
    """Evidence names concept and words, for the context line."""
    assert "kill:종료" in understand("1번 종료해줘", view("L5")).evidence


def test_an_unreadable_message_is_unsure() -> None:
    """What the grammar cannot read is left to a second reader."""
    assert not understand("qwv zxplf 뷁뷁", ThreadView()).sure


def test_a_nearer_example_routes_what_the_grammar_cannot_read() -> None:
    """The seam takes any callable that names an agent and how near its example is."""
    reader = Reader(lexicon(), lambda _: (AgentName.ADMIN_GUIDE, 0.9))
    reading = reader.understand("qwv zxplf", ThreadView())
    assert (reading.intent, reading.agent, reading.sure) == (
        Intent.HOW_TO,
        AgentName.ADMIN_GUIDE,
        False,
    )


def test_a_far_example_routes_nothing() -> None:
    """A guess below the threshold is no guess."""
    reader = Reader(lexicon(), lambda _: (AgentName.ADMIN_GUIDE, 0.1))
    assert reader.understand("qwv zxplf", ThreadView()).intent is Intent.OUT_OF_SCOPE


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("메모리 제일 많이 쓰는 잡 3개만", Query(by=Measure.MEMORY, count=3)),
        ("top 10 spark jobs by memory", Query(by=Measure.MEMORY, count=10)),
        ("가장 오래 도는 잡 5개", Query(by=Measure.DURATION, count=5)),
        ("cpu 제일 적게 쓰는 잡 두개", Query(count=2, ascending=True)),
        ("bob이 돌리는 잡 있어?", Query(only=Having(Field.USER, "bob"))),
        ("etl 큐에 뭐 돌고 있어?", Query(only=Having(Field.QUEUE, "etl"))),
        ("list jobs running longer than 2 hours", Query(only=LongerThan(timedelta(hours=2)))),
        ("1시간 30분 넘게 돈 잡", Query(only=LongerThan(timedelta(minutes=90)))),
        ("대기중인 잡 보여줘", Query(waiting=True)),
        (
            "clickstream_v2 잡 보여줘",
            Query(only=Both((Having(Field.ANY, "clickstream_v2"), Everything()))),
        ),
    ],
)
def test_a_list_holds_what_was_asked(text: str, query: Query) -> None:
    """Order, length and conditions come from the words."""
    reading = understand(text, view("none"))
    assert (reading.intent, reading.query) == (Intent.LIST, query)


def test_a_status_names_its_topics_once() -> None:
    """Topics come in the order said."""
    reading = understand("메모리랑 디스크, 메모리 상태는?", view("none"))
    assert reading.topics == (Topic.MEMORY, Topic.DISK)


def test_a_web_search_is_marked() -> None:
    """Only a wish for the internet leaves the house."""
    assert understand("인터넷에서 spark skew 해결 방법 찾아줘", view("none")).web
    assert not understand("spark skew 해결 방법", view("none")).web


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("상위 2개 죽여줘", "no_listing"),
        ("kill the last one", "no_listing"),
    ],
)
def test_ranks_without_a_list_are_asked_about(text: str, question: str) -> None:
    """Nothing was shown, so no rank can be meant."""
    reading = understand(text, view("none"))
    assert (reading.intent, reading.question) == (Intent.CLARIFY, question)


def test_two_requests_at_once_are_asked_about() -> None:
    """A list and a kill in one breath: the numbers could be of either."""
    reading = understand("상위 3개 보여주고 1번 죽여줘", view("L5"))
    assert (reading.intent, reading.question) == (Intent.CLARIFY, "two_requests")


@pytest.mark.parametrize(
    ("text", "ranks"),
    [
        ("2번은 빼줘", {1}),
        ("leave #2 out", {1}),
        ("remove #1 from the card", {2}),
        ("2번은 살려줘", {1}),
        ("add #3", {1, 2, 3}),
        ("3번도 추가해줘", {1, 2, 3}),
        ("5번은 빼줘", None),
        ("remove #2", None),
        ("3번도 죽여줘", None),
        ("2번 빼고 다 죽여", None),
    ],
)
def test_an_open_card_is_changed_by_a_row(text: str, ranks: set[int] | None) -> None:
    """With ranks 1 and 2 on the card, a row is added or left out; what may mean either is asked."""
    seen = view("P")
    reading = understand(text, seen)
    if ranks is None:
        assert reading.intent is Intent.CLARIFY
        return
    assert reading.selection is not None
    rows = found(reading.selection, "P")
    assert isinstance(rows, Resolved)
    assert {row.rank for row in rows.rows} == ranks
    assert understand(text, replace(seen, on_card=())).intent is Intent.CLARIFY
