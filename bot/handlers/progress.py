"""Shows in the thread that we are at work, when an answer takes longer than a second."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.language import Language
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
