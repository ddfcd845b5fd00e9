"""What was posted while nobody listened is taken in at the start: once, and with few words."""

from datetime import timedelta

from bot.domain.posts import InboxItem, Incoming
from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, BOT_USER, TEAM
from bot.sandbox.slack.transcript import Message
from tests.unit.handlers.bench import Bench, bench
from tests.unit.handlers.memory import utc_now


def before(at: Bench, minutes: float) -> str:
    """Return the ts of so many minutes ago."""
    return f"{(utc_now() - timedelta(minutes=minutes)).timestamp():.6f}"


def down_for(at: Bench, hours: float) -> None:
    """Let the last thing the bot heard be so long ago."""
    then = utc_now() - timedelta(hours=hours)
    at.inbox.items["old"] = InboxItem("old", Incoming.EVENT, {}, then)
    at.inbox.done["old"] = ()


def alert(at: Bench, name: str, state: str, minutes: float) -> str:
    """Post an alert as of so many minutes ago."""
    ts, color = before(at, minutes), "danger" if state == "FIRING" else "good"
    title = f"[{state}] {name} prod-dw (critical)"
    shown = {"title": title, "color": color, "fallback": title}
    body = {"bot_id": "B0AM", "subtype": "bot_message", "username": "am", "text": "", "ts": ts}
    at.slack.transcript.add(Message(ALERT_CHANNEL, {**body, "attachments": [shown]}, ""))
    return ts


async def test_alerts_of_an_outage_are_all_accounted_for() -> None:
    """Those that stand are answered, those that ended share one line, nothing comes twice."""
    async with bench() as at:
        down_for(at, 8)
        stands = [alert(at, f"StandingCPU{n}", "FIRING", 90 - n) for n in range(5)]
        for n in range(300):
            alert(at, f"PassingCPU{n % 100}", "FIRING", 400 - n)
            alert(at, f"PassingCPU{n % 100}", "RESOLVED", 399.5 - n)
        async with at.edge():
            line = await at.slack.wait_for(
                lambda seen: next(
                    (each for each in seen.messages if "100" in str(each.body.get("text"))), None
                ),
                120.0,
            )
            assert line.body["metadata"]["event_payload"]["kind"] == "missed"
            for ts in stands:
                await at.reply(ALERT_CHANNEL, ts, "facts")
        assert len(at.talk.alerts) == len(stands)
        async with at.edge():
            await at.settled()
        assert len(at.talk.alerts) == len(stands)


async def test_a_question_of_an_outage_is_answered_with_an_apology() -> None:
    """Who asked hours ago is told why the answer is late."""
    async with bench() as at:
        down_for(at, 2)
        ts = before(at, 60)
        body = {"user": APPROVER, "team": TEAM, "text": f"<@{BOT_USER}> 상태?", "ts": ts}
        at.slack.transcript.add(Message(ALERT_CHANNEL, body, ""))
        async with at.edge():
            said = await at.reply(ALERT_CHANNEL, ts, "heard")
        assert "늦었습니다" in str(said.body["blocks"])


async def test_what_is_answered_at_once_is_not_called_late() -> None:
    """The remark is for those who waited."""
    async with bench() as at, at.edge():
        ts = at.slack.say(APPROVER, ALERT_CHANNEL, f"<@{BOT_USER}> 상태?", raw=True)
        said = await at.reply(ALERT_CHANNEL, ts, "heard")
        assert "늦었습니다" not in str(said.body["blocks"])
