"""Who is spoken to: told by the event, and by whoever hears the room."""

import pytest

from bot.handlers.events import Address, Question, Rules
from bot.sandbox.slack.demo import ALERT_CHANNEL, COLLEAGUE, GUEST
from tests.unit.handlers.bench import Bench, bench
from tests.unit.handlers.shapes import Json, from_person, parser

FIRING = {"text": "", "attachments": [{"title": "[FIRING:1] HighCPU lab", "color": "danger"}]}
PIECES = [{"type": "user", "user_id": "U0DANGJIK"}, {"type": "text", "text": " top 3"}]
SAID = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": PIECES}]}]
QUOTED = [{"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": PIECES}]}]


def question_of(event: Json) -> Question:
    heard = parser().read(event)
    assert isinstance(heard, Question), heard
    return heard


@pytest.mark.parametrize(
    "event",
    [
        from_person("혹시 <@U0DANGJIK> 지금 어때?"),
        from_person("top 3 <@U0DANGJIK|dangjik>"),
        from_person("<@U0DANGJIK> top 3 cc <@U0JUNHO>"),
        from_person("&gt; 이거요\n<@U0DANGJIK> 뭐예요?"),
        from_person("", blocks=SAID),
    ],
)
def test_a_mention_anywhere_is_for_us(event: Json) -> None:
    """In the middle, at the end, with a label, below a quote, in blocks alone."""
    assert question_of(event).address is Address.MENTION


def test_a_mention_that_is_only_quoted_is_not_for_us() -> None:
    """Nor where blocks alone tell it."""
    assert not isinstance(parser().read(from_person("", blocks=QUOTED)), Question)


@pytest.mark.parametrize(
    "text",
    [
        "<@U0JUNHO> 봐 주세요",
        "이거 <@U0JUNHO> 님 거예요",
        "<!subteam^S0DATA|@data> 확인",
        "<!here> 보세요",
    ],
)
def test_a_line_in_a_thread_tells_that_it_is_to_somebody(text: str) -> None:
    """A person, a group, or all who are here; anywhere in it."""
    heard = question_of(from_person(text, thread_ts="1.0"))
    assert (heard.address, heard.to_person) == (Address.THREAD, True)


def test_a_thread_is_opened_with_us_alone_when_nobody_else_is_mentioned() -> None:
    """By its first message."""
    assert question_of(from_person("<@U0DANGJIK> top 3")).turn.opens_thread
    assert not question_of(from_person("<@U0DANGJIK> top 3 <@U0JUNHO>")).turn.opens_thread
    assert not question_of(from_person("<@U0DANGJIK> top 3", thread_ts="1.0")).turn.opens_thread


async def _alerted(at: Bench) -> str:
    ts = at.slack.post_as_bot(ALERT_CHANNEL, FIRING)
    await at.reply(ALERT_CHANNEL, ts, "facts")
    return ts


async def test_what_is_not_for_us_leaves_no_trace_in_slack() -> None:
    """No post, no reaction; it is kept as context. The next question is answered."""
    async with bench() as at, at.edge():
        ts = await _alerted(at)
        at.slack.say(COLLEAGUE, ALERT_CHANNEL, "@minji 이거 님 잡 아닌가요?", ts)
        at.slack.say(COLLEAGUE, ALERT_CHANNEL, "top 3?", ts)
        await at.reply(ALERT_CHANNEL, ts, "top 3?")
        assert len(at.replies(ALERT_CHANNEL, ts)) == 2
        assert [turn.text for turn in at.talk.turns] == ["top 3?"]
        assert len(at.talk.overheard) == 1
        assert not at.calls("reactions.add")


async def test_thread_replies_can_be_left_to_mentions() -> None:
    """THREAD_REPLIES=mentions."""
    async with bench() as at, at.edge(Rules(mentions_only=True)):
        ts = await _alerted(at)
        at.slack.say(COLLEAGUE, ALERT_CHANNEL, "top 3?", ts)
        at.slack.say(COLLEAGUE, ALERT_CHANNEL, "@당직 top 5?", ts)
        await at.reply(ALERT_CHANNEL, ts, "top 5?")
        assert at.talk.overheard == ["top 3?"]
        assert [turn.text for turn in at.talk.turns] == ["top 5?"]


async def test_a_guest_is_told_once_that_guests_are_told_nothing() -> None:
    """By mention or in a thread; what they say is never answered."""
    async with bench() as at, at.edge():
        ts = await _alerted(at)
        at.slack.say(GUEST, ALERT_CHANNEL, "top 3?", ts)
        at.slack.say(GUEST, ALERT_CHANNEL, "@당직 top 3?", ts)
        notice = await at.reply(ALERT_CHANNEL, ts, "guest accounts")
        at.slack.say(GUEST, ALERT_CHANNEL, "@당직 1번 죽여줘", ts)
        at.slack.say(COLLEAGUE, ALERT_CHANNEL, "@당직 top 4?", ts)
        await at.reply(ALERT_CHANNEL, ts, "top 4?")
        assert notice.body["metadata"]["event_type"] == "oncall_notice"
        assert notice.body["metadata"]["event_payload"]["kind"] == "guest"
        assert len(at.replies(ALERT_CHANNEL, ts)) == 3
        assert [turn.text for turn in at.talk.turns] == ["top 4?"]
