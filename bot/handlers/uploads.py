"""Pictures into Slack (files v2): an address, the bytes, then the post. At most once, never first.

A picture follows a text that stands already. It has a queue of its own, so that a slow or failing
upload holds up no text, and it is kept nowhere: what a restart or an error takes is not made up.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.charts.artist import NotDrawnError
from bot.charts.figures import Picture
from bot.errors import DangjikError
from bot.handlers.delivery import ThrottledError, UndeliverableError, UnsureError, asked

_LOG = structlog.get_logger(__name__)
MOST_WAITING = 8  # in an alert storm the texts matter
LIMIT = 60.0  # seconds for one picture, from figures to Slack


async def upload(
    client: AsyncWebClient, picture: Picture, channel: str, thread_ts: str | None
) -> None:
    """Post a picture; raise ThrottledError, UnsureError or UndeliverableError."""
    await asked(
        client.files_upload_v2,
        {
            "channel": channel,
            "thread_ts": thread_ts,
            "filename": picture.name,
            "content": picture.png,
            "title": picture.title,
            "alt_txt": picture.alt,
        },
    )


class PictureQueue:
    """Runs work that ends in a picture, one at a time; a failure is told in the log alone."""

    def __init__(self, limit: float = LIMIT) -> None:
        self._limit = limit
        self._one = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work soon; it is left out while too many wait."""
        if len(self._tasks) >= MOST_WAITING:
            _LOG.info("picture_left_out", post=what)
            return
        task = asyncio.create_task(self._run(what, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self, grace: float) -> None:
        """Give what runs so many seconds; the rest is not made up."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=grace)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            async with self._one, asyncio.timeout(self._limit):
                await work()
        except (ThrottledError, UnsureError, UndeliverableError, NotDrawnError) as error:
            _LOG.info("picture_not_posted", post=what, error=str(error))
        except (DangjikError, TimeoutError) as error:
            _LOG.info("picture_not_drawn", post=what, error=str(error) or type(error).__name__)
        except Exception:  # noqa: BLE001 - the queue's own boundary: a picture must hurt nobody
            _LOG.exception("picture_failed", post=what)
