"""Times the present is compared with, and lengths, histories and lists that are none."""

from datetime import timedelta

import pytest

from bot.agents.understanding import understand
from bot.domain.conversation import AgentName, Intent, ThreadView, Topic

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TIMES = {
    "어제 이 시간이랑 비교해줘": DAY,
    "어제랑 비교": DAY,
    "어제보다 높아?": DAY,
    "어제 이맘때는 몇 프로였어?": DAY,
    "그저께랑 차이가 커?": 2 * DAY,
    "이틀 전보다 떨어졌어?": 2 * DAY,
    "지난주 같은 시간 대비 어때?": 7 * DAY,
    "저번 주 이 시간이랑 견주어 봐": 7 * DAY,
    "일주일 전이랑 비교하면?": 7 * DAY,
    "지난달 대비 얼마나 늘었어": 30 * DAY,
    "한 시간 전보다 올랐어?": HOUR,
    "1시간반 전이랑 비교": 1.5 * HOUR,
    "반 시간 전하고 비교해줘": HOUR / 2,
    "30분 전보다 나아졌나요": HOUR / 2,
    "삼십분쯤 전과 비교 부탁드립니다": HOUR / 2,
    "compare with yesterday": DAY,
    "is it higher than an hour ago?": HOUR,
    "are we busier than this time yesterday?": DAY,
    "how does cpu compare with 30 min ago": HOUR / 2,
    "vs last week": 7 * DAY,
    "cpu now vs 3 days ago": 3 * DAY,
    "was it like this the day before yesterday?": 2 * DAY,
    "half an hour ago vs now": HOUR / 2,
}
NONE = {
    "3시간 넘게 도는 잡": Intent.LIST,
    "1시간 전에 시작한 잡 보여줘": Intent.LIST,
    "show jobs started yesterday": Intent.LIST,
    "지난 1시간 CPU 추이": Intent.STATUS,
    "지난주에 이런 장애 있었어?": Intent.HISTORY,
    "have we seen this last week?": Intent.HISTORY,
    "10분 전에 죽인 잡 누가 승인했어": Intent.AUDIT,
    "아까보다 나아졌어?": Intent.COMPARE,
}


@pytest.mark.parametrize(("text", "back"), TIMES.items())
def test_a_named_time_is_compared_with(text: str, back: timedelta) -> None:
    """However it is named; the Infra Engineer answers."""
    reading = understand(text, ThreadView())
    assert (reading.intent, reading.ago) == (Intent.COMPARE, back)
    assert reading.agent is AgentName.INFRA_ENGINEER


@pytest.mark.parametrize(("text", "intent"), NONE.items())
def test_other_questions_with_times_in_them_stay_what_they_are(text: str, intent: Intent) -> None:
    """Lengths, lists, past incidents and the kills of this thread."""
    reading = understand(text, ThreadView())
    assert (reading.intent, reading.ago) == (intent, None)


def test_the_part_asked_about_is_kept() -> None:
    """Nodes are compared node by node."""
    reading = understand("노드별로 어제랑 비교해줘", ThreadView())
    assert reading.topics == (Topic.NODES,)


SPARING = [
    "이 큐에서 줄여도 되는 잡은?",
    "줄일 만한 잡 있어?",
    "종료해도 괜찮은 잡이 뭐야?",
    "죽여도 문제없는 애들 알려줘",
    "which jobs in this queue can we cut?",
    "what can we safely kill here?",
    "any jobs we could spare?",
]
NOT_SPARING = {
    "1번 종료해도 되는 잡이야?": Intent.WHAT_IF,
    "2번 죽여도 돼?": Intent.WHAT_IF,
    "can we kill #1?": Intent.WHAT_IF,
    "줄여도 되는 잡 1번 죽여줘": Intent.KILL,
    "1번 빼고 다 죽여줘": Intent.KILL,
}
LISTED = ThreadView(listed=5)


@pytest.mark.parametrize("text", SPARING)
def test_what_could_be_given_up_is_a_list_and_no_kill(text: str) -> None:
    """A question about any job, not an order about one."""
    reading = understand(text, LISTED)
    assert (reading.intent, reading.query.spare) == (Intent.LIST, True)
    assert reading.selection is None


@pytest.mark.parametrize(("text", "intent"), NOT_SPARING.items())
def test_a_question_or_order_about_certain_rows_is_another_matter(
    text: str, intent: Intent
) -> None:
    """Rows that are pointed at are weighed or proposed, as before."""
    assert understand(text, LISTED).intent is intent


def test_this_queue_is_told_from_a_named_one() -> None:
    """The first is looked for in the thread, the second is taken as said."""
    assert understand("이 큐에서 줄여도 되는 잡은?", LISTED).query.this_queue
    named = understand("etl 큐에서 줄여도 되는 잡은?", LISTED).query
    assert (named.this_queue, named.only is None) == (False, False)
