"""The scheduled health digest: what it is made of, its words, and when; each slot is posted once.

A slot is the moment the schedule names, not the moment we woke. Every replica looks at the same
slots and one of them claims each; a slot missed while down is made up within the grace.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import takewhile

import structlog
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from bot.agents.templates.cluster import cpu_sentence
from bot.agents.templates.lists import job_table
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.alerts import Investigation
from bot.domain.answers import Bullets, Facts, Heading, Notice, Paragraph, Part, Span, Tone, plain
from bot.domain.cluster import ClusterMetrics, Window
from bot.domain.conversation import Listing, Query
from bot.domain.core_usage import UsageSum
from bot.domain.knowledge import GuideFigures
from bot.domain.language import Language, Text
from bot.domain.listings import frozen
from bot.domain.proposals import Proposal, ProposalState, TargetState
from bot.errors import BackendError, DangjikError
from bot.ports import Clock, Past
from bot.texts import figures
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import get_spark_jobs
from bot.tools.toolbox import Toolbox

TITLE = Text(ko="클러스터 상태 요약: {cluster}", en="Cluster health: {cluster}")
PERIOD = Text(
    ko="{start} 이후 CPU는 평균 {mean}, 최고 {high}였습니다.",
    en="Since {start} CPU averaged {mean} and peaked at {high}.",
)
ALERTS = Text(ko="알람", en="Alerts")
ALERTS_SUM = Text(
    ko="{count}건 · 해소 {closed} · 진행 중 {open}",
    en="{count} · {closed} resolved · {open} open",
)
PERIOD_EARLIER = Text(
    ko="그전 같은 길이의 기간에는 평균 {mean}였습니다.",
    en="Over the same time before, it averaged {mean}.",
)
EARLIER = Text(ko="{sum} (그전 {count}건)", en="{sum} (before: {count})")
NONE = Text(ko="없었습니다", en="none")
KILLS = Text(ko="종료", en="Kills")
KILLS_SUM = Text(
    ko="확인 {killed} · 거절 {denied} · 기한 지남 {expired}",
    en="{killed} verified · {denied} rejected · {expired} expired",
)
GUIDES = Text(ko="문서 답변", en="Guide answers")
GUIDES_SUM = Text(ko="{count}건 · 👍 {up} · 👎 {down}", en="{count} · 👍 {up} · 👎 {down}")
EFFECT = Text(
    ko="{names} 종료: CPU {before} → {after}", en="Killed {names}: CPU {before} → {after}"
)
HEAVIEST = Text(ko="지금 가장 무거운 잡", en="Heaviest jobs now")
REPEAT = Text(ko="자주 종료된 사용자: {owners}", en="Owners killed more than once: {owners}")
NEEDS_HUMAN = Text(
    ko="종료 결과가 분명하지 않은 카드가 {count}건 있습니다. 사람이 확인해야 합니다.",
    en="Kill cards of unclear outcome: {count}. A person must look.",
)
WAITING = Text(
    ko="결정을 기다리는 카드가 {count}건 있습니다.",
    en="Kill cards that wait for a decision: {count}.",
)
STILL_OPEN = Text(
    ko="해소되지 않은 알람이 {count}건 있습니다. 가장 오래된 것은 {start}에 시작했습니다.",
    en="Alerts not resolved: {count}, the oldest since {start}.",
)
ALL_WELL = Text(ko="사람이 할 일은 없습니다.", en="Nothing needs a person.")
USED = Text(ko="사용한 코어·시간: {owners}.", en="Core-hours used: {owners}.")
USED_OWNER = Text(
    ko="{owner} {used} (쓰지 않은 할당 {wasted})",
    en="{owner} {used} ({wasted} granted and not used)",
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The period of the same length before: mean CPU in percent where known, alerts and kills."""

    cpu: float | None = None
    alerts: int = 0
    kills: int = 0


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """The cluster now and since `since`; `heaviest` is a list of what runs now.

    `earlier` is None where nothing is known of the period before; `usage` are core-hours by
    owner, the most used first.
    """

    since: datetime
    metrics: ClusterMetrics
    window: Window | None
    heaviest: Listing
    investigations: tuple[Investigation, ...]
    proposals: tuple[Proposal, ...]
    guides: GuideFigures = field(default_factory=GuideFigures)
    earlier: Earlier | None = None
    usage: tuple[UsageSum, ...] = ()

    @property
    def eventful(self) -> bool:
        """True when there is more to say than that all is well."""
        return bool(self.investigations or self.proposals or self.metrics.missing)


EFFECTS_SHOWN = 5


