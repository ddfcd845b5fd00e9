"""The connection to Slack: tokens checked first, two sockets, and an orderly end."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import StartError
from bot.handlers.events import Installation

_LOG = structlog.get_logger(__name__)
SOCKETS = 2  # Slack closes each now and then; with two, none of the events is lost meanwhile
REQUIRED_SCOPES = frozenset(
    {"app_mentions:read", "channels:history", "chat:write", "im:history", "users:read"}
)
_BOT_TOKEN_HELP = "copy the Bot User OAuth Token (xoxb-…) of the installed app"  # noqa: S105 - words, no secret
_APP_TOKEN_HELP = "make an app-level token (xapp-…) with the scope connections:write"  # noqa: S105 - as above


def web_client(token: str, base_url: str) -> AsyncWebClient:
    """Return a client that never repeats a call by itself: a repeat could post twice."""
    return AsyncWebClient(token=token, base_url=base_url, timeout=10, retry_handlers=[])


async def preflight(client: AsyncWebClient, app_token: str, limit: float = 10.0) -> Installation:
    """Check both tokens and return who we are. Raises StartError, one line saying what to do.

    Bolt would drop the first event on a failing check, and with a bad app-level token the socket
    client tries for ever.
    """
    _check_kinds(client.token or "", app_token)
    try:
        async with asyncio.timeout(limit):
            me = await _call("SLACK_BOT_TOKEN", _BOT_TOKEN_HELP, client.auth_test())
            _check_scopes(me.headers)
            opened = client.apps_connections_open(app_token=app_token)
            await _call("SLACK_APP_TOKEN", _APP_TOKEN_HELP, opened)
            app_id = await _app_id(client, str(me["bot_id"]))
    except TimeoutError:
        raise StartError(f"Slack at {client.base_url} did not answer in {limit:.0f} s") from None
    url = str(me.get("url") or "")
    return Installation(str(me["team_id"]), str(me["user_id"]), str(me["bot_id"]), app_id, url)


async def workspace_of(client: AsyncWebClient) -> str:
    """Return the workspace a bot token belongs to. Raises StartError."""
    me = await _call("SLACK_BOT_TOKEN", _BOT_TOKEN_HELP, client.auth_test())
    return str(me["team_id"])


def _check_kinds(bot_token: str, app_token: str) -> None:
    if bot_token.startswith("xapp-") and app_token.startswith("xoxb-"):
        raise StartError("SLACK_BOT_TOKEN and SLACK_APP_TOKEN are swapped: exchange them")
    if not bot_token.startswith("xoxb-"):
        raise StartError(f"SLACK_BOT_TOKEN does not begin with xoxb-: {_BOT_TOKEN_HELP}")
    if not app_token.startswith("xapp-"):
        raise StartError(f"SLACK_APP_TOKEN does not begin with xapp-: {_APP_TOKEN_HELP}")


async def _call(variable: str, advice: str, call: Any) -> Any:
    try:
        return await call
    except SlackApiError as error:
        body = error.response.data if isinstance(error.response.data, dict) else {}
        code = str(body.get("error") or f"HTTP {error.response.status_code}")
        if code == "missing_scope":
            raise StartError(f"{variable} lacks the scope {body.get('needed')}") from None
        raise StartError(f"Slack refuses {variable} ({code}): {advice}") from None
    except (aiohttp.ClientError, SlackClientError, OSError) as error:
        raise StartError(f"Slack cannot be reached ({type(error).__name__})") from None


def _check_scopes(headers: Any) -> None:
    granted = next((v for k, v in headers.items() if k.lower() == "x-oauth-scopes"), None)
    if granted is None:
        return
    granted = granted[0] if isinstance(granted, list) else granted
    missing = REQUIRED_SCOPES - {scope.strip() for scope in granted.split(",")}
    if missing:
        names = ", ".join(sorted(missing))
        raise StartError(f"SLACK_BOT_TOKEN lacks the scopes {names}: reinstall the app")


async def _app_id(client: AsyncWebClient, bot_id: str) -> str:
    """Return our app's id, or empty: it is only a further way to know our own posts."""
    try:
        answer = await client.bots_info(bot=bot_id)
    except (SlackClientError, aiohttp.ClientError, OSError):
        return ""
    return str((answer.get("bot") or {}).get("app_id") or "")


