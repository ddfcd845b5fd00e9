"""Which picture follows which post, made from what is stored and measured when the post stands."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Protocol

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.charts.pictures import (
    Artist,
    ChartLocale,
    CpuHistory,
    Figures,
    KillEffect,
    NotDrawnError,
    Picture,
)
from bot.domain.alerts import AlertStatus, Metric
from bot.domain.language import Language, language_of
from bot.domain.posts import Post
from bot.domain.proposals import Proposal, TargetState
from bot.errors import DangjikError
from bot.handlers.alerts.reading import read
from bot.handlers.delivery import ThrottledError, UndeliverableError, UnsureError, asked
from bot.handlers.events import moment
from bot.handlers.views.blocks import sanitize_line
from bot.ports import Clock, ClusterHealth

# Pictures into Slack (files v2): an address, the bytes, then the post. At most once, never first.
# A picture follows a text that stands already. It has a queue of its own, so that a slow or
# failing upload holds up no text, and it is kept nowhere: what a restart or an error takes is not
# made up.


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


HOUR = timedelta(hours=1)
BEFORE_ALERT, LONGEST = timedelta(minutes=5), timedelta(hours=6)
SHORTEST_STEP = timedelta(seconds=10)
FIRST_PERIOD = timedelta(days=1)  # of a digest with none before it
MOST_STEPS = 110  # points of a line
_NAME = 60
_CPU_METRICS = frozenset({Metric.CPU.value, Metric.LOAD.value})  # whose alerts CPU explains


class Decisions(Protocol):
    """Proposals, as pictures need them."""

    async def get(self, proposal_id: str) -> Proposal | None:
        """Return a proposal."""
        ...

    async def in_thread(self, channel: str, thread_ts: str) -> tuple[Proposal, ...]:
        """Return the thread's proposals, newest first."""
        ...


class Draws(Protocol):
    """Draws pictures; see bot.charts.pictures.Artist."""

    async def picture(self, figures: Figures, manner: ChartLocale) -> Picture | None:
        """Return a picture; None when there is nothing to see. Raises NotDrawnError."""
        ...


@dataclass(frozen=True, slots=True)
class Figured:
    """Where pictures take their figures, and who draws them.

    `previous` is the digest slot before a given one; `folder` keeps what drawing leaves for the
    next time.
    """

    cluster: str
    health: ClusterHealth
    decisions: Decisions
    folder: Path
    previous: Callable[[datetime], datetime | None] = lambda _: None
    artist: Draws | None = None


class Pictures:
    """Called with every post once it stands; the picture follows it, or nothing does."""

    def __init__(
        self, client: AsyncWebClient, figured: Figured, clock: Clock, zone: tzinfo
    ) -> None:
        self._client = client
        self._from = figured
        self._clock = clock
        self._zone = zone
        self._artist: Draws = figured.artist or Artist(figured.folder)
        self._queue = PictureQueue()

    def posted(self, post: Post) -> None:
        """Queue the post's picture; an edit or a whisper has none."""
        if not (post.replaces_ts or post.ephemeral_to) and self._pictured(post):
            self._queue.add(post.id, lambda: self._follow(post))

    async def stop(self, grace: float = 3.0) -> None:
        """Give the picture being made a little time; those left are not made up."""
        await self._queue.stop(grace)

    def _pictured(self, post: Post) -> bool:
        if post.view:
            return post.view == "proof"
        if post.event_type == "alert_investigation":
            subject = post.event_payload.get("subject") or {}
            return subject.get("metric", Metric.CPU.value) in _CPU_METRICS
        return post.event_type == "health_digest"

    async def _follow(self, post: Post) -> None:
        language = language_of(post.text.partition(". ")[0])
        if post.view:
            proposal = await self._from.decisions.get(post.proposal_id or "")
            language = proposal.language if proposal else language
            figures: Figures | None = _effect(proposal, language) if proposal else None
        elif post.event_type == "alert_investigation":
            figures = await self._alerted(post)
        else:
            figures = await self._period(post)
        if figures is None:
            return
        picture = await self._artist.picture(figures, ChartLocale(language, self._zone))
        if picture is not None:
            await upload(self._client, picture, post.channel, post.thread_ts)

    async def _alerted(self, post: Post) -> CpuHistory | None:
        """Return the last hour with the alert's threshold; once it is over, all of it and its kills."""
        thread, now = post.thread_ts or "", self._clock()
        over = post.event_payload.get("status") == AlertStatus.RESOLVED.value
        since = _began(moment(thread), now) if over else now - HOUR
        history, threshold = await asyncio.gather(
            self._history(since, now), self._threshold(post.channel, thread)
        )
        if history is None:
            return None
        kills: tuple[datetime, ...] = ()
        if over:
            kills = _killed_at(await self._from.decisions.in_thread(post.channel, thread))
        return replace(history, threshold=threshold, kills=kills)

    async def _period(self, post: Post) -> CpuHistory | None:
        now = self._clock()
        try:
            since = self._from.previous(datetime.fromisoformat(str(post.event_payload["slot"])))
        except (KeyError, ValueError):  # asked for by hand: there is no slot
            since = None
        return await self._history(since or now - FIRST_PERIOD, now)

    async def _history(self, since: datetime, now: datetime) -> CpuHistory | None:
        step = max(SHORTEST_STEP, (now - since) / MOST_STEPS)
        window = await self._from.health.cpu(since, now, step)
        if window is None:
            return None
        return CpuHistory(sanitize_line(self._from.cluster, _NAME, Language.EN), window)

    async def _threshold(self, channel: str, thread_ts: str) -> float | None:
        """Return the threshold the alert's post tells of; None when it tells of none."""
        try:
            page = await asked(
                self._client.conversations_replies,
                {"channel": channel, "ts": thread_ts, "limit": 1},
            )
        except (ThrottledError, UnsureError, UndeliverableError):
            return None
        messages = page.get("messages") or [{}]
        return read(messages[0]).subject.threshold


def _effect(proposal: Proposal, language: Language) -> KillEffect | None:
    if proposal.cpu_before is None or proposal.cpu_after is None:
        return None
    names = tuple(
        sanitize_line(target.name, _NAME, language)
        for target in proposal.targets
        if target.state is TargetState.SUCCEEDED
    )
    return KillEffect(proposal.cpu_before, proposal.cpu_after, names) if names else None


def _began(alerted: datetime, now: datetime) -> datetime:
    """Return where the picture of a whole alert begins: as long before it as it lasted."""
    return max(alerted - max(BEFORE_ALERT, now - alerted), now - LONGEST)


def _killed_at(proposals: tuple[Proposal, ...]) -> tuple[datetime, ...]:
    return tuple(
        each.finished_at
        for each in proposals
        if each.finished_at is not None
        and any(target.state is TargetState.SUCCEEDED for target in each.targets)
    )
