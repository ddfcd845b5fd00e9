"""SIGTERM and SIGKILL while people press Approve: the next start goes on, and nothing is lost."""

import asyncio
import random
import statistics
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.sandbox.slack.transcript import Envelope, Message
from bot.storage.open_database import open_database
from bot.storage.tables import inbox, proposals, targets
from tests.bench.scenes import channel
from tests.flow.world import World, now, state_of
from tests.reliability.replicas import Replicas, replicas
from tests.reliability.sandbox import PEOPLE, card_for, kills, running, sandbox

CARDS = 2  # in each round
IN_TIME = 10.0  # seconds from SIGTERM to the end, as a rule: the machine may be busy
DONE = 90.0
PLACES = 20
LANES = 4


@dataclass
class Story:
    """What was pressed in all rounds, and how long each end took (seconds)."""

    cards: list[Message] = field(default_factory=list)
    clicks: list[Envelope] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)


async def _round(at: World, fleet: Replicas, story: Story, delay: float, *, killed: bool) -> None:
    """Start, let five people press each card, and end the process soon after."""
    process = await fleet.start()
    ids, first = running(at), len(story.cards)
    cards = [
        await card_for(at, ids[number], channel(number % PLACES))
        for number in range(first, first + CARDS)
    ]
    story.cards += cards
    for person in PEOPLE:
        for card in cards:
            if state_of(card) == "pending":
                click = at.slack.click(person, card.channel, card.ts, "approve_proposal")
                story.clicks.append(click)
    await asyncio.sleep(delay)
    if killed:
        await fleet.kill(process)
        return
    begun = asyncio.get_running_loop().time()
    assert await fleet.terminate(process, DONE) == 0
    story.ends.append(asyncio.get_running_loop().time() - begun)
    assert await _callers_are_there(at)


async def _callers_are_there(at: World) -> bool:
    """Tell whether every call that is under way has somebody who waits for it."""
    late = sa.or_(proposals.c.lease_until.is_(None), proposals.c.lease_until <= now())
    both = targets.join(proposals, proposals.c.id == targets.c.proposal_id)
    query = sa.select(sa.func.count()).select_from(both)
    return await _count(at, query.where(targets.c.state == "calling", late)) == 0


async def _count(at: World, query: sa.Select[tuple[int]]) -> int:
    database = await open_database(at.settings.data_dir / "dangjik.db")
    found = await database.read(lambda c: c.scalar(query))
    await database.close()
    return found or 0


async def _end_again_and_again(folder: Path, rounds: int, *, killed: bool) -> None:
    chosen = random.Random(19)
    story = Story()
    async with (
        sandbox(folder, channels=PLACES, applications=rounds * CARDS) as at,
        replicas(at.slack, at.settings, folder) as fleet,
    ):
        for _ in range(rounds):
            delay = chosen.uniform(0.0, 2.5 if killed else 1.5)
            await _round(at, fleet, story, delay, killed=killed)
        process = await fleet.start()
        for click in story.clicks:
            await click.settled.wait()
        for card in story.cards:
            await _ended(at, card, story.clicks)
            assert kills(at, card) in ([[1], [0]] if killed else [[1]])
        assert await fleet.terminate(process, DONE) == 0
        left = sa.select(sa.func.count()).where(inbox.c.state != "done")
        assert await _count(at, left) == 0
    assert killed or statistics.median(story.ends) <= IN_TIME


async def _ended(at: World, card: Message, clicks: list[Envelope]) -> None:
    """See a card through: whoever's click was not acknowledged presses again, as people do."""
    mine = [each for each in clicks if each.payload["container"]["message_ts"] == card.ts]
    if not any(each.acknowledged for each in mine):
        for person in PEOPLE:
            if state_of(card) == "pending":
                again = at.slack.click(person, card.channel, card.ts, "approve_proposal")
                await again.settled.wait()
    await at.card_state(card, "done", DONE)


async def test_2_stops_under_load_lose_no_click(tmp_path: Path) -> None:
    """No call without a caller, no second call, exit code 0 within ten seconds."""
    await _end_again_and_again(tmp_path, 2, killed=False)


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_200_stops_under_load_lose_no_click(tmp_path: Path) -> None:
    """The long tier: four products at once, fifty stops each."""
    folders = [tmp_path / str(number) for number in range(LANES)]
    for folder in folders:
        await asyncio.to_thread(folder.mkdir)
    each = (_end_again_and_again(folder, 200 // LANES, killed=False) for folder in folders)
    await asyncio.gather(*each)


async def test_2_kills_at_random_moments_kill_nothing_twice(tmp_path: Path) -> None:
    """At most one request a target, counted at the cluster; every card comes to its end.

    None at all where the process died between writing the intent and sending: a person is asked.
    """
    await _end_again_and_again(tmp_path, 2, killed=True)


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_200_kills_at_random_moments_kill_nothing_twice(tmp_path: Path) -> None:
    """The long tier: four products at once, killed fifty times each."""
    folders = [tmp_path / str(number) for number in range(LANES)]
    for folder in folders:
        await asyncio.to_thread(folder.mkdir)
    each = (_end_again_and_again(folder, 200 // LANES, killed=True) for folder in folders)
    await asyncio.gather(*each)
