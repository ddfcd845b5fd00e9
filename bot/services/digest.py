"""The scheduled health digest: what it says, and when; each slot is posted once.

A slot is the moment the schedule names, not the moment we woke. Every replica looks at the same
slots and one of them claims each; a slot missed while down is made up within the grace.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import takewhile

import structlog
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from bot.agents.templates.digest import DigestFacts, Earlier, digest
from bot.agents.templates.wording import Voice, Wording
from bot.domain.alerts import Investigation
from bot.domain.cluster import Window
from bot.domain.conversation import Query
from bot.domain.language import Language
from bot.domain.listings import frozen
from bot.domain.proposals import Proposal
from bot.errors import BackendError, DangjikError
from bot.ports import Clock, Past
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import get_spark_jobs
from bot.tools.toolbox import Toolbox

_LOG = structlog.get_logger(__name__)
JOB = "digest"
GRACE = timedelta(hours=2)
FIRST_PERIOD = timedelta(days=1)
STEP = timedelta(minutes=15)
MOST_MADE_UP = 3  # a schedule by the hour loses none within the grace, a denser one floods nobody
MOST_SHIFT = timedelta(hours=2)  # of clocks, in any zone
LOOKS_BACK = (timedelta(hours=2), timedelta(days=1), timedelta(days=8))


Claim = Callable[[str, str], Awaitable[bool]]  # takes a job's slot; False when done or another's
End = Callable[[str, str], Awaitable[None]]  # ends what was taken, for good or until the next try
Publish = Callable[[str, Language, Wording], Awaitable[None]]  # queues one post for a slot


class Schedule(BaseTrigger):  # type: ignore[misc]  # APScheduler publishes no types
    """A crontab line in a time zone; weekdays are best written by name, e.g. `mon-fri`.

    The line is read on the wall clock alone and each wall time then placed in the zone: an hour
    that comes twice counts the first time, one that is left out is made up right after it. Asked
    in a zone with daylight saving, APScheduler 3.11 names both twice, and goes round for ever
    when asked for what follows the first of two.
    """

    def __init__(self, cron: str, zone: tzinfo) -> None:
        self._walls = CronTrigger.from_crontab(cron, timezone=UTC)
        self._zone = zone

    def due(self, now: datetime, within: timedelta) -> tuple[datetime, ...]:
        """Return the slots at or before `now` and at most `within` old, oldest first, in the zone."""
        since = now - within
        last = self._wall(now) + MOST_SHIFT
        walls = takewhile(lambda at: at <= last, self._walls_from(self._wall(since) - MOST_SHIFT))
        placed = {self._placed(wall) for wall in walls}
        return tuple(at.astimezone(self._zone) for at in sorted(placed) if since <= at <= now)

    def before(self, slot: datetime) -> datetime | None:
        """Return the slot before this one, None when there is none within eight days."""
        for back in LOOKS_BACK:
            found = self.due(slot - timedelta(seconds=1), back)
            if found:
                return found[-1]
        return None

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """Return the first slot after `previous`, else from `now` on, in UTC; APScheduler asks for it."""
        after = previous or now - timedelta(microseconds=1)
        found: datetime | None = None
        for wall in self._walls_from(self._wall(after) - MOST_SHIFT):
            if found is not None and wall > self._wall(found) + MOST_SHIFT:
                break
            at = self._placed(wall)
            if at > after and (found is None or at < found):
                found = at
        return found

    def _wall(self, at: datetime) -> datetime:
        return at.astimezone(self._zone).replace(tzinfo=UTC, fold=0)

    def _placed(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=self._zone).astimezone(UTC)

    def _walls_from(self, first: datetime) -> Iterator[datetime]:
        wall: datetime | None = self._walls.get_next_fire_time(None, first)
        while wall is not None:
            yield wall
            wall = self._walls.get_next_fire_time(None, wall + timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """How the digest is given; `quiet` leaves out a slot with nothing to say."""

    schedule: Schedule
    zone: tzinfo
    language: Language
    quiet: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class DigestWriter:
    """Writes digests."""

    tools: Toolbox
    past: Past
    manner: DigestSettings
    clock: Clock

    async def compose(
        self, since: datetime | None = None, language: Language | None = None
    ) -> tuple[DigestFacts, Wording]:
        """Return the digest as of now: of the last day, or of the time since `since`.

        `language` is the settings' where none is asked for.
        """
        now = self.clock()
        since = since or now - FIRST_PERIOD
        metrics, jobs, window, guides, past, usage = await asyncio.gather(
            get_cluster_metrics(self.tools),
            get_spark_jobs(self.tools, Query()),
            self._window(since, now),
            self.past.guides(since),
            self._both_periods(since - (now - since), since),
            self.tools.usage_sums(since),
        )
        investigations, proposals, earlier = past
        heaviest = frozen(jobs.rows, Query(), jobs.snapshot)
        facts = DigestFacts(
            since, metrics, window, heaviest, investigations, proposals, guides, earlier, usage
        )
        return facts, digest(facts, Voice(language or self.manner.language, self.manner.zone))

    async def _both_periods(
        self, before: datetime, since: datetime
    ) -> tuple[tuple[Investigation, ...], tuple[Proposal, ...], Earlier | None]:
        """Return what happened since `since`, and what from `before` until then."""
        window, investigations, proposals = await asyncio.gather(
            self._window(before, since),
            self.past.investigations(before),
            self.past.proposals(before),
        )
        alerts = [each for each in investigations if before <= each.opened_at < since]
        kills = [each for each in proposals if each.created_at < since]
        earlier = Earlier(
            None if window is None else window.mean,
            len(alerts),
            sum(len(each.killed) for each in kills),
        )
        known = window is not None or alerts or kills
        return (
            tuple(each for each in investigations if _belongs(each, since)),
            tuple(each for each in proposals if each.created_at >= since),
            earlier if known else None,
        )

    async def _window(self, since: datetime, now: datetime) -> Window | None:
        try:
            return await self.tools.health.cpu(since, now, STEP)
        except BackendError as error:
            _LOG.warning("digest_without_history", error=str(error))
            return None


@dataclass(frozen=True, slots=True, eq=False)
class Digester:
    """Posts each slot once."""

    writer: DigestWriter
    claim: Claim
    done: End
    failed: End
    publish: Publish

    async def post_due(self) -> bool:
        """Post every slot that is due and nobody's yet; False when there is none.

        After a long time down at most the latest three are made up.
        """
        schedule = self.writer.manner.schedule
        posted = False
        for slot in schedule.due(self.writer.clock(), GRACE)[-MOST_MADE_UP:]:
            posted |= await self.post(slot.isoformat(), schedule.before(slot))
        return posted

    async def post(self, slot: str, since: datetime | None = None) -> bool:
        """Post one slot, about the time since `since`; False when another replica has it."""
        if not await self.claim(JOB, slot):
            return False
        try:
            facts, words = await self.writer.compose(since)
            if facts.eventful or not self.writer.manner.quiet:
                await self.publish(slot, self.writer.manner.language, words)
        except DangjikError:
            await self.failed(JOB, slot)
            raise
        await self.done(JOB, slot)
        return True


def _belongs(investigation: Investigation, since: datetime) -> bool:
    return investigation.opened_at >= since or investigation.closed_at is None
