"""Each slot is posted once, over replicas, restarts, clock steps and daylight saving."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.agents.templates.wording import Wording
from bot.approvals.desk import ApprovalDesk, Cluster
from bot.approvals.model import ApprovalPolicy
from bot.backends.build import build_cluster
from bot.backends.cluster import ClusterGateway
from bot.domain.alerts import Investigation
from bot.domain.knowledge import GuideFigures
from bot.domain.language import Language
from bot.domain.proposals import Person, Proposal
from bot.errors import BackendError, FaultKind, StorageError
from bot.handlers.views.answer import printed, put_digest
from bot.sandbox.platform import PlatformStandIn, load
from bot.sandbox.slack.demo import ALERT_CHANNEL
from bot.services.digest import Digester, DigestSettings, DigestWriter, Schedule
from bot.settings import load_settings
from bot.storage.clock import Lease
from bot.storage.database import Database
from bot.storage.messages import SqlOutbox
from bot.storage.open_database import open_database
from bot.storage.proposals import SqlProposals
from bot.storage.records import SqlHistory, SqlRuns
from bot.storage.tables import outbox
from bot.tools.toolbox import Toolbox
from tests.contract.databases import empty

DAYS = timedelta(days=3)
LOOK = timedelta(minutes=5)


@dataclass
class Time:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


class NoPeople:
    """Nobody is asked about in these tests."""

    async def person(self, user: str) -> Person:
        raise BackendError("slack", FaultKind.UNREACHABLE)

    async def group_members(self, group: str) -> frozenset[str]:
        raise BackendError("slack", FaultKind.UNREACHABLE)


@dataclass
class Rounds:
    """Two replicas on one database, looking by turns at one clock."""

    database: Database
    time: Time
    cron: str
    zone: ZoneInfo
    quiet: bool = False
    reader: ClusterGateway | None = None
    restarts: int = 0
    posted: list[tuple[str, datetime]] = field(default_factory=list)

    def replica(self, past: "Past | None" = None) -> Digester:
        self.restarts += 1
        clock, database = self.time, self.database
        reader = self.reader or ClusterGateway("prod", clock, {})
        desk = ApprovalDesk(
            SqlProposals(database, clock),
            Cluster(reader, reader, reader),
            NoPeople(),
            ApprovalPolicy(),
            clock,
        )
        lease = Lease(f"replica-{self.restarts}")
        runs = SqlRuns(database, clock, lease)
        manner = DigestSettings(Schedule(self.cron, self.zone), self.zone, Language.EN, self.quiet)
        return Digester(
            DigestWriter(
                Toolbox(reader, reader, desk), past or SqlHistory(database), manner, clock
            ),
            runs.claim,
            runs.done,
            runs.failed,
            partial(put_digest, SqlOutbox(database, clock, lease), ALERT_CHANNEL),
        )

    async def look(self, *replicas: Digester) -> None:
        await asyncio.gather(*(replica.post_due() for replica in replicas))
        known = {slot for slot, _ in self.posted}
        for slot in await self.slots():
            if slot not in known:
                self.posted.append((slot, self.time.now))

    async def slots(self) -> list[str]:
        rows = await self.database.read(lambda c: c.execute(sa.select(outbox)).all())
        assert all(row.wanted == 1 for row in rows), "no post was changed after the first time"
        return sorted(row.id.removeprefix("digest:") for row in rows)


class Past:
    """Blocks while being read, as a replica that dies in the middle of its digest."""

    def __init__(self, error: Exception | None = None) -> None:
        self.reached = asyncio.Event()
        self.error = error

    async def investigations(self, since: datetime) -> tuple[Investigation, ...]:
        self.reached.set()
        if self.error is not None:
            raise self.error
        await asyncio.Event().wait()
        return ()

    async def proposals(self, since: datetime) -> tuple[Proposal, ...]:
        return ()

    async def guides(self, since: datetime) -> GuideFigures:
        return GuideFigures()


@asynccontextmanager
async def rounds(address: str, start: datetime, cron: str, zone: str) -> AsyncIterator[Rounds]:
    database = await open_database(address)
    if database.shared:
        empty(address)
    try:
        yield Rounds(database, Time(start), cron, ZoneInfo(zone))
    finally:
        await database.close()


def looks(start: datetime, until: datetime, step: timedelta = LOOK) -> Iterator[datetime]:
    now = start
    while now <= until:
        yield now
        now += step


@pytest.mark.parametrize(
    ("zone", "start", "cron", "wanted"),
    [
        (
            "Asia/Seoul",
            "2026-11-19T00:00+09:00",
            "0 9 * * mon-fri",
            ["2026-11-19T09:00:00+09:00", "2026-11-20T09:00:00+09:00"],
        ),
        (
            "Europe/Berlin",
            "2026-10-24T00:00+02:00",
            "30 2 * * *",
            [
                "2026-10-24T02:30:00+02:00",
                "2026-10-25T02:30:00+02:00",
                "2026-10-26T02:30:00+01:00",
            ],
        ),
        (
            "America/New_York",
            "2026-03-07T00:00-05:00",
            "30 2 * * *",
            [
                "2026-03-07T02:30:00-05:00",
                "2026-03-08T03:30:00-04:00",
                "2026-03-09T02:30:00-04:00",
            ],
        ),
    ],
)
async def test_two_replicas_over_three_days_post_each_slot_once(
    database_address: str, zone: str, start: str, cron: str, wanted: list[str]
) -> None:
    """Restarted every six hours; an hour that comes twice or is left out makes one slot."""
    begin = datetime.fromisoformat(start)
    async with rounds(database_address, begin, cron, zone) as scene:
        pair = [scene.replica(), scene.replica()]
        for count, now in enumerate(looks(begin, begin + DAYS - LOOK)):
            scene.time.now = now
            if count % 72 == 0:
                pair[count // 72 % 2] = scene.replica()
            await scene.look(*pair)
        assert [slot for slot, _ in scene.posted] == wanted
        late = [at - datetime.fromisoformat(slot) for slot, at in scene.posted]
        assert max(late) < LOOK


async def test_a_slot_missed_while_down_is_made_up_within_the_grace(database_address: str) -> None:
    """An hour and 50 minutes late it is posted, past two hours it is not."""
    begin = datetime(2026, 11, 19, 0, 5, tzinfo=UTC)
    async with rounds(database_address, begin, "0 9 * * *", "Asia/Seoul") as scene:
        scene.time.now = datetime(2026, 11, 19, 1, 50, tzinfo=UTC)
        await scene.look(scene.replica(), scene.replica())
        scene.time.now = datetime(2026, 11, 20, 2, 1, tzinfo=UTC)
        await scene.look(scene.replica(), scene.replica())
        assert await scene.slots() == ["2026-11-19T09:00:00+09:00"]


async def test_an_hourly_schedule_loses_none_within_the_grace(database_address: str) -> None:
    """Both missed slots are made up; of a denser schedule only the latest three are."""
    now = datetime(2026, 11, 19, 3, 10, tzinfo=UTC)
    async with rounds(database_address, now, "0 * * * *", "UTC") as scene:
        await scene.look(scene.replica(), scene.replica())
        assert await scene.slots() == ["2026-11-19T02:00:00+00:00", "2026-11-19T03:00:00+00:00"]
    async with rounds(database_address, now, "*/5 * * * *", "UTC") as scene:
        await scene.look(scene.replica())
        dense = [slot for slot in await scene.slots() if slot[14:16] != "00"]
        assert dense == ["2026-11-19T03:05:00+00:00", "2026-11-19T03:10:00+00:00"]


@pytest.mark.parametrize("back", [timedelta(minutes=30), timedelta(hours=3), timedelta(days=1)])
async def test_a_clock_set_back_posts_nothing_twice(database_address: str, back: timedelta) -> None:
    """Half an hour, three hours or a day after the slot was posted."""
    begin = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)
    async with rounds(database_address, begin, "0 9 19 * *", "UTC") as scene:
        pair = (scene.replica(), scene.replica())
        for now in looks(begin, begin + timedelta(hours=2)):
            scene.time.now = now
            await scene.look(*pair)
        turned = scene.time.now - back
        for now in looks(turned, turned + back + timedelta(hours=1)):
            scene.time.now = now
            await scene.look(*pair)
        assert await scene.slots() == ["2026-11-19T09:00:00+00:00"]


async def test_a_clock_set_forward_over_a_slot_makes_it_up(database_address: str) -> None:
    """By an hour and a half."""
    begin = datetime(2026, 11, 19, 8, 55, tzinfo=UTC)
    async with rounds(database_address, begin, "0 9 * * *", "UTC") as scene:
        replica = scene.replica()
        await scene.look(replica)
        scene.time.now = begin + timedelta(minutes=90)
        await scene.look(replica)
        assert await scene.slots() == ["2026-11-19T09:00:00+00:00"]


async def test_a_replica_killed_in_the_middle_leaves_the_slot_to_another(
    database_address: str,
) -> None:
    """Once its lease is over, and not before."""
    begin = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
    async with rounds(database_address, begin, "0 9 * * *", "UTC") as scene:
        past = Past()
        dying = asyncio.create_task(scene.replica(past).post_due())
        await asyncio.wait_for(past.reached.wait(), 30)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        other = scene.replica()
        await scene.look(other)
        assert not await scene.slots()
        scene.time.now += timedelta(seconds=61)
        await scene.look(other)
        assert await scene.slots() == ["2026-11-19T09:00:00+00:00"]


async def test_a_digest_that_failed_is_taken_up_by_the_next_look(database_address: str) -> None:
    """The slot is given back at once."""
    begin = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
    async with rounds(database_address, begin, "0 9 * * *", "UTC") as scene:
        with pytest.raises(StorageError):
            await scene.replica(Past(StorageError("disk"))).post_due()
        await scene.look(scene.replica())
        assert await scene.slots() == ["2026-11-19T09:00:00+00:00"]


@pytest.mark.parametrize("quiet", [True, False])
async def test_quiet_leaves_out_a_slot_with_nothing_to_say(
    database_address: str, *, quiet: bool
) -> None:
    """A calm cluster, no alert, no kill; what cannot be read is worth saying even then."""
    now = datetime.now(UTC)
    platform = PlatformStandIn(load("calm"), lambda: now, seed=3)
    await platform.start()
    settings = load_settings(
        _env_file=None, yarn_url=platform.yarn_url, prometheus_url=platform.prometheus_url
    )
    async with (
        rounds(database_address, now, "* * * * *", "UTC") as scene,
        build_cluster(settings, scene.time) as reader,
    ):
        scene.quiet, scene.reader = quiet, reader
        await scene.look(scene.replica())
        assert bool(await scene.slots()) is not quiet
        scene.time.now += timedelta(minutes=1)
        scene.reader = None
        await scene.look(scene.replica())
        assert await scene.slots()
    await platform.stop()


async def test_a_period_reaches_back_to_the_slot_before(database_address: str) -> None:
    """Monday's digest is about the weekend, too; one asked for is about a day."""
    monday = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    schedule = Schedule("0 9 * * mon-fri", ZoneInfo("Asia/Seoul"))
    (slot,) = schedule.due(monday, timedelta(hours=2))
    assert slot.isoformat() == "2026-11-23T09:00:00+09:00"
    friday = schedule.before(slot)
    assert friday == datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
    assert Schedule("0 9 1 1 *", ZoneInfo("UTC")).before(monday) is None
    async with rounds(database_address, monday, "0 9 * * mon-fri", "Asia/Seoul") as scene:
        facts, _ = await scene.replica().writer.compose(friday)
        assert facts.since == friday
        facts, words = await scene.replica().writer.compose()
        assert facts.since == monday - timedelta(days=1)
        assert isinstance(words, Wording)
        assert "prod" in printed(Language.EN, words)


@pytest.mark.parametrize(
    ("month", "day", "days"),
    [(3, 1, 42), (9, 27, 42), pytest.param(1, 1, 365, marks=pytest.mark.long)],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("cron", ["30 2 * * *", "0 * * * *", "*/10 1-3 * * *", "0 0 * * sun"])
def test_slots_never_repeat_and_never_end(
    zone: str, cron: str, month: int, day: int, days: int
) -> None:
    """While all zones change their clocks, looked at every hour and a half: every instant once."""
    schedule = Schedule(cron, ZoneInfo(zone))
    begin = datetime(2026, month, day, tzinfo=UTC)
    seen: list[datetime] = []
    for now in looks(begin, begin + timedelta(days=days), timedelta(minutes=90)):
        seen += [at.astimezone(UTC) for at in schedule.due(now, timedelta(minutes=89, seconds=59))]
    assert seen == sorted(set(seen))
    walls = {at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in seen}
    assert len(walls) == len(seen)
    fired = schedule.get_next_fire_time(None, seen[0])
    for at in seen:
        assert fired == at, "the scheduler fires at each of them, and at nothing else"
        fired = schedule.get_next_fire_time(fired, begin)
