"""A running stand-in with a clock the test moves."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.sandbox.platform import PlatformStandIn, load

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class MovableClock:
    """An aware clock that stands still until told otherwise."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def forward(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def platform(clock: MovableClock) -> AsyncIterator[PlatformStandIn]:
    stand_in = PlatformStandIn(load("relaunch"), clock, seed=7)
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session