def bolt_app(client: AsyncWebClient, who: Installation) -> AsyncApp:
    """Return an app that never asks Slack who it is: the preflight has."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=who.team,
            bot_user_id=who.bot_user,
            bot_id=who.bot_id,
            bot_token=client.token,
        )

    # Without a token of its own: bolt would warn that it is not used.
    own = AsyncWebClient(base_url=client.base_url, timeout=client.timeout, retry_handlers=[])
    return AsyncApp(client=own, authorize=authorize, request_verification_enabled=False)


@dataclass(frozen=True, slots=True)
class SocketState:
    """How the sockets are; ages in seconds.

    `pongs` holds the age of the last sign of life of each open one, 0 before the first; `heard`
    is how long ago the last delivery came, None before the first.
    """

    total: int
    pongs: tuple[float, ...] = ()
    heard: float | None = None

    @property
    def connected(self) -> int:
        """How many are open."""
        return len(self.pongs)

    def lively(self, within: float) -> int:
        """Return how many open ones showed a sign of life within so many seconds."""
        return sum(age <= within for age in self.pongs)


class _Handler(AsyncSocketModeHandler):
    """Bolt's socket handler; each delivery is worked on inside `taking_in`."""

    def __init__(
        self,
        app: AsyncApp,
        token: str,
        taking_in: Callable[[dict[str, Any]], AbstractContextManager[None]],
        ping_interval: float,
    ) -> None:
        super().__init__(app, token, ping_interval=ping_interval)
        self._taking_in = taking_in

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # bolt narrows the client, too
        with self._taking_in(req.payload):
            await super().handle(client, req)

    async def connect(self) -> None:
        """Open the socket; tries for ever."""
        await self.client.connect()  # type: ignore[no-untyped-call]  # slack_sdk leaves it untyped

    async def renew(self) -> None:
        """Close the socket and open another; tries for ever."""
        await self.client.connect_to_new_endpoint(force=True)  # as above

    async def close(self) -> None:
        """Close the socket and end its tasks."""
        await self.client.close()  # type: ignore[no-untyped-call]  # as above


@dataclass(slots=True, eq=False)
class Sockets:
    """Holds the sockets of one app."""

    app: AsyncApp
    app_token: str = field(repr=False)
    ping_interval: float = 10.0
    on_delivery: Callable[[dict[str, Any]], None] = lambda _: None
    _handlers: list[_Handler] = field(default_factory=list, init=False)
    _taking: int = field(default=0, init=False)
    _idle: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _heard: float | None = field(default=None, init=False)

    async def start(self, limit: float = 30.0) -> None:
        """Open all sockets. Raises StartError after `limit` seconds."""
        self._handlers = [
            _Handler(self.app, self.app_token, self._taken_in, self.ping_interval)
            for _ in range(SOCKETS)
        ]
        try:
            async with asyncio.timeout(limit):
                await asyncio.gather(*(handler.connect() for handler in self._handlers))
        except TimeoutError:
            await self.close()
            raise StartError(f"no socket to Slack within {limit:.0f} s") from None

    async def state(self) -> SocketState:
        """Return how the sockets are."""
        clients = [handler.client for handler in self._handlers]
        connected = [client for client in clients if await client.is_connected()]
        now = time.time()
        pongs = tuple(now - (client.last_ping_pong_time or now) for client in connected)
        heard = None if self._heard is None else time.monotonic() - self._heard
        return SocketState(len(clients), pongs, heard)

    async def renew(self, limit: float = 20.0) -> None:
        """Open every socket anew, one after the other, so that one is open all the while."""
        for handler in self._handlers:
            try:
                async with asyncio.timeout(limit):
                    await handler.renew()
            except TimeoutError:
                _LOG.warning("socket_not_renewed", seconds=limit)

    async def close(self, grace: float = 5.0) -> None:
        """Let deliveries that are being taken in be acknowledged, then close.

        The socket client itself would drop acknowledgements still on their way.
        """
        try:
            if self._taking:
                await asyncio.wait_for(self._idle.wait(), grace)
        except TimeoutError:
            _LOG.warning("sockets_closed_while_busy")
        await asyncio.gather(*(handler.close() for handler in self._handlers))
        self._handlers = []

    @contextmanager
    def _taken_in(self, payload: dict[str, Any]) -> Iterator[None]:
        self._heard = time.monotonic()
        self.on_delivery(payload)
        self._taking += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._taking -= 1
            if not self._taking:
                self._idle.set()
