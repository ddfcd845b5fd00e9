"""The connection to Slack: tokens checked first, two sockets, what they missed, an orderly end.

Users of Slack's SDKs report sockets that answer pings and deliver no event (bolt-python issue
1529, python-slack-sdk issue 1701), so an open socket proves nothing. What proves something is a
message that stands in a channel and never came: the inbox knows every one that did, whichever
replica took it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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

from bot.domain.alerts import Alert, AlertStatus, Identity, fitting
from bot.domain.language import language_of
from bot.domain.posts import Post
from bot.errors import StartError
from bot.handlers.delivery import SlackCallError, ThrottledError, asked
from bot.handlers.events import AlertPost, Installation, Parser, is_bot
from bot.handlers.message_text import Json, dicts
from bot.handlers.views.answer import channel_notice
from bot.ports import Clock
from bot.texts import slack as texts

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


# What was posted while no event came is fetched: at the start, after an outage, from deaf sockets.


WINDOW = timedelta(minutes=15)  # looked back at least; the inbox remembers longer
FARTHEST = timedelta(hours=24)  # looked back at most
PAGE = 200  # messages asked for at once; Slack gives apps sold in its store 15
MOST_PAGES = 40  # of one channel in one look
CALM_ROUNDS = 10  # without a missed message, after which we are taken to hear again
LATE = timedelta(minutes=2)  # an answer that comes after it is an answer to an old question


@dataclass(frozen=True, slots=True)
class EventGap:
    """How many messages came without their event, and whether we are taken to be deaf now."""

    missed: int = 0
    deaf: bool = False


@dataclass(slots=True, eq=False)
class Backlog:
    """One channel's missed messages, page by page, the newest page first.

    An alert's newest post decides: one that fires is answered, and older posts of it are folded
    into it; one that is over is named in `ended`, unless an investigation of it is open.
    """

    parser: Parser
    channel: str
    _newest: dict[str, tuple[Identity, Alert]] = field(default_factory=dict, init=False)
    ended: dict[str, str] = field(default_factory=dict, init=False)

    def sorted_out(self, page: list[Json]) -> list[Json]:
        """Return a page (newest first) in the order things happened, folded posts marked."""
        return list(reversed(list(self._marked(page))))

    def _marked(self, page: list[Json]) -> Iterator[Json]:
        for message in page:
            event = {"type": "message", **message, "channel": self.channel}
            heard = self.parser.read({"team_id": self.parser.who.team, "event": event})
            folded = isinstance(heard, AlertPost) and self._older(heard.alert)
            yield {**message, "folded": folded}

    def _older(self, alert: Alert) -> bool:
        """Tell whether a newer post of the alert was seen; note what is over."""
        known = ((id_, identity) for id_, (identity, _) in self._newest.items())
        found = fitting(alert, known)
        if found is None:
            self._newest[alert.ts] = (alert.identity, alert)
            return False
        newest = self._newest[found][1]
        if newest.status is AlertStatus.RESOLVED and alert.status is AlertStatus.FIRING:
            self.ended[found] = newest.title
        return True


_MAX_NAMED, _MOST_NAMED = 80, 5  # characters of a title, and titles, in one line


def missed_post(channel: str, backlog: Backlog, since: str) -> Post:
    """Return the one line for alerts that came and went while we were down."""
    titles = tuple(dict.fromkeys(backlog.ended.values()))
    language = language_of(" ".join(titles))
    named = ", ".join(title[:_MAX_NAMED] for title in titles[:_MOST_NAMED])
    text = texts.MISSED(language, count=len(backlog.ended), names=named)
    return channel_notice(f"missed:{channel}:{since}", channel, "missed", text)


@dataclass(slots=True, eq=False)
class MissedEventWatch:
    """Looks for messages older than `grace` that never came.

    It looks back to its last successful look, at the start to when something was last taken in;
    what was posted before a first start was never ours. `channels` are always looked at, and those
    heard from. `keep` takes a delivery as if Slack had made it and tells whether it is new to the
    inbox; `post` queues what is said of the rest; `renew` opens the sockets anew.
    """

    client: AsyncWebClient
    parser: Parser
    clock: Clock
    keep: Callable[[Json], Awaitable[bool]]
    post: Callable[[list[Post]], Awaitable[None]]
    renew: Callable[[], Awaitable[None]]
    channels: list[str]
    grace: timedelta
    _looked: dict[str, datetime] = field(default_factory=dict, init=False)
    _since: datetime = field(init=False)
    _taking_up: bool = field(default=False, init=False)
    _missed: int = field(default=0, init=False)
    _calm: int | None = field(default=None, init=False)  # rounds since a missed message, while deaf
    _refused: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        """Miss nothing that came before it was there."""
        self._since = self.clock()

    @property
    def hearing(self) -> EventGap:
        """How well we hear."""
        return EventGap(self._missed, deaf=self._calm is not None)

    def heard(self, payload: Json) -> None:
        """Take notice of a delivery that came through a socket."""
        event = payload.get("event")
        channel = event.get("channel") if isinstance(event, dict) else None
        kind = event.get("channel_type") if isinstance(event, dict) else None
        if isinstance(channel, str) and kind != "im" and channel not in self.channels:
            self.channels.append(channel)
        self._recovered("an event came")

    def begin(self, since: datetime) -> None:
        """Have the next look fetch what came since then, too: no socket was open to miss it."""
        self._since, self._taking_up = since - self.grace, True

    async def look(self) -> None:
        """Look once, and open the sockets anew when something was missed. Raises StorageError."""
        if self._taking_up:
            self._taking_up = False
            await self._join()
            await self.fetch()
            return
        missed = await self.fetch()
        if not missed:
            self._calmer()
            return
        self._missed += missed
        self._calm = 0
        _LOG.error("events_missed", messages=missed, doing="opening the sockets anew")
        await self.renew()

    async def fetch(self) -> int:
        """Take in what never came; return how many messages. Raises StorageError."""
        return sum([await self._look_at(channel) for channel in tuple(self.channels)])

    async def _join(self) -> None:
        """Look at every channel we are in, when none is listed."""
        if self.parser.rules.channels:
            return
        arguments = {"types": "public_channel,private_channel", "exclude_archived": True}
        try:
            page = await asked(self.client.users_conversations, {**arguments, "limit": PAGE})
        except SlackCallError as error:
            _LOG.warning("channels_not_listed", error=str(error))
            return
        for each in dicts(page.get("channels")):
            if each.get("id") not in self.channels:
                self.channels.append(str(each["id"]))

    async def _look_at(self, channel: str) -> int:
        """Take in a channel's missed messages, newest page first."""
        now = self.clock()
        looked = self._looked.get(channel)
        since = min(looked, now - WINDOW) if looked else self._since
        oldest = max(since - self.grace, now - FARTHEST, self._since)
        span = {"oldest": _ts(oldest), "latest": _ts(now - self.grace), "limit": PAGE}
        backlog, new, cursor = Backlog(self.parser, channel), 0, ""
        for _ in range(MOST_PAGES):
            page = await self._page({"channel": channel, **span, "cursor": cursor or None})
            if page is None:
                return new
            # Side by side: of each alert one post is worked on, and commits are shared.
            new += sum(
                await asyncio.gather(
                    *(
                        self.keep(self._delivery(channel, message, now))
                        for message in backlog.sorted_out(dicts(page.get("messages")))
                    )
                )
            )
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        self._looked[channel] = now
        if new and backlog.ended:
            await self.post([missed_post(channel, backlog, _ts(oldest))])
        return new

    async def _page(self, arguments: Json) -> Json | None:
        """Return one page of history, at Slack's pace; None when it cannot be read."""
        channel = arguments["channel"]
        for _ in range(MOST_PAGES):
            try:
                page = await asked(self.client.conversations_history, arguments)
            except ThrottledError as error:
                await asyncio.sleep(error.seconds)
            except SlackCallError as error:
                if channel not in self._refused:
                    self._refused.add(channel)
                    _LOG.warning("canary_cannot_look", channel=channel, error=str(error))
                return None
            else:
                self._refused.discard(channel)
                return page
        return None

    def _delivery(self, channel: str, message: Json, now: datetime) -> Json:
        """Return the delivery this message should have come in; `late` tells that it is old."""
        ts = str(message.get("ts") or "")
        event = {"type": "message", **message, "channel": channel, "event_ts": ts}
        if is_bot(message) and isinstance(message.get("edited"), dict):  # it may have been heard
            place = {"type": "message", "channel": channel, "event_ts": ts}
            event = {**place, "subtype": "message_changed", "message": message}
        late = bool(ts) and now.timestamp() - float(ts) > LATE.total_seconds()
        return {
            "type": "event_callback",
            "team_id": self.parser.who.team,
            "event_id": f"canary-{channel}-{ts}",
            "late": late,
            "folded": bool(message.get("folded")),
            "event": event,
        }

    def _calmer(self) -> None:
        if self._calm is not None:
            self._calm += 1
            if self._calm >= CALM_ROUNDS:
                self._recovered("nothing was missed since")

    def _recovered(self, why: str) -> None:
        if self._calm is not None:
            self._calm = None
            _LOG.info("events_arrive_again", because=why)


def _ts(at: datetime) -> str:
    return f"{at.timestamp():.6f}"
