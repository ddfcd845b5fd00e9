"""Leaves a folded repeat's trace in the first reply, edited in place, and never in its way."""

from datetime import datetime, tzinfo
from typing import Protocol

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.alerts import Alert, Investigation
from bot.domain.language import language_of
from bot.domain.posts import Post
from bot.errors import StorageError
from bot.handlers.delivery import ThrottledError, UndeliverableError, UnsureError, asked
from bot.handlers.views import blocks as kit
from bot.texts import alerts as texts

_LOG = structlog.get_logger(__name__)
MOST_BLOCKS = 50


class Standing(Protocol):
    """Posts that stand in Slack; see bot.ports.Outbox."""

    async def standing(self, post_id: str) -> Post | None:
        """Return a post that stands, with its ts as `replaces_ts`."""
        ...


class RepeatTraces:
    """Edits without haste: many repeats are one edit, and none is owed.

    What is not edited today is told by the next repeat, for the count is kept with the
    investigation.
    """

    def __init__(self, client: AsyncWebClient, posts: Standing, zone: tzinfo) -> None:
        self._client = client
        self._posts = posts
        self._zone = zone
        self._due: dict[str, tuple[str, int, datetime]] = {}

    def note(self, investigation: Investigation, alert: Alert) -> None:
        """Have the first reply tell of this repeat, soon."""
        told = (investigation.reply, investigation.repeats, alert.posted_at)
        self._due[investigation.id] = told

    async def edit_one(self) -> None:
        """Edit one reply that is due, if any: the pace is whoever's who asks."""
        if self._due:
            _, told = self._due.popitem()
            await self._edit(*told)

    async def _edit(self, reply: str, count: int, at: datetime) -> None:
        try:
            post = await self._posts.standing(reply)
            if post is None:
                return
            language = language_of(post.text)
            time = at.astimezone(self._zone).strftime("%H:%M")
            line = texts.TRACE(language, count=count, time=time)
            await asked(
                self._client.chat_update,
                {
                    "channel": post.channel,
                    "ts": post.replaces_ts,
                    "text": post.text,
                    "blocks": [*post.blocks[: MOST_BLOCKS - 1], kit.note(line)],
                    "metadata": {
                        "event_type": post.event_type,
                        "event_payload": {**post.event_payload, "post": post.id},
                    },
                },
            )
        except (ThrottledError, UndeliverableError, UnsureError, StorageError) as error:
            _LOG.info("trace_not_left", reason=str(error))
