"""A burst of alerts and clicks on the command `run`, which is killed again and again meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM

import pytest
import sqlalchemy as sa

from bot.sandbox.slack.transcript import Envelope, Message
from bot.storage.open_database import open_database
from bot.storage.tables import inbox, investigations, proposals, targets
from tests.bench.scenes import channel, first_reply
from tests.flow.world import World, state_of
from tests.reliability.replicas import Replicas, replicas
from tests.reliability.sandbox import PEOPLE, card_for, kills, running, sandbox

PLACES = 10
WITHIN = 120.0  # seconds
RETRIES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # sooner than Slack's, for the test's own time


@dataclass(frozen=True, slots=True)
class Burst:
    """So many posts over so many alert groups and seconds, a card each so many, so many kills."""

    posts: int
    groups: int
    seconds: float
    cards: int
    deaths: int


async def _burst(at: World, fleet: Replicas, burst: Burst) -> None:
    await fleet.start()
    ids = running(at)
    cards = [
        await card_for(at, ids[number], channel(PLACES + number)) for number in range(burst.cards)
    ]
    before = len(at.slack.transcript.envelopes)
    roots, clicks, _ = await asyncio.gather(
        _alerts(at, burst), _clicks(at, cards, burst.seconds), _deaths(fleet, burst)
    )
    alerts = [
        each
        for each in at.slack.transcript.envelopes[before:]
        if each.kind == "events_api" and not each.payload["event"].get("thread_ts")
    ]
    for envelope in alerts:
        await envelope.settled.wait()
        assert envelope.acknowledged
    for card in cards:
        await _pressed(at, card, clicks)
        await at.card_state(card, "done", WITHIN)
        # None where a process died between an intent and its request: then a person is asked.
        assert kills(at, card) in ([1], [0])
    for root in roots[: burst.groups]:
        await at.slack.wait_for(lambda seen, root=root: first_reply(seen, root), WITHIN)  # type: ignore[misc]  # a default argument binds the loop's value
    await _worked_off(at)
    await fleet.end(fleet.running[0], SIGTERM)


async def _worked_off(at: World) -> None:
    """Wait until each delivery is worked off: a repeat that makes no post can only be seen there."""
    database = await open_database(at.settings.data_dir / "dangjik.db")
    left = sa.select(sa.func.count()).where(inbox.c.state != "done")
    async with asyncio.timeout(WITHIN):
        while await database.read(lambda c: c.scalar(left)):  # noqa: ASYNC110  # another process writes
            await asyncio.sleep(0.1)
    await database.close()


async def _alerts(at: World, burst: Burst) -> list[str]:
    roots = []
    for number in range(burst.posts):
        group = number % burst.groups
        title = f"[FIRING:1] HighCPU{group} (critical)"
        attachment = {"title": title, "text": "*Cluster CPU is 96.5%*", "color": "danger"}
        post = {"text": "", "attachments": [{**attachment, "fallback": title}]}
        roots.append(at.slack.post_as_bot(channel(group % PLACES), post))
        if number % 3 == 0:
            at.slack.redeliver(at.slack.transcript.envelopes[-1].event_id)
        await asyncio.sleep(burst.seconds / burst.posts)
    return roots


async def _clicks(at: World, cards: list[Message], seconds: float) -> list[Envelope]:
    """Let five people press each card, one card after the other."""
    clicks = []
    for card in cards:
        clicks += [_press(at, card, person) for person in PEOPLE]
        await asyncio.sleep(seconds / len(cards))
    return clicks


def _press(at: World, card: Message, person: str) -> Envelope:
    return at.slack.click(person, card.channel, card.ts, "approve_proposal")


async def _pressed(at: World, card: Message, clicks: list[Envelope]) -> None:
    """See that a card was decided; whose click nobody acknowledged presses again, as people do."""
    mine = [each for each in clicks if each.payload["container"]["message_ts"] == card.ts]
    for click in mine:
        await click.settled.wait()
    for click in mine:
        if not click.acknowledged and state_of(card) == "pending":
            await _press(at, card, click.payload["user"]["id"]).settled.wait()


async def _deaths(fleet: Replicas, burst: Burst) -> None:
    for _ in range(burst.deaths):
        await asyncio.sleep(burst.seconds / (burst.deaths + 1))
        await fleet.kill(fleet.running[0])
        await fleet.start()


async def _stored(at: World, burst: Burst, envelopes: int) -> None:
    """Check the rows: every acknowledged delivery is done, one investigation a group, none open."""
    database = await open_database(at.settings.data_dir / "dangjik.db")
    counted: Callable[[sa.Select[tuple[int]]], Awaitable[int]] = lambda query: database.read(  # noqa: E731
        lambda c: c.scalar(query) or 0
    )
    count = sa.select(sa.func.count())
    assert await counted(count.select_from(investigations)) == burst.groups
    assert await counted(count.where(inbox.c.state != "done")) == 0
    assert await counted(count.select_from(inbox)) >= envelopes
    assert await counted(count.where(proposals.c.state != "done")) == 0
    assert await counted(count.where(targets.c.state != "succeeded")) == 0
    await database.close()


async def _run(folder: Path, burst: Burst) -> None:
    options = {"channels": PLACES + burst.cards, "applications": burst.cards}
    async with (
        sandbox(folder, retry_delays_s=RETRIES, **options) as at,  # type: ignore[arg-type]  # both are counts
        replicas(at.slack, at.settings, folder) as fleet,
    ):
        await _burst(at, fleet, burst)
        replies = [
            each
            for each in at.slack.transcript.messages
            if each.body.get("metadata", {}).get("event_type") == "alert_investigation"
        ]
        assert len(replies) == len({each.root for each in replies}) == burst.groups
        assert len(at.platform.kill_requests) == burst.cards
        await _stored(at, burst, burst.posts)
        assert fleet.exits[-1] == 0


async def test_100_alerts_and_4_cards_survive_2_deaths(tmp_path: Path) -> None:
    """Nothing acknowledged is lost, nothing is done twice."""
    await _run(tmp_path, Burst(posts=100, groups=10, seconds=8.0, cards=4, deaths=2))


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_1000_alerts_and_20_cards_survive_6_deaths(tmp_path: Path) -> None:
    """The same at full size: a minute, 50 groups, every third delivered twice."""
    await _run(tmp_path, Burst(posts=1000, groups=50, seconds=60.0, cards=20, deaths=6))
