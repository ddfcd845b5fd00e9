"""Finds out when the sockets are open but nothing comes through them, and fetches what was missed.

Users of Slack's SDKs report sockets that answer pings and deliver no event (bolt-python issue
1529, python-slack-sdk issue 1701), so an open socket proves nothing. What proves something is a
message that stands in a channel and never came: the inbox knows every one that did, whichever
replica took it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import StorageError
from bot.handlers.events import Installation
from bot.handlers.message_text import Json
from bot.ports import Clock

_LOG = structlog.get_logger(__name__)
WINDOW = timedelta(minutes=15)  # looked back; the inbox remembers longer
MOST_CHANNELS = 10  # looked at in one round: history may be read some 50 times a minute
MOST_MESSAGES = 50
CALM_ROUNDS = 10  # without a missed message, after which we are taken to hear again


@dataclass(frozen=True, slots=True)
class EventGap:
    """How many messages came without their event, and whether we are taken to be deaf now."""

    missed: int = 0
    deaf: bool = False


class MissedEventWatch:
    """Looks every `period` seconds for messages older than `grace` seconds that never came.

    `keep` takes a delivery as if Slack had made it and tells whether it is new to the inbox;
    `renew` opens the sockets anew; `channels` are always looked at, and those heard from.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        who: Installation,
        keep: Callable[[Json], Awaitable[bool]],
        renew: Callable[[], Awaitable[None]],
        clock: Clock,
        *,
        channels: Iterable[str] = (),
        period: float = 60.0,
        grace: float = 30.0,
    ) -> None:
        self._client = client
        self._who = who
        self._keep = keep
        self._renew = renew
        self._clock = clock
        self._period = period
        self._grace = timedelta(seconds=grace)
        self._channels = deque(dict.fromkeys(channels))
        self._begun = clock()
        self._missed = 0
        self._calm: int | None = None  # rounds since the last missed message, while deaf
        self._refused: set[str] = set()

    @property
    def hearing(self) -> EventGap:
        """How well we hear."""
        return EventGap(self._missed, deaf=self._calm is not None)

    def heard(self, payload: Json) -> None:
        """Take notice of a delivery that came through a socket."""
        event = payload.get("event")
        channel = event.get("channel") if isinstance(event, dict) else None
        kind = event.get("channel_type") if isinstance(event, dict) else None
        if isinstance(channel, str) and kind != "im" and channel not in self._channels:
            self._channels.append(channel)
        self._recovered("an event came")

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(self._period)
            try:
                await self.look()
            except StorageError as error:
                _LOG.warning("canary_not_kept", error=str(error))

    async def look(self) -> None:
        """Look once, and open the sockets anew when something was missed. Raises StorageError."""
        missed = 0
        for channel in tuple(self._channels)[:MOST_CHANNELS]:
            self._channels.rotate(-1)
            missed += await self._look_at(channel)
        if not missed:
            self._calmer()
            return
        self._missed += missed
        self._calm = 0
        _LOG.error("events_missed", messages=missed, doing="opening the sockets anew")
        await self._renew()

    async def _look_at(self, channel: str) -> int:
        now = self._clock()
        since = max(now - WINDOW, self._begun)
        try:
            page = await self._client.conversations_history(
                channel=channel,
                oldest=f"{since.timestamp():.6f}",
                latest=f"{(now - self._grace).timestamp():.6f}",
                limit=MOST_MESSAGES,
            )
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
            if channel not in self._refused:
                self._refused.add(channel)
                _LOG.warning("canary_cannot_look", channel=channel, error=type(error).__name__)
            return 0
        self._refused.discard(channel)
        messages: list[Json] = page.get("messages") or []
        new = [await self._keep(self._delivery(channel, each)) for each in reversed(messages)]
        return sum(new)

    def _delivery(self, channel: str, message: Json) -> Json:
        """Return the delivery this message should have come in."""
        ts = str(message.get("ts") or "")
        return {
            "type": "event_callback",
            "team_id": self._who.team,
            "event_id": f"canary-{channel}-{ts}",
            "event": {"type": "message", **message, "channel": channel, "event_ts": ts},
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
