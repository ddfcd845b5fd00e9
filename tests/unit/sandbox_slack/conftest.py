"""A running stand-in and a real bolt app on it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import demo
from bot.sandbox.slack.server import SlackStandIn


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[SlackStandIn]:
    standin = SlackStandIn(
        demo.demo_workspace(), clock, seed=7, retry_delays_s=(0.0, 0.05, 0.05), ack_timeout_s=0.3
    )
    await standin.start()
    yield standin
    await standin.stop()


@pytest.fixture
def client(slack: SlackStandIn) -> AsyncWebClient:
    return AsyncWebClient(token=demo.BOT_TOKEN, base_url=slack.api_url)


@pytest.fixture
async def http(slack: SlackStandIn) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(slack.page_url) as session:
        yield session


Connect = Callable[[AsyncApp], Awaitable[AsyncSocketModeHandler]]


async def _authorize(**_: object) -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=None,
        team_id=demo.TEAM,
        bot_token=demo.BOT_TOKEN,
        bot_id="B0DANGJIK",
        bot_user_id=demo.BOT_USER,
    )


@pytest.fixture
def app(client: AsyncWebClient) -> AsyncApp:
    return AsyncApp(client=client, authorize=_authorize)


@pytest.fixture
async def connect(slack: SlackStandIn) -> AsyncIterator[Connect]:
    """Open a Socket Mode handler and waits for its hello."""
    async with AsyncExitStack() as stack:

        async def opened(app: AsyncApp) -> AsyncSocketModeHandler:
            handler = AsyncSocketModeHandler(app, demo.APP_TOKEN, ping_interval=1)
            stack.push_async_callback(handler.close_async)
            before = len(slack.sockets.connections)
            await handler.connect_async()  # type: ignore[no-untyped-call]  # bolt leaves it untyped
            await slack.wait_for(lambda _: len(slack.sockets.connections) > before)
            return handler

        yield opened
