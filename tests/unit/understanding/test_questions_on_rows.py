"""Questions on rows, machines and error messages are read as what they ask, in both languages."""

import pytest

from bot.agents.understanding import understand
from bot.domain.conversation import Intent, ThreadView, Topic
from bot.domain.selections import Field, Having, Pronoun, Ranks

VIEW = ThreadView(
    listed=5,
    names=frozenset({"adhoc_join", "daily_features"}),
    users=frozenset({"bob", "alice"}),
    queues=frozenset({"etl", "ml"}),
    nodes=frozenset({"worker-03", "worker-03.example.com"}),
)


@pytest.mark.parametrize(
    ("text", "ranks"),
    [
        ("두번째꺼 메모리 얼마나 먹어?", (2,)),
        ("세번째거 큐가 뭐야", (3,)),
        ("2번 메모리 몇 기가야", (2,)),
        ("2번 컨테이너 몇개", (2,)),
        ("1번이랑 3번 비교해줘", (1, 3)),
        ("1번이랑 3번 차이", (1, 3)),
        ("how much memory does the second one use", (2,)),
        ("which queue is number 3 in", (3,)),
        ("how many executors does #2 have", (2,)),
        ("compare 1 and 2", (1, 2)),
        ("compare #1 with #3", (1, 3)),
    ],
)
def test_what_is_asked_of_a_row_does_not_change_which_row(
    text: str, ranks: tuple[int, ...]
) -> None:
    reading = understand(text, VIEW)
    assert (reading.intent, reading.selection) == (Intent.DETAIL, Ranks(ranks))


@pytest.mark.parametrize(
    "text", ["메모리 두번째로 많이 쓰는 잡 뭐야", "who runs the second most by memory"]
)
def test_a_place_in_another_order_is_not_a_row(text: str) -> None:
    assert not isinstance(understand(text, VIEW).selection, Ranks)


@pytest.mark.parametrize(
    "text",
    [
        "노드 하나 죽었어?",
        "죽은 노드 있어?",
        "worker-03 상태 어때",
        "how is worker-03 doing",
        "is a node down?",
    ],
)
def test_machines_are_a_matter_of_the_cluster(text: str) -> None:
    reading = understand(text, VIEW)
    assert (reading.intent, reading.topics) == (Intent.STATUS, (Topic.NODES,))


@pytest.mark.parametrize(
    "text",
    [
        "executor lost 왜 나?",
        "why do executors get lost",
        "container killed by yarn for exceeding memory limits",
        "java.lang.OutOfMemoryError: GC overhead limit exceeded",
        "Container exited with a non-zero exit code 137",
        "ERROR TaskSchedulerImpl: Lost executor 3 on worker-02",
        "java.io.IOException: No space left on device",
        "org.apache.spark.shuffle.FetchFailedException 뜨는데",
    ],
)
def test_a_pasted_error_message_asks_what_to_do_about_it(text: str) -> None:
    assert understand(text, VIEW).intent is Intent.HOW_TO


def test_an_error_beside_an_order_does_not_hide_the_order() -> None:
    assert understand("OutOfMemoryError 나니까 2번 죽여줘", VIEW).intent is Intent.CLARIFY


@pytest.mark.parametrize("text", ["only etl queue", "etl 큐만"])
def test_without_a_card_an_attribute_narrows_the_list(text: str) -> None:
    reading = understand(text, VIEW)
    assert reading.intent is Intent.LIST
    assert reading.query.only == Having(Field.QUEUE, "etl")


@pytest.mark.parametrize("text", ["그거 언제 시작했어", "when did it start"])
def test_it_means_what_was_just_shown_and_nothing_otherwise(text: str) -> None:
    shown = ThreadView(listed=5, looked_at=True)
    assert understand(text, shown).selection == Pronoun()
    assert understand(text, ThreadView(listed=5)).intent is Intent.CLARIFY


@pytest.mark.parametrize(
    "text",
    ["뭐 죽이면 좋을까?", "뭘 죽여야 해?", "what should I kill?", "is it safe to kill anything"],
)
def test_whoever_asks_what_to_kill_gets_a_list_and_no_card(text: str) -> None:
    reading = understand(text, VIEW)
    assert reading.intent is Intent.LIST
    assert reading.query.spare


@pytest.mark.parametrize("text", ["그거 죽여줘", "kill it"])
def test_a_kill_of_it_is_asked_about_even_then(text: str) -> None:
    assert understand(text, ThreadView(listed=5, looked_at=True)).intent is Intent.CLARIFY


@pytest.mark.parametrize(
    "text",
    [
        "승인 누가 할 수 있어?",
        "승인 안하면 어떻게 돼?",
        "카드 언제 만료돼?",
        "who can approve",
        "what happens if nobody approves",
        "what have you killed so far",
    ],
)
def test_questions_on_deciding_show_the_decisions(text: str) -> None:
    assert understand(text, VIEW).intent is Intent.AUDIT


@pytest.mark.parametrize(
    "text",
    [
        "알람 꺼줘",
        "노드 재시작해줘",
        "yarn 큐 용량 늘려줘",
        "재실행해줘",
        "mute the alert",
        "can you bring it back",
    ],
)
def test_what_only_people_can_do_is_looked_up(text: str) -> None:
    assert understand(text, VIEW).intent is Intent.HOW_TO


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("alice 잡은 왜 그렇게 많이 써?", Field.USER, "alice"),
        ("왜 daily_features는 못 죽여?", Field.NAME, "daily_features"),
        ("why can't I kill daily_features", Field.NAME, "daily_features"),
    ],
)
def test_why_of_a_job_is_asked_of_that_job(text: str, field: Field, value: str) -> None:
    reading = understand(text, VIEW)
    assert (reading.intent, reading.selection) == (Intent.DETAIL, Having(field, value))


@pytest.mark.parametrize("text", ["CPU 추이 보여줘", "show me a graph", "trend for the last hour"])
def test_a_course_over_time_is_of_the_cluster(text: str) -> None:
    assert understand(text, VIEW).intent is Intent.STATUS


@pytest.mark.parametrize("text", ["이거 심각해?", "how bad is it", "tldr"])
def test_how_bad_it_is_gets_a_diagnosis(text: str) -> None:
    assert understand(text, VIEW).intent is Intent.DIAGNOSE


@pytest.mark.parametrize(
    "text",
    [
        "지금 울리는 알람 있어?",
        "알람 뭐 떠있어?",
        "알람 언제 울렸어?",
        "무음 알람 보여줘",
        "what alerts are active",
        "which alerts are silenced?",
        "any alerts firing?",
    ],
)
def test_questions_on_alerts_are_answered_by_the_alerts(text: str) -> None:
    reading = understand(text, VIEW)
    assert (reading.intent, reading.topics) == (Intent.STATUS, (Topic.ALERTS,))


@pytest.mark.parametrize(
    "text", ["알람이 울리면 어떻게 해?", "알람 왜 울렸어?", "전에도 이런 알람 있었어?"]
)
def test_what_an_alert_means_is_another_question(text: str) -> None:
    assert Topic.ALERTS not in understand(text, VIEW).topics
