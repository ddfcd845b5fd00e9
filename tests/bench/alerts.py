"""Alerts: how soon the first facts stand in the thread, and what a flood of alerts comes to."""

import asyncio
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa

from bot.app import Pace
from bot.sandbox.slack.transcript import Message, Transcript
from bot.settings import DATABASE_FILE
from bot.storage.open_database import open_database
from bot.storage.tables import inbox, investigations
from tests.bench.scenes import Scene, channel, instant, sandboxed

ALERTS = 50
BURST, GROUPS, BURST_SECONDS = 1_000, 50, 60.0


@dataclass(frozen=True, slots=True)
class Burst:
    """What came of a burst. `lost` posts left no trace; times in seconds.

    `floods` are the channels that were told that they flood, once for each telling. `first_reply_p50` is over the groups, from a group's first post; `question` is how long a
    person's question, asked in mid-burst in one of the channels, waited for its answer.
    """

    lost: int
    investigations: int
    replies: int
    floods: int
    ack_p99: float
    first_reply_p50: float
    question: float


async def first_facts() -> dict[str, float]:
    """Alert post to first reply in its thread, over the sandbox's YARN and Prometheus."""
    taken = []
    with tempfile.TemporaryDirectory() as folder:
        async with sandboxed(Path(folder), ALERTS) as scene:
            for number in range(ALERTS):
                begun = perf_counter()
                root = fire(scene, channel(number), f"HighCPU{number}")
                await scene.replied(root, 30.0)
                taken.append(perf_counter() - begun)
    return {
        "first_facts_p50_s": statistics.median(taken),
        "first_facts_p95_s": statistics.quantiles(taken, n=20)[-1],
    }


async def alert_burst() -> dict[str, float]:
    """Post a thousand alerts in a minute over 50 groups, every fifth delivered twice."""
    with tempfile.TemporaryDirectory() as folder:
        found = await burst(Path(folder), BURST, GROUPS, BURST_SECONDS)
    return {
        "alert_burst_lost": float(found.lost),
        "alert_burst_investigations": float(found.investigations),
        "alert_burst_replies": float(found.replies),
        "alert_burst_ack_p99_s": found.ack_p99,
        "first_reply_burst_p50_s": found.first_reply_p50,
        "question_in_burst_s": found.question,
    }


async def burst(folder: Path, posts: int, groups: int, seconds: float) -> Burst:
    """Post evenly over the time, redeliver every fifth, and see what the product made of it."""
    async with instant(folder, 40, Pace()) as scene:  # at Slack's own pace
        begun = asyncio.get_running_loop().time()
        roots: list[str] = []
        asked: asyncio.Task[tuple[str, float]] | None = None
        for number in range(posts):
            due = begun + number * seconds / posts
            await asyncio.sleep(max(due - asyncio.get_running_loop().time(), 0.0))
            group = number % groups
            roots.append(fire(scene, channel(group % 10), f"HighCPU{group}"))
            if number == posts // 2:
                asked = asyncio.create_task(scene.ask("클러스터 상태 어때?", channel(3)))
            if number % 5 == 0:
                scene.slack.redeliver(scene.slack.transcript.envelopes[-1].event_id)
        envelopes = list(scene.slack.transcript.envelopes)
        for envelope in envelopes:
            await envelope.settled.wait()
        question = (await asked)[1] if asked else 0.0
        # Looked for one after the other: fifty who watch every change would be the load themselves.
        first = [await scene.replied(root, 120.0) for root in roots[:groups]]
        waited = [float(each.ts) - float(each.root) for each in first]
        acks = [each.attempts[-1].ack_after_s or 0.0 for each in envelopes]
        floods = await scene.slack.wait_for(lambda seen: _floods(seen, min(groups, 10)), 120.0)
    opened, seen = await _stored(folder)
    p99 = statistics.quantiles(acks, n=100)[-1]
    return Burst(
        lost=posts + 1 - seen,  # the question is one of those seen
        investigations=opened,
        replies=len(first),
        floods=floods,
        ack_p99=p99,
        first_reply_p50=statistics.median(waited),
        question=question,
    )


def fire(scene: Scene, place: str, name: str) -> str:
    """Post one alert as Alertmanager does; return its ts."""
    title = f"[FIRING:1] {name} (critical)"
    text = "*Cluster CPU is 96.5%* • severity: `critical`"
    attachment = {"title": title, "text": text, "color": "danger", "fallback": title}
    return scene.slack.post_as_bot(place, {"text": "", "attachments": [attachment]})


def _floods(seen: Transcript, places: int) -> int | None:
    """Return how many lines tell that a channel floods, once as many channels have one."""
    told = [post.channel for post in seen.messages if _kind(post) == "flood"]
    return len(told) if len(set(told)) == places else None


def _kind(post: Message) -> str:
    payload = (post.body.get("metadata") or {}).get("event_payload") or {}
    return str(payload.get("kind", ""))


async def _stored(folder: Path) -> tuple[int, int]:
    """Return the investigations and the alert posts that were worked off."""
    database = await open_database(folder / DATABASE_FILE)
    opened = sa.select(sa.func.count()).select_from(investigations)
    done = sa.select(sa.func.count()).select_from(inbox).where(inbox.c.state == "done")
    try:
        return await database.read(lambda c: (c.scalar(opened) or 0, c.scalar(done) or 0))
    finally:
        await database.close()