def digest(facts: DigestFacts, voice: Voice) -> Wording:
    """Say how healthy the cluster is and was, and what needs a person."""
    language = voice.language
    title = TITLE(language, cluster=facts.metrics.cluster)
    sentence = cpu_sentence(facts.metrics, language)
    parts: list[Part] = [Heading(title), Paragraph((bold(sentence), *_period(facts, voice)))]
    parts.extend(_todo(facts, voice))
    parts.append(Facts(_counts(facts, language)))
    effects = _effects(facts, language)
    if effects:
        parts.append(Bullets(effects))
    owners = _repeat_owners(facts)
    if owners:
        parts.append(plain(REPEAT(language, owners=", ".join(owners))))
    if facts.usage:
        parts.append(plain(USED(language, owners=", ".join(_owners(facts, language)))))
    if facts.heaviest.rows:
        parts.append(Paragraph((bold(HEAVIEST(language)),)))
        parts.append(job_table(facts.heaviest, voice))
    parts.append(voice.footing(facts.metrics.taken_at, facts.metrics.missing))
    ids = tuple(row.ref.id for row in facts.heaviest.rows)
    return Wording(f"{title}. {sentence}", tuple(parts), ids)


def _period(facts: DigestFacts, voice: Voice) -> tuple[Span, ...]:
    if facts.window is None:
        return ()
    words = PERIOD(
        voice.language,
        start=facts.since.astimezone(voice.zone).strftime("%m-%d %H:%M"),
        mean=figures.percent(facts.window.mean),
        high=figures.percent(facts.window.high),
    )
    if facts.earlier is not None and facts.earlier.cpu is not None:
        mean = figures.percent(facts.earlier.cpu)
        words = f"{words} {PERIOD_EARLIER(voice.language, mean=mean)}"
    return (Span(" " + words),)


def _counts(facts: DigestFacts, language: Language) -> tuple[tuple[str, str], ...]:
    alerts = NONE(language)
    if facts.investigations:
        still_open = sum(item.closed_at is None for item in facts.investigations)
        count = len(facts.investigations)
        alerts = ALERTS_SUM(language, count=count, closed=count - still_open, open=still_open)
    kills = NONE(language)
    if facts.proposals:
        states = Counter(proposal.state for proposal in facts.proposals)
        kills = KILLS_SUM(
            language,
            killed=sum(len(proposal.killed) for proposal in facts.proposals),
            denied=states[ProposalState.DENIED],
            expired=states[ProposalState.EXPIRED],
        )
    if facts.earlier is not None:
        alerts = EARLIER(language, sum=alerts, count=facts.earlier.alerts)
        kills = EARLIER(language, sum=kills, count=facts.earlier.kills)
    counts = [(ALERTS(language), alerts), (KILLS(language), kills)]
    guides = facts.guides
    if guides.answers or guides.helpful or guides.unhelpful:
        said = GUIDES_SUM(language, count=guides.answers, up=guides.helpful, down=guides.unhelpful)
        counts.append((GUIDES(language), said))
    return tuple(counts)


def _effects(facts: DigestFacts, language: Language) -> tuple[tuple[Span, ...], ...]:
    done = [item for item in facts.proposals if item.killed and item.cpu_after is not None]
    return tuple(
        (
            Span(
                EFFECT(
                    language,
                    names=", ".join(each.name for each in item.killed),
                    before=figures.percent(item.cpu_before),
                    after=figures.percent(item.cpu_after),
                )
            ),
        )
        for item in done[:EFFECTS_SHOWN]
    )


def _owners(facts: DigestFacts, language: Language) -> list[str]:
    return [
        USED_OWNER(
            language,
            owner=each.owner,
            used=figures.number(each.used),
            wasted=figures.number(each.wasted),
        )
        for each in facts.usage[:EFFECTS_SHOWN]
    ]


def _repeat_owners(facts: DigestFacts) -> list[str]:
    owners = Counter(each.user for proposal in facts.proposals for each in proposal.killed)
    return [f"{owner} ({count})" for owner, count in owners.most_common(3) if count > 1]


def _todo(facts: DigestFacts, voice: Voice) -> list[Part]:
    """Say what needs a person, the most urgent first; it stands above the figures."""
    language = voice.language
    stuck = sum(
        any(target.state is TargetState.NEEDS_HUMAN for target in proposal.targets)
        for proposal in facts.proposals
    )
    waiting = sum(proposal.state is ProposalState.PENDING for proposal in facts.proposals)
    notices: list[Part] = []
    if stuck:
        notices.append(Notice(NEEDS_HUMAN(language, count=stuck), Tone.BAD))
    if waiting:
        notices.append(Notice(WAITING(language, count=waiting), Tone.WARNING))
    opened = [each.opened_at for each in facts.investigations if each.closed_at is None]
    if opened:
        start = min(opened).astimezone(voice.zone).strftime("%m-%d %H:%M")
        words = STILL_OPEN(language, count=len(opened), start=start)
        notices.append(Notice(words, Tone.WARNING))
    return notices or [plain(ALL_WELL(language))]


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
