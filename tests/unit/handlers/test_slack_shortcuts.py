"""Shortcuts: any message is looked into as an alert is, and the cluster's state in a window."""

from typing import Any

from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, COLLEAGUE, GUEST, SHARED_CHANNEL
from bot.sandbox.slack.transcript import Transcript
from bot.sandbox.slack.workspace import Channel
from tests.unit.handlers.bench import Bench, bench
from tests.unit.handlers.test_slack_home import housing

Json = dict[str, Any]


async def window(at: Bench, holding: str) -> Json:
    """Return the window that shows the words."""

    def shown(now: Transcript) -> Json | None:
        return next((v["view"] for v in now.views.values() if holding in str(v["view"])), None)

    return await at.slack.wait_for(shown)


async def test_investigate_answers_in_the_message_s_thread() -> None:
    """As under an alert, whoever wrote the message; used twice at once, each is answered."""
    async with bench() as at, at.edge(housing=housing()):
        ts = at.slack.say(COLLEAGUE, ALERT_CHANNEL, "대시보드가 왜 이렇게 느리죠?")
        at.slack.people.use_shortcut(APPROVER, "investigate", ALERT_CHANNEL, ts)
        answer = await at.reply(ALERT_CHANNEL, ts, "facts")
        assert answer.body["metadata"]["event_type"] == "alert_investigation"
        alert = at.talk.alerts[0]
        assert (alert.title, alert.thread_ts) == ("대시보드가 왜 이렇게 느리죠?", ts)
        assert (ALERT_CHANNEL, ts) in at.investigations.threads
        assert at.investigations.open_ones == {}, "no resolved post will ever end it"


async def test_investigate_on_a_reply_stays_in_its_thread() -> None:
    """The answer never starts a thread of its own below a reply."""
    async with bench() as at, at.edge(housing=housing()):
        root = at.slack.say(COLLEAGUE, ALERT_CHANNEL, "느려요")
        reply = at.slack.say(COLLEAGUE, ALERT_CHANNEL, "아직도요", root)
        at.slack.people.use_shortcut(APPROVER, "investigate", ALERT_CHANNEL, reply)
        assert (await at.reply(ALERT_CHANNEL, root, "facts")).root == root


async def test_an_alert_looked_into_by_hand_is_ended_by_its_own_end() -> None:
    """Its resolved post closes the investigation, in the same thread."""
    async with bench() as at, at.edge(housing=housing()):
        alert = {"title": "[FIRING:1] ClusterHighCPU", "text": "CPU 97%", "color": "danger"}
        ts = at.slack.post_as_bot(ALERT_CHANNEL, {"attachments": [alert]})
        await at.reply(ALERT_CHANNEL, ts, "facts")
        at.slack.people.use_shortcut(APPROVER, "investigate", ALERT_CHANNEL, ts)
        await at.slack.wait_for(lambda _: len(at.talk.alerts) == 2 or None)
        assert len(at.investigations.open_ones) == 1


async def test_where_the_bot_is_no_member_a_window_asks_for_an_invitation() -> None:
    """Nothing is read or posted there."""
    async with bench() as at, at.edge(housing=housing()):
        at.slack.workspace.channels["C0OTHER01"] = Channel("C0OTHER01", "other", members={APPROVER})
        ts = at.slack.say(APPROVER, "C0OTHER01", "느려요")
        at.slack.people.use_shortcut(APPROVER, "investigate", "C0OTHER01", ts)
        assert await window(at, "초대")
        assert at.talk.alerts == []


async def test_guests_and_shared_channels_are_refused() -> None:
    """A shared channel that is not listed for alerts tells outsiders nothing."""
    async with bench() as at, at.edge(housing=housing()):
        ts = at.slack.say(COLLEAGUE, ALERT_CHANNEL, "느려요")
        at.slack.people.use_shortcut(GUEST, "investigate", ALERT_CHANNEL, ts)
        assert await window(at, "정식 멤버")
        shared = at.slack.say(COLLEAGUE, SHARED_CHANNEL, "느려요")
        at.slack.people.use_shortcut(COLLEAGUE, "investigate", SHARED_CHANNEL, shared)
        await at.slack.wait_for(lambda now: len(now.views) == 2 or None)
        at.slack.people.use_shortcut(GUEST, "cluster_status")
        await at.slack.wait_for(lambda now: len(now.views) == 3 or None)
        assert at.talk.alerts == []
        assert "97%" not in str(at.slack.transcript.views)


async def test_the_status_window_opens_at_once_and_fills() -> None:
    """The trigger waits for no cluster; without a window the state comes as a direct message."""
    async with bench() as at, at.edge(housing=housing()):
        at.slack.people.use_shortcut(COLLEAGUE, "cluster_status")
        view = await window(at, "97%")
        assert view["title"]["text"] == "클러스터 상태"
        assert [each.error for each in at.calls("views.open")] == [""]
        at.slack.fault("views.open", "error:expired_trigger_id")
        at.slack.people.use_shortcut(COLLEAGUE, "cluster_status")
        direct = await at.slack.wait_for(
            lambda now: next(
                (m for m in now.in_channel("D0JUNHO01") if "97%" in str(m.body)), None
            ),
            5.0,
        )
        assert not direct.in_thread


async def test_a_shortcut_delivered_twice_is_used_once() -> None:
    """The key is the use's own."""
    async with bench() as at, at.edge(housing=housing()):
        ts = at.slack.say(COLLEAGUE, ALERT_CHANNEL, "느려요")
        envelope = at.slack.people.use_shortcut(APPROVER, "investigate", ALERT_CHANNEL, ts)
        at.slack.sockets.deliver("interactive", envelope.payload, retried=False)
        await at.reply(ALERT_CHANNEL, ts, "facts")
        await at.settled()
        assert len(at.talk.alerts) == 1
