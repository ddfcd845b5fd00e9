"""What was posted while the product was down is accounted for at its start, at Slack's pace."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from bot.sandbox.slack.demo import ALERT_CHANNEL
from bot.sandbox.slack.transcript import Message
from tests.flow.world import FAST, World, event_of, now, ours, world

ALERTS, STANDING = 1_000, 20
DOWN = (timedelta(minutes=1), timedelta(minutes=20), timedelta(hours=8))
NOTE = (
    "backfill_lost, backfill_s: 1,000 alert posts while the product was down for 1 min, 20 min and"
    " 8 h; posts unaccounted for or answered twice, and the slowest of the three from its start"
)


async def bench() -> dict[str, float]:
    """Return how many posts were lost or answered twice, and the seconds until none was open."""
    found = [await _down(span) for span in DOWN]
    return {
        "backfill_lost": sum(lost for lost, _ in found),
        "backfill_s": max(seconds for _, seconds in found),
    }


async def _down(span: timedelta) -> tuple[int, float]:
    pace = replace(FAST, edge=replace(FAST.edge, canary_grace=0.0))
    with TemporaryDirectory() as folder:
        async with world(Path(folder), rate_limited=True) as at:
            async with at.product(pace):
                await at.alert()
            stopped = _rows(at, "select count(*) from inbox")
            _pretend(at, span)
            standing = _posted(at, span)
            begun = monotonic()
            async with at.product(pace):
                await _settled(at, stopped + ALERTS)
                seconds = monotonic() - begun
            replies = [
                each.root
                for each in at.slack.transcript.messages
                if ours(each) and event_of(each) == "alert_investigation"
            ]
            answered = [root for root in replies if root in standing]
            unread = stopped + ALERTS - _rows(at, "select count(*) from inbox")
            doubled = len(answered) - len(set(answered))
            return unread + doubled + len(standing - set(answered)), seconds


def _posted(at: World, span: timedelta) -> set[str]:
    """Let 1,000 posts stand of that time, some of alerts that still fire; return those."""
    begun, step = (now() - span).timestamp(), span.total_seconds() / (ALERTS + 10)
    standing: set[str] = set()
    for number in range(ALERTS):
        ts = f"{begun + number * step:.6f}"
        fires = number % 2 == 0 or number >= ALERTS - STANDING
        name = f"Cpu{number}High" if number >= ALERTS - STANDING else f"Cpu{number // 2}Busy"
        if number >= ALERTS - STANDING:
            standing.add(ts)
        title = f"[{'FIRING:1' if fires else 'RESOLVED'}] {name} (critical)"
        shown = {"title": title, "color": "danger" if fires else "good", "fallback": title}
        body: dict[str, object] = {
            "bot_id": "B0AM",
            "subtype": "bot_message",
            "username": "am",
            "text": "",
        }
        body |= {"ts": ts, "attachments": [shown]}
        at.slack.transcript.add(Message(ALERT_CHANNEL, body, ""))
    return standing


def _rows(at: World, query: str) -> int:
    with closing(sqlite3.connect(at.settings.database)) as rows:
        return int(rows.execute(query).fetchone()[0])


def _pretend(at: World, span: timedelta) -> None:
    """Let what was taken in have come before the product went down."""
    with closing(sqlite3.connect(at.settings.database)) as rows:
        earlier = int((span + timedelta(seconds=5)).total_seconds() * 1_000_000)
        rows.execute("update inbox set received_at = received_at - ?", (earlier,))
        rows.commit()


async def _settled(at: World, expected: int) -> None:
    """Wait until every post has a row and none is open."""
    while True:
        done = _rows(at, "select count(*) from inbox where state = 'done'") >= expected
        if done and not _rows(at, "select count(*) from outbox where open = 1"):
            return
        await asyncio.sleep(0.1)
