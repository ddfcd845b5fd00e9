"""The composition root: builds the product out of settings, runs it, and ends it in order."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog
from apscheduler.triggers.combining import OrTrigger

from bot.agents.model.timeouts import ModelTimeouts
from bot.agents.reading.loading import LoadingReader
from bot.approvals.desk import ApprovalDesk, Cluster
from bot.approvals.model import Timers
from bot.backends.build import build_cluster
from bot.backends.cluster import ClusterGateway
from bot.backends.used_sampler import EVERY_S
from bot.errors import StartError
from bot.handlers.digest_post import DigestOutlet, WatchPosts
from bot.handlers.health import HealthServer
from bot.handlers.people import SlackPeople
from bot.handlers.pictures import Figured
from bot.handlers.slack_app import Connection, Services, SlackApp, SlackTiming
from bot.health_checks import Figures, slack_check, storage_check
from bot.observability.spans import open_spans
from bot.observability.telemetry import Telemetry
from bot.ports import Clock
from bot.retrieval.search import KnowledgeSearch
from bot.services.conversations import Conversations
from bot.services.digest import Digester
from bot.services.guides import GuideDesk
from bot.services.incidents import IncidentDesk
from bot.services.jobs import (
    BUTTONS_KEPT,
    MESSAGES_KEPT,
    Job,
    Jobs,
    Prunable,
    Sweeper,
    UsageSampler,
    Work,
    every,
    prune,
)
from bot.services.unheard_ends import UnheardEnds
from bot.services.watches import WatchRound
from bot.settings import Settings
from bot.storage.beside import hold_data_dir, open_beside
from bot.storage.clock import SharedClock
from bot.storage.database import Database
from bot.storage.leases import forget_leases
from bot.storage.proposals import SqlProposals
from bot.storage.records import Rows, SqlFigures, SqlSpending
from bot.storage.usage_history import SqlUsageHistory
from bot.tools.toolbox import Toolbox
from bot.wiring import (
    connection_of,
    deciding_of,
    home_data_of,
    load_reader,
    manner_of,
    open_conversations,
    open_knowledge,
    open_storage,
    policy_of,
    rules_of,
    web_of,
)

_LOG = structlog.get_logger(__name__)
RETENTION_EVERY = 6 * 3600.0  # seconds
OWED_EVERY = 600.0
OWED_WITHIN = timedelta(hours=24)  # a first reply that Slack refused helps nobody later
OpenCluster = Callable[[Settings, Clock], AbstractAsyncContextManager[ClusterGateway]]


def utc_now() -> datetime:
    """Return the time now, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the product goes; tests go faster."""

    edge: SlackTiming = field(default_factory=SlackTiming)
    timers: Timers = field(default_factory=Timers)
    sweep_every: float = 10.0  # seconds
    watch_every: float = 15.0
    model: ModelTimeouts | None = None  # None: as the settings say


class Part(Protocol):
    """Something that runs beside the conversations."""

    async def start(self) -> None:
        """Begin. Raises StartError."""
        ...

    async def stop(self) -> None:
        """End."""
        ...


class Bot:
    """The running product: the Slack edge, the parts beside it, its jobs, and what begins last."""

    def __init__(
        self,
        edge: SlackApp,
        parts: tuple[Part, ...],
        jobs: Jobs,
        digester: Digester | None = None,
        late: tuple[Part, ...] = (),
    ) -> None:
        self.edge = edge
        self.digester = digester
        self._parts = parts
        self._jobs = jobs
        self._late = late

    async def start(self) -> None:
        """Take up what an earlier run left and connect to Slack. Raises StartError."""
        for part in self._parts:
            await part.start()
        await self._jobs.start()
        await self.edge.start()
        self._jobs.add(*self.edge.jobs())
        for part in self._late:
            await part.start()
        _LOG.info("started")

    async def stop(self) -> None:
        """Finish what is being worked on; what is left waits for the next start."""
        await self.edge.stop()
        await self._jobs.stop()
        for part in (*self._parts, *self._late):
            await part.stop()
        _LOG.info("stopped")


@dataclass(frozen=True, slots=True)
class _Takeover:
    """Frees what a dead process held: begins a run, and only a run."""

    database: Database

    async def start(self) -> None:
        await forget_leases(self.database)

    async def stop(self) -> None:
        return


@dataclass(frozen=True, slots=True)
class _Rooms:
    """What is built before Slack is told of it."""

    settings: Settings
    clock: Clock
    shared: SharedClock
    pace: Pace
    connection: Connection
    database: Database
    rows: Rows
    people: SlackPeople
    desk: ApprovalDesk
    documents: KnowledgeSearch
    tools: Toolbox
    conversations: Conversations
    telemetry: Telemetry
    reader: LoadingReader
    cores: Work


@asynccontextmanager
async def build(
    settings: Settings,
    clock: Clock = utc_now,
    pace: Pace | None = None,
    open_cluster: OpenCluster = build_cluster,
    *,
    beside: bool = False,
) -> AsyncIterator[Bot]:
    """Build the product; nothing runs before `Bot.start`. Raises StartError.

    Only a command that ends by itself may be `beside` the product of the same DATA_DIR.
    """
    async with AsyncExitStack() as stack:
        database = await _open_rows(settings, stack, beside=beside)
        rooms = await _open(settings, clock, pace or Pace(), open_cluster, stack, database=database)
        edge = _edge(rooms)
        digester = _digester(rooms)
        jobs = _jobs(rooms, edge.messenger.wake, digester)
        late = (rooms.reader, rooms.documents)  # seconds of work, which Slack need not wait for
        yield Bot(edge, tuple(_parts(rooms, edge)), jobs, digester, late)


async def _open_rows(settings: Settings, stack: AsyncExitStack, *, beside: bool) -> Database:
    """Open our rows as the one product of DATA_DIR, which several of PostgreSQL may share."""
    if settings.database_url is None:
        other = stack.enter_context(hold_data_dir(settings.data_dir))
        if other and beside:
            return await stack.enter_async_context(open_beside(settings.database))
        if other:
            raise StartError(
                f"DATA_DIR {settings.data_dir} is in use by process {other}: end that one first,"
                " or set DATABASE_URL to run several"
            )
    return await stack.enter_async_context(open_storage(settings))


async def _open(
    settings: Settings,
    clock: Clock,
    pace: Pace,
    open_cluster: OpenCluster,
    stack: AsyncExitStack,
    *,
    database: Database,
) -> _Rooms:
    connection = await connection_of(settings)
    shared = SharedClock(clock)
    await shared.measure(database)
    rows = Rows.over(database, shared)
    people = SlackPeople(connection.client, connection.who.team, monotonic)
    telemetry = Telemetry()
    cluster = await stack.enter_async_context(open_cluster(settings, clock))
    cluster.told_to(telemetry.backend)
    proposals = SqlProposals(database, shared)
    wired = Cluster(cluster, cluster, cluster)
    desk = ApprovalDesk(proposals, wired, people, policy_of(settings), clock, timers=pace.timers)
    documents = await stack.enter_async_context(open_knowledge(settings))
    web = await stack.enter_async_context(web_of(settings))
    usage = SqlUsageHistory(database, settings.cluster_name)
    spans = await stack.enter_async_context(
        open_spans(settings.otel_exporter_otlp_endpoint, settings.cluster_name)
    )
    tools = Toolbox(
        health=cluster,
        applications=cluster,
        proposals=desk,
        documents=documents,
        web=web,
        history=cluster,
        notes=rows.feedback,
        habits=usage,
        spans=spans,
        deciding=deciding_of(settings),
        people=people,
        watches=rows.watches,
    )
    reader = LoadingReader(load_reader)
    zone = ZoneInfo(settings.timezone)
    spending = SqlSpending(database, clock, zone, used=telemetry.model)
    return _Rooms(
        settings,
        clock,
        shared,
        pace,
        connection,
        database,
        rows,
        people,
        desk,
        documents,
        tools,
        await stack.enter_async_context(
            open_conversations(
                settings, tools, spending, pace.model, reads=reader, telemetry=telemetry
            )
        ),
        telemetry,
        reader,
        cluster.sampler.look,
    )


def _edge(rooms: _Rooms) -> SlackApp:
    rows, zone = rooms.rows, ZoneInfo(rooms.settings.timezone)
    incidents = IncidentDesk(
        rows.incidents,
        rooms.conversations,
        rooms.desk,
        rooms.people,
        rooms.documents,
        cluster=rooms.settings.cluster_name,
        zone=zone,
    )
    core = Services(
        rows.inbox,
        rows.outbox,
        rows.investigations,
        rooms.desk,
        rooms.conversations,
        rooms.clock,
        GuideDesk(rooms.tools, rows.feedback, zone),
        incidents,
        rooms.conversations,
        Figured(
            rooms.settings.cluster_name,
            rooms.tools.health,
            rooms.desk,
            rooms.settings.data_dir / "charts",
            manner_of(rooms.settings).schedule.before,
        ),
        home_data_of(rooms.settings, rooms.tools.health, rows.history, rooms.people, rooms.clock),
        UnheardEnds(rooms.tools.health),
        rooms.tools.spans,
    )
    return SlackApp(
        rooms.connection,
        core,
        rules=rules_of(rooms.settings),
        zone=zone,
        tempo=rooms.pace.edge,
        on_group_change=rooms.people.forget_groups,
    )


def _digester(rooms: _Rooms) -> Digester | None:
    rows, channel = rooms.rows, rooms.settings.digest_channel
    if channel is None:
        return None
    return Digester(
        rooms.tools,
        rows.history,
        rows.runs,
        outlet=DigestOutlet(rows.outbox, channel),
        manner=manner_of(rooms.settings),
        clock=rooms.clock,
    )


def _kept(rows: Rows, conversations: Conversations) -> dict[str, tuple[Prunable, timedelta]]:
    return {
        "inbox": (rows.inbox, MESSAGES_KEPT),
        "outbox": (rows.outbox, MESSAGES_KEPT),
        "guide_answers": (rows.feedback, BUTTONS_KEPT),
        "incident_records": (rows.incidents, BUTTONS_KEPT),
        "threads": (rows.investigations, BUTTONS_KEPT),
        "conversations": (conversations, BUTTONS_KEPT),
    }


def _jobs(rooms: _Rooms, wake: Callable[[], None], digester: Digester | None) -> Jobs:
    """Return all that is done now and then but the Slack edge's; `wake` sends what was queued."""
    settings, rows, jobs = rooms.settings, rooms.rows, Jobs()
    sweeper = Sweeper(rooms.desk, lambda: rooms.shared.measure(rooms.database), wake, jobs.begin)
    watches = WatchRound(rooms.tools, WatchPosts(rows.outbox), rooms.clock)
    usage = UsageSampler(
        rooms.tools.applications,
        SqlUsageHistory(rooms.database, settings.cluster_name),
        rooms.clock,
        settings.usage_every,
        settings.usage_kept,
    )
    kept = _kept(rows, rooms.conversations)
    owed = partial(rows.outbox.revive_first_replies, OWED_WITHIN)
    jobs.add(
        Job("sweep", sweeper.sweep, every(rooms.pace.sweep_every)),
        Job("retention", partial(prune, kept), every(RETENTION_EVERY)),
        Job("watches", _waking(watches.look, wake), every(rooms.pace.watch_every)),
        Job("owed replies", _waking(owed, wake), every(OWED_EVERY), at_once=False),
        Job("cores", rooms.cores, every(EVERY_S)),
        Job("usage", usage.sample, every(settings.usage_every.total_seconds()), at_once=False),
    )
    if digester is not None:
        # Each minute, too: a slot that failed, or whose holder died, is taken up.
        due = OrTrigger([manner_of(settings).schedule, every(60)])
        jobs.add(Job("digest", _waking(digester.post_due, wake), due))
    return jobs


def _waking(work: Work, wake: Callable[[], None]) -> Work:
    async def done() -> None:
        if await work():
            wake()

    return done


def _parts(rooms: _Rooms, edge: SlackApp) -> list[Part]:
    settings = rooms.settings
    parts: list[Part] = [_Takeover(rooms.database)]
    if settings.health_port:
        checks = {
            "slack": slack_check(edge),
            "storage": storage_check(rooms.database, rooms.shared),
            "reader": rooms.reader.check,
        }
        figures = Figures(rooms.telemetry, edge, SqlFigures(rooms.database, rooms.clock), checks)
        parts.append(HealthServer(settings.health_port, checks, figures, settings.health_host))
    return parts


async def run_until(stop: asyncio.Event, settings: Settings, pace: Pace | None = None) -> None:
    """Run the product until `stop` is set."""
    async with build(settings, pace=pace) as oncall:
        await oncall.start()
        try:
            await stop.wait()
        finally:
            await oncall.stop()
