"""Fetches what was posted while no event came: at the start, after an outage, from deaf sockets.

Users of Slack's SDKs report sockets that answer pings and deliver no event (bolt-python issue
1529, python-slack-sdk issue 1701), so an open socket proves nothing. What proves something is a
message that stands in a channel and never came: the inbox knows every one that did, whichever
replica took it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.alerts import Alert, AlertStatus, Identity, fitting
from bot.domain.language import language_of
from bot.domain.posts import Post
from bot.handlers.delivery import SlackCallError, ThrottledError, asked
from bot.handlers.events import AlertPost, Parser, is_bot
from bot.handlers.message_text import Json, dicts
from bot.handlers.views.answer import channel_notice
from bot.ports import Clock
from bot.texts import alerts as texts

_LOG = structlog.get_logger(__name__)
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
