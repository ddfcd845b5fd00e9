"""Sends what waits in the outbox: each channel in order and at Slack's pace.

Cards and answers to people go before what is said under alerts; what one person alone sees has a
line and a pace of its own.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from bot.domain.posts import Post
from bot.errors import DangjikError, StorageError
from bot.handlers.delivery import ThrottledError, UndeliverableError, UnsureError
from bot.ports import Clock, Outbox

_LOG = structlog.get_logger(__name__)
_MAX_UNSURE = 4  # tries in a row before the post goes back to the outbox
_LONG_WAIT = 8.0  # seconds; waited out in the outbox, so that a post's lease does not end


# Sends one post and returns its ts; raises ThrottledError, UnsureError or UndeliverableError.
Send = Callable[[Post], Awaitable[str]]


class SendingPace:
    """A token bucket: `burst` at once, then one every `every` seconds. `now` is monotonic."""

    def __init__(self, now: Callable[[], float], every: float = 1.0, burst: int = 3) -> None:
        self._now = now
        self._every = every
        self._burst = burst
        self._free_at = now() - burst * every

    def delay(self) -> float:
        """Take one token and return how long to wait for it, in seconds."""
        now = self._now()
        self._free_at = max(self._free_at, now - self._burst * self._every) + self._every
        return max(self._free_at - now, 0.0)


@dataclass(slots=True, eq=False)
class Messenger:
    """Runs until `stop`; `wake` makes it look at once instead of every `period` seconds.

    `posted` is called with each post once it stands in Slack and that is noted.
    """

    outbox: Outbox
    send: Send
    clock: Clock
    period: float = 0.5
    every: float = 1.0
    pause: float = 1.0
    posted: Callable[[Post], None] = lambda _: None
    _woken: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _stopping: bool = field(default=False, init=False)
    _lanes: dict[str, deque[Post]] = field(default_factory=dict, init=False)
    _paces: dict[str, SendingPace] = field(default_factory=dict, init=False)
    _busy: set[str] = field(default_factory=set, init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    def wake(self) -> None:
        """Look into the outbox now."""
        self._woken.set()

    async def run(self) -> None:
        """Send what is due, until `stop`."""
        while not self._stopping:
            self._woken.clear()
            await self._take()
            try:
                await asyncio.wait_for(self._woken.wait(), self.period)
            except TimeoutError:
                continue

    async def stop(self, grace: float = 10.0) -> None:
        """Send what is due once more and wait for it; the rest waits for the next start."""
        self._stopping = True
        self._woken.set()
        await self._take()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _take(self) -> None:
        try:
            due = await self.outbox.due()
        except StorageError as error:
            _LOG.error("outbox_not_read", error=str(error))
            return
        for post in due:
            self._queue(post)

    def _queue(self, post: Post) -> None:
        if post.id in self._busy:
            return
        self._busy.add(post.id)
        lane = self._lanes.get(post.line)
        if lane is not None:
            lane.append(post)
            return
        self._lanes[post.line] = deque([post])
        task = asyncio.create_task(self._drive(post.line))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drive(self, line: str) -> None:
        """Send the line's posts one after another."""
        lane = self._lanes[line]
        loop = asyncio.get_running_loop()
        pace = self._paces.setdefault(line, SendingPace(loop.time, self.every))
        try:
            while lane:
                await asyncio.sleep(pace.delay())
                post = next((each for each in lane if each.pressing), lane[0])
                lane.remove(post)
                try:
                    await self._send(post, lane)
                finally:
                    self._busy.discard(post.id)
        except DangjikError as error:
            _LOG.error("post_not_noted", channel=line.partition("/")[0], error=str(error))
        finally:
            self._busy.difference_update(post.id for post in lane)
            del self._lanes[line]
            self._woken.set()  # the outbox hands out a few posts a channel at a time

    async def _send(self, post: Post, lane: deque[Post]) -> None:
        unsure, waited = 0, 0.0
        while True:
            try:
                ts = await self.send(post)
            except ThrottledError as error:
                waited += error.seconds
                if waited > _LONG_WAIT:
                    await self._put_back([post, *lane], error.seconds, str(error))
                    self._busy.difference_update(each.id for each in lane)
                    lane.clear()
                    return
                await asyncio.sleep(error.seconds)
            except UnsureError as error:
                unsure += 1
                post = replace(post, tries=max(post.tries, 1) + 1)
                if unsure >= _MAX_UNSURE:
                    await self._put_back([post], 30 * self.pause, str(error))
                    return
                await asyncio.sleep(self.pause * unsure)
            except UndeliverableError as error:
                _LOG.error("post_given_up", post=post.id, channel=post.channel, error=str(error))
                await self.outbox.failed(post, None, str(error))
                return
            except Exception:  # noqa: BLE001 - a post that cannot be made must not block its channel
                _LOG.exception("post_failed", post=post.id, channel=post.channel)
                await self.outbox.failed(post, None, "unexpected error")
                return
            else:
                await self.outbox.sent(post, ts)
                self.posted(post)
                return

    async def _put_back(self, posts: list[Post], seconds: float, reason: str) -> None:
        again = self.clock() + timedelta(seconds=seconds)
        for post in posts:
            await self.outbox.failed(post, again, reason)
