"""Shows in the thread that we are at work, and an answer as far as it stands."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.answers import Answer, Show
from bot.domain.conversation import Turn
from bot.domain.language import Language
from bot.errors import StorageError
from bot.handlers.replies import draft_post
from bot.ports import Outbox
from bot.texts.slack import WORKING

_LOG = structlog.get_logger(__name__)


class Progress:
    """Sets the thread's status after `after` seconds; Slack clears it when we post."""

    def __init__(self, client: AsyncWebClient, after: float = 1.0) -> None:
        self._client = client
        self._after = after

    @asynccontextmanager
    async def shown(self, channel: str, thread_ts: str, language: Language) -> AsyncIterator[None]:
        """Show the status while the body runs, if it runs that long."""
        task = asyncio.create_task(self._show(channel, thread_ts, language))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _show(self, channel: str, thread_ts: str, language: Language) -> None:
        await asyncio.sleep(self._after)
        try:
            await self._client.assistant_threads_setStatus(
                channel_id=channel, thread_ts=thread_ts, status=WORKING(language)
            )
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
            _LOG.info("status_not_shown", channel=channel, error=type(error).__name__)


class DraftPoster:
    """Posts an answer's facts when a model takes longer than `after` seconds over its sentences.

    At most one draft per answer, which the answer itself edits: two writes, whatever the model
    does, and nothing in either that code has not verified.
    """

    def __init__(self, outbox: Outbox, after: float = 2.0) -> None:
        self._outbox = outbox
        self._after = after

    @asynccontextmanager
    async def shown(self, turn: Turn) -> AsyncIterator[Show]:
        """Give the body what takes the answer as far as it stands; the last one counts."""
        held: asyncio.Queue[Answer] = asyncio.LifoQueue()
        task = asyncio.create_task(self._post(turn, held))
        try:
            yield held.put_nowait
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _post(self, turn: Turn, held: asyncio.Queue[Answer]) -> None:
        await asyncio.sleep(self._after)
        draft = await held.get()
        try:
            await self._outbox.add([draft_post(turn.id, turn, draft)])
        except StorageError as error:
            _LOG.info("draft_not_kept", error=str(error))
