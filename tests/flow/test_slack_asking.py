"""Questions and alerts over real sockets, answered in their thread."""

from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, COLLEAGUE
from tests.unit.handlers.bench import bench


async def test_a_mention_is_answered_once_in_its_thread() -> None:
    """A mention arrives as two events of the same ts and is one piece of work."""
    async with bench() as at, at.edge():
        ts = at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 지금 상태 알려줘")
        answer = await at.reply(ALERT_CHANNEL, ts, "heard")
        await at.settled()
        assert "지금 상태 알려줘" in str(answer.body)
        assert len(at.talk.turns) == 1
        assert len(at.replies(ALERT_CHANNEL, ts)) == 1
        assert all(each.acknowledged for each in at.slack.transcript.envelopes)


async def test_the_home_tab_tells_what_can_be_asked() -> None:
    """In the language of whoever opens it."""
    async with bench() as at, at.edge():
        at.slack.people.open_home(COLLEAGUE)
        await at.slack.wait_for(lambda now: COLLEAGUE in now.homes)
        shown = str(at.slack.transcript.homes[COLLEAGUE])
        assert "리소스를 많이 쓰는 Spark 잡 3개 보여줘" in shown


async def test_an_alert_is_answered_and_followed_up_without_a_mention() -> None:
    """After the first reply under an alert, a follow-up needs no mention; its end is told there."""
    async with bench() as at, at.edge():
        firing = {
            "text": "",
            "attachments": [{"title": "[FIRING:1] HighCPU lab", "color": "danger"}],
        }
        ts = at.slack.post_as_bot(ALERT_CHANNEL, firing)
        await at.reply(ALERT_CHANNEL, ts, "facts")
        at.slack.say(COLLEAGUE, ALERT_CHANNEL, "top 3?", ts)
        await at.reply(ALERT_CHANNEL, ts, "top 3?")
        over = {"text": "", "attachments": [{"title": "[RESOLVED] HighCPU lab", "color": "good"}]}
        at.slack.post_as_bot(ALERT_CHANNEL, over)
        await at.reply(ALERT_CHANNEL, ts, "over")
