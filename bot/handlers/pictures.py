"""Pictures of CPU over time: under a digest by themselves, in a thread when somebody asks for one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.charts.pictures import ChartLocale, CpuHistory, NotDrawnError, Picture
from bot.domain.language import Language, language_of
from bot.domain.posts import Post
from bot.domain.proposals import Proposal
from bot.errors import DangjikError
from bot.handlers.alerts.reading import read
from bot.handlers.delivery import SlackCallError, asked
from bot.handlers.events import moment
from bot.handlers.views.blocks import sanitize_line
from bot.ports import Clock, ClusterHealth

_LOG = structlog.get_logger(__name__)
LIMIT = 40.0  # seconds for one picture, from figures to Slack; a press is given 55
HOUR = timedelta(hours=1)
BEFORE_ALERT, LONGEST = timedelta(minutes=5), timedelta(hours=6)
SHORTEST_STEP = timedelta(seconds=10)
FIRST_PERIOD = timedelta(days=1)  # of a digest with none before it
MOST_STEPS = 110  # points of a line
_NAME = 60


@dataclass(frozen=True, slots=True)
class Figured:
    """Where pictures take their figures, and who draws them: see `Artist.picture`.

    `decisions` are a thread's proposals, `previous` is the digest slot before a given one.
    """

    cluster: str
    health: ClusterHealth
    decisions: Callable[[str, str], Awaitable[tuple[Proposal, ...]]]
    draw: Callable[[CpuHistory, ChartLocale], Awaitable[Picture | None]]
    previous: Callable[[datetime], datetime | None] = lambda _: None


@dataclass(slots=True, eq=False)
class Pictures:
    """A failing picture costs nothing else: text stands without it, the log tells why."""

    client: AsyncWebClient
    figured: Figured
    clock: Clock
    zone: tzinfo
    _drawing: set[asyncio.Task[bool]] = field(default_factory=set, init=False)

    def posted(self, post: Post) -> None:
        """Let the picture of its period follow a digest; it delays no other post."""
        if post.event_type == "health_digest" and not post.replaces_ts:
            task = asyncio.create_task(self._follow(post))
            self._drawing.add(task)
            task.add_done_callback(self._drawing.discard)

    async def show(self, channel: str, thread_ts: str, language: Language) -> bool:
        """Post the picture of a thread: the last hour at least, the alert's threshold, its kills.

        False when there is nothing to draw, or it could not be drawn or posted.
        """
        now = self.clock()
        since = min(now - HOUR, _began(moment(thread_ts), now))
        history = self._thread(channel, thread_ts, since, now)
        return await self._post(history, language, channel, thread_ts)

    async def stop(self, grace: float = 3.0) -> None:
        """Give what is being drawn a little time; the rest is not made up."""
        if not self._drawing:
            return
        _, late = await asyncio.wait(self._drawing, timeout=grace)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _follow(self, post: Post) -> bool:
        now = self.clock()
        try:
            since = self.figured.previous(datetime.fromisoformat(str(post.event_payload["slot"])))
        except (KeyError, ValueError):  # asked for by hand: there is no slot
            since = None
        history = self._history(since or now - FIRST_PERIOD, now)
        language = language_of(post.text.partition(". ")[0])
        return await self._post(history, language, post.channel, post.thread_ts)

    async def _post(
        self,
        history: Awaitable[CpuHistory | None],
        language: Language,
        channel: str,
        thread_ts: str | None,
    ) -> bool:
        try:
            async with asyncio.timeout(LIMIT):
                figures = await history
                if figures is None:
                    return False
                picture = await self.figured.draw(figures, ChartLocale(language, self.zone))
                if picture is None:
                    return False
                await self._upload(picture, channel, thread_ts)
        except (SlackCallError, NotDrawnError, DangjikError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            _LOG.info("picture_not_posted", channel=channel, error=reason)
            return False
        return True

    async def _upload(self, picture: Picture, channel: str, thread_ts: str | None) -> None:
        arguments = {
            "channel": channel,
            "thread_ts": thread_ts,
            "filename": picture.name,
            "content": picture.png,
            "title": picture.title,
            "alt_txt": picture.alt,
        }
        await asked(self.client.files_upload_v2, arguments)

    async def _thread(
        self, channel: str, thread_ts: str, since: datetime, now: datetime
    ) -> CpuHistory | None:
        history, threshold = await asyncio.gather(
            self._history(since, now), self._threshold(channel, thread_ts)
        )
        if history is None:
            return None
        proposals = await self.figured.decisions(channel, thread_ts)
        kills = tuple(each.finished_at for each in proposals if each.finished_at and each.killed)
        return replace(history, threshold=threshold, kills=kills)

    async def _history(self, since: datetime, now: datetime) -> CpuHistory | None:
        step = max(SHORTEST_STEP, (now - since) / MOST_STEPS)
        window = await self.figured.health.cpu(since, now, step)
        if window is None:
            return None
        return CpuHistory(sanitize_line(self.figured.cluster, _NAME, Language.EN), window)

    async def _threshold(self, channel: str, thread_ts: str) -> float | None:
        """Return the threshold the thread's root tells of; None when it tells of none."""
        arguments = {"channel": channel, "ts": thread_ts, "limit": 1}
        try:
            page = await asked(self.client.conversations_replies, arguments)
        except SlackCallError:
            return None
        messages = page.get("messages") or [{}]
        return read(messages[0]).subject.threshold


def _began(alerted: datetime, now: datetime) -> datetime:
    """Return where the picture of a whole alert begins: as long before it as it lasted."""
    return max(alerted - max(BEFORE_ALERT, now - alerted), now - LONGEST)
