"""Two replicas over one PostgreSQL, five people who press at the same moment, one kill a card."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox.slack.transcript import Message
from tests.bench.scenes import channel
from tests.contract.databases import another, postgres_server
from tests.flow.world import World
from tests.reliability.replicas import replicas
from tests.reliability.sandbox import PEOPLE, card_for, kills, running, sandbox

TOGETHER = 10  # cards, so 50 clicks at the same moment
DONE = 60.0  # seconds


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@asynccontextmanager
async def scene(folder: Path, url: str, cards: int) -> AsyncIterator[World]:
    async with sandbox(folder, channels=cards, applications=cards, database_url=url) as at:
        yield at


async def press_all(at: World, count: int) -> None:
    """Make the cards, let five people approve each at once, and count at the cluster."""
    ids = running(at)[:count]
    for begin in range(0, count, TOGETHER):
        cards = await asyncio.gather(
            *(
                card_for(at, ids[number], channel(number))
                for number in range(begin, min(begin + TOGETHER, count))
            )
        )
        await _press(at, list(cards))
    assert len(at.platform.kill_requests) == count


async def _press(at: World, cards: list[Message]) -> None:
    clicks = [
        at.slack.click(person, card.channel, card.ts, "approve_proposal")
        for card in cards
        for person in PEOPLE
    ]
    for click in clicks:
        await click.settled.wait()
    for card in cards:
        await at.card_state(card, "done", DONE)
        assert kills(at, card) == [1]
    used = {attempt.connection for click in clicks for attempt in click.attempts}
    assert len(used) > 1


async def test_two_replicas_and_five_clicks_on_each_of_10_cards_are_10_kills(
    tmp_path: Path, postgres_url: str
) -> None:
    """Two products in one process, each with its own sockets and connections."""
    address = another(postgres_url, "builds")
    async with scene(tmp_path, address, 10) as at, AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(at.product())
        assert len(at.slack.sockets.connections) == 4
        await press_all(at, 10)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_two_processes_and_five_clicks_on_each_of_100_cards_are_100_kills(
    tmp_path: Path, postgres_url: str
) -> None:
    """Two processes of the command `run`, started together, at the product's own pace."""
    async with (
        scene(tmp_path, another(postgres_url, "processes"), 100) as at,
        replicas(at.slack, at.settings, tmp_path) as fleet,
    ):
        await asyncio.gather(fleet.start(), fleet.start())
        await press_all(at, 100)
        assert [await fleet.terminate(each) for each in list(fleet.running)] == [0, 0]
