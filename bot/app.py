"""The composition root: builds the product out of settings, runs it, and ends it in order."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog
from apscheduler.triggers.combining import OrTrigger

from bot.agents.model.limits import ModelTimeouts
from bot.agents.understand import LoadingReader
from bot.api.tokens import TALLY_EVERY, Limits, Tally
from bot.approvals.desk import ApprovalDesk, Cluster
from bot.approvals.model import Timers
from bot.backends.build import reach_cluster
from bot.backends.cluster import ClusterGateway
from bot.backends.remote import RemoteCluster
from bot.backends.used_cores import EVERY_S
from bot.charts.pictures import Artist
from bot.errors import StartError
from bot.handlers.alerts.answers import ended
from bot.handlers.people import SlackPeople
from bot.handlers.pictures import Figured
from bot.handlers.slack_app import Connection, Services, SlackApp, SlackTiming
from bot.handlers.views.answer import put_digest, put_watch
from bot.health_checks import Figures, HealthServer, slack_check, storage_check
from bot.observability import Telemetry, open_spans
from bot.ports import Clock, People
from bot.retrieval.search import KnowledgeSearch
from bot.services.conversations import Conversations
from bot.services.digest import Digester, DigestWriter
from bot.services.guides import GuideDesk, IncidentDesk
from bot.services.jobs import (
    BUTTONS_KEPT,
    MESSAGES_KEPT,
    Job,
    Jobs,
    Prune,
    Sweeper,
    Work,
    every,
    prune,
    sample_usage,
    tell_watches,
)
from bot.settings import Settings
from bot.storage.audit import Audit, SqlTrail
from bot.storage.clock import SharedClock, forget_leases
from bot.storage.database import Database, hold_data_dir, open_beside
from bot.storage.proposals import SqlProposals
from bot.storage.records import Rows, SqlFigures, SqlSpending
from bot.storage.usage_history import SqlUsageHistory
from bot.tools.toolbox import Toolbox
from bot.wiring import (
    book_of,
    card_channel_of,
    connection_of,
    deciding_of,
    directory_of,
    home_data_of,
    language_of,
    load_reader,
    manner_of,
    open_conversations,
    open_knowledge,
    open_storage,
    open_web,
    policy_of,
    rules_of,
    systems_of,
)

if TYPE_CHECKING:  # an extra
    from bot.api.server import ApiServer
    from bot.api.tokens import TokenBook

_LOG = structlog.get_logger(__name__)
RETENTION_EVERY = 6 * 3600.0  # seconds
OWED_EVERY = 600.0
OWED_WITHIN = timedelta(hours=24)  # a first reply that Slack refused helps nobody later
ReachedCluster = ClusterGateway | RemoteCluster
OpenCluster = Callable[[Settings, Clock], AbstractAsyncContextManager[ReachedCluster]]


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
    api: Limits = field(default_factory=Limits)


Part = HealthServer | Tally | LoadingReader | KnowledgeSearch  # beside the conversations


@dataclass(slots=True, eq=False)
class Bot:
    """The running product: the Slack edge, the parts beside it, its jobs, and what begins last.

    Without an edge it is the core that the API serves; `api` opens last and closes first. `first`
    frees what a dead process held: it begins a run, and only a run.
    """

    slack: SlackApp | None
    first: Work
    parts: tuple[Part, ...]
    jobs: Jobs
    late: tuple[Part, ...]
    digester: Digester | None = None
    api: "ApiServer | None" = None

    @property
    def edge(self) -> SlackApp:
        """The Slack edge of a run."""
        assert self.slack is not None  # noqa: S101 - asked only of a run
        return self.slack

    async def start(self) -> None:
        """Take up what an earlier run left and connect to Slack. Raises StartError."""
        await self.first()
        for part in self.parts:
            await part.start()
        await self.jobs.start()
        if self.slack is not None:
            await self.slack.start()
            self.jobs.add(*self.slack.jobs())
        for part in self.late:
            await part.start()
        if self.api is not None:
            await self.api.start()
        _LOG.info("started")

    async def stop(self) -> None:
        """Finish what is being worked on; what is left waits for the next start."""
        if self.api is not None:
            await self.api.stop()
        if self.slack is not None:
            await self.slack.stop()
        await self.jobs.stop()
        for part in (*self.parts, *self.late):
            await part.stop()
        _LOG.info("stopped")


@dataclass(frozen=True, slots=True)
class _Outside:
    """Whom we know outside: our installation in Slack, who may call, and people of one `team`."""

    slack: Connection | None
    book: "TokenBook | None"
    people: People
    team: str


@dataclass(frozen=True, slots=True)
class _Rooms:
    """What is built before Slack is told of it; `look` reads which cores are really used."""

    settings: Settings
    clock: Clock
    shared: SharedClock
    pace: Pace
    outside: _Outside
    database: Database
    rows: Rows
    desk: ApprovalDesk
    documents: KnowledgeSearch
    tools: Toolbox
    conversations: Conversations
    telemetry: Telemetry
    reader: LoadingReader
    look: Work


@asynccontextmanager
async def build(
    settings: Settings,
    clock: Clock = utc_now,
    pace: Pace | None = None,
    open_cluster: OpenCluster = reach_cluster,
    *,
    beside: bool = False,
    slack: bool = True,
) -> AsyncIterator[Bot]:
    """Build the product; nothing runs before `Bot.start`. Raises StartError.

    Only a command that ends by itself may be `beside` the product of the same DATA_DIR; it serves
    nothing. Without `slack` it is the core and the API alone.
    """
    serves = not beside and (settings.api_port > 0 or not slack)
    async with AsyncExitStack() as stack:
        database = await _open_rows(settings, stack, beside=beside)
        outside = await _outside(settings, slack=slack, serves=serves)
        cluster = await stack.enter_async_context(open_cluster(settings, clock))
        rooms = await _open(
            settings,
            clock,
            pace or Pace(),
            stack,
            database=database,
            cluster=cluster,
            outside=outside,
        )
        yield _bot(rooms)


def _bot(rooms: _Rooms) -> Bot:
    """Put the edge, the API and the jobs on what is built."""
    slack, jobs = rooms.outside.slack, Jobs()
    edge = _edge(rooms, slack) if slack else None
    wake = edge.messenger.wake if edge else _nobody
    sweeper = Sweeper(rooms.desk, lambda: rooms.shared.measure(rooms.database), wake, jobs.begin)
    api, parts = None, _parts(rooms, edge)
    if rooms.outside.book is not None:
        tally = Tally(SqlTrail(rooms.database, rooms.shared).note)
        api = _api(rooms, rooms.outside.book, sweeper, tally)
        parts.append(tally)
        jobs.add(Job("api calls", tally.write, every(TALLY_EVERY)))
    jobs.add(*_jobs(rooms, sweeper))
    digester = _digester(rooms) if edge else None
    if edge is not None:
        jobs.add(*_talking_jobs(rooms, wake, digester))
    late = (rooms.reader, rooms.documents)  # seconds of work, which Slack need not wait for
    first = partial(forget_leases, rooms.database)
    return Bot(edge, first, tuple(parts), jobs, late, digester, api)


def _nobody() -> None:
    """Wake nobody: nothing is posted from here."""


async def _outside(settings: Settings, *, slack: bool, serves: bool) -> _Outside:
    """Ask Slack who we are, and read who may call. Raises StartError."""
    book = book_of(settings) if serves else None
    if slack:
        connection = await connection_of(settings)
        team = connection.who.team
        return _Outside(connection, book, SlackPeople(connection.client, team), team)
    if book is None:
        raise StartError("without Slack there is the API alone")
    if settings.gateway_url is not None:
        raise StartError("GATEWAY_URL is for `run`: the gateway itself has the cluster's addresses")
    return _Outside(None, book, *await directory_of(settings, book))


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
    stack: AsyncExitStack,
    *,
    database: Database,
    cluster: ReachedCluster,
    outside: _Outside,
) -> _Rooms:
    """Open everything between our rows and Slack."""
    shared, telemetry = SharedClock(clock), Telemetry()
    await shared.measure(database)
    cluster.told_to(telemetry.backend)
    rows, reader = Rows.over(database, shared), LoadingReader(load_reader)
    desk = ApprovalDesk(
        SqlProposals(database, shared),
        Cluster(cluster, cluster, cluster, cluster),
        outside.people,
        policy_of(settings),
        clock,
        timers=pace.timers,
        cards_at=card_channel_of(settings, slack=outside.slack is not None),
    )
    documents = await stack.enter_async_context(open_knowledge(settings))
    tools = await _open_tools(settings, stack, cluster, desk, rows=rows, documents=documents)
    tools = replace(
        tools, people=outside.people, habits=SqlUsageHistory(database, settings.cluster_name)
    )
    spending = SqlSpending(database, clock, ZoneInfo(settings.timezone), used=telemetry.model)
    talk = open_conversations(
        settings, tools, spending, pace.model, reads=reader, telemetry=telemetry
    )
    return _Rooms(
        settings,
        clock,
        shared,
        pace,
        outside,
        database,
        rows,
        desk,
        documents,
        tools,
        await stack.enter_async_context(talk),
        telemetry,
        reader,
        cluster.look,
    )


async def _open_tools(
    settings: Settings,
    stack: AsyncExitStack,
    cluster: ReachedCluster,
    desk: ApprovalDesk,
    *,
    rows: Rows,
    documents: KnowledgeSearch,
) -> Toolbox:
    """Open what is looked through: the cluster, documents, the web, where traces go."""
    spans = open_spans(settings.otel_exporter_otlp_endpoint, settings.cluster_name)
    return Toolbox(
        health=cluster,
        applications=cluster,
        proposals=desk,
        documents=documents,
        web=await stack.enter_async_context(open_web(settings)),
        history=cluster,
        notes=rows.feedback,
        spans=await stack.enter_async_context(spans),
        deciding=deciding_of(settings),
        watches=rows.watches,
    )


def _api(rooms: _Rooms, book: "TokenBook", sweeper: Sweeper, tally: Tally) -> "ApiServer":
    """Return the server of the API. Raises StartError without the extra."""
    try:
        # FastAPI and MCP are half a second and 40 MB: nothing for a run without an API.
        from bot.api.gateway import Core  # noqa: PLC0415
        from bot.api.server import ApiServer  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise StartError(
            f"the API needs the extra: pip install 'dangjik[api]' (no module {error.name})"
        ) from None
    settings, trail = rooms.settings, Audit(rooms.database)
    channel = card_channel_of(settings, slack=rooms.outside.slack is not None)
    core = Core(
        talk=rooms.conversations,
        tools=rooms.tools,
        desk=rooms.desk,
        book=book,
        clock=rooms.clock,
        team=rooms.outside.team,
        cluster=settings.cluster_name,
        carry_out=sweeper.carry_out,
        zone=ZoneInfo(settings.timezone),
        systems=systems_of(settings),
        channels=frozenset({channel, *settings.alert_channels} if channel else ()),
        channel=channel,
        investigations=rooms.rows.investigations.recent,
        trail=trail.trail,
        verify=trail.verify,
        digest=_digest_writer(rooms),
        language=language_of(settings),
        limits=rooms.pace.api,
        heard=tally,
    )
    return ApiServer(core, settings.api_host, settings.api_port)


def _edge(rooms: _Rooms, slack: Connection) -> SlackApp:
    rows, zone = rooms.rows, ZoneInfo(rooms.settings.timezone)
    incidents = IncidentDesk(
        rows.incidents,
        rooms.conversations.recall,
        rooms.desk,
        rooms.outside.people,
        rooms.documents.keep,
        rooms.documents.withdraw,
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
        rooms.conversations.listing,
        Figured(
            rooms.settings.cluster_name,
            rooms.tools.health,
            rooms.desk.in_thread,
            Artist(rooms.settings.data_dir / "charts").picture,
            manner_of(rooms.settings).schedule.before,
        ),
        home_data_of(
            rooms.settings, rooms.tools.health, rows.history, rooms.outside.people, rooms.clock
        ),
        partial(ended, rooms.tools.health),
        rooms.tools.spans,
    )
    return SlackApp(
        slack,
        core,
        rules=rules_of(rooms.settings),
        zone=zone,
        tempo=rooms.pace.edge,
    )


def _digest_writer(rooms: _Rooms) -> DigestWriter:
    return DigestWriter(rooms.tools, rooms.rows.history, manner_of(rooms.settings), rooms.clock)


def _digester(rooms: _Rooms) -> Digester | None:
    rows, channel = rooms.rows, rooms.settings.digest_channel
    if channel is None:
        return None
    runs, publish = rows.runs, partial(put_digest, rows.outbox, channel)
    return Digester(_digest_writer(rooms), runs.claim, runs.done, runs.failed, publish)


def _kept(rows: Rows, conversations: Conversations) -> dict[str, tuple[Prune, timedelta]]:
    return {
        "inbox": (rows.inbox.prune, MESSAGES_KEPT),
        "outbox": (rows.outbox.prune, MESSAGES_KEPT),
        "guide_answers": (rows.feedback.prune, BUTTONS_KEPT),
        "incident_records": (rows.incidents.prune, BUTTONS_KEPT),
        "threads": (rows.investigations.prune, BUTTONS_KEPT),
        "conversations": (conversations.prune, BUTTONS_KEPT),
    }


def _jobs(rooms: _Rooms, sweeper: Sweeper) -> tuple[Job, ...]:
    """Return what is done now and then in every process that holds the desk."""
    settings, rows = rooms.settings, rooms.rows
    usage = partial(
        sample_usage,
        rooms.tools.applications,
        SqlUsageHistory(rooms.database, settings.cluster_name),
        rooms.clock,
        settings.usage_every,
        settings.usage_kept,
    )
    kept = _kept(rows, rooms.conversations)
    return (
        Job("sweep", sweeper.sweep, every(rooms.pace.sweep_every)),
        Job("retention", partial(prune, kept), every(RETENTION_EVERY)),
        Job("cores", rooms.look, every(EVERY_S)),
        Job("usage", usage, every(settings.usage_every.total_seconds()), at_once=False),
    )


def _talking_jobs(
    rooms: _Rooms, wake: Callable[[], None], digester: Digester | None
) -> tuple[Job, ...]:
    """Return what is said in Slack unasked; `wake` sends what was queued."""
    rows = rooms.rows
    watches = partial(tell_watches, rooms.tools, partial(put_watch, rows.outbox), rooms.clock)
    owed = partial(rows.outbox.revive_first_replies, OWED_WITHIN)
    jobs = (
        Job("watches", _waking(watches, wake), every(rooms.pace.watch_every)),
        Job("owed replies", _waking(owed, wake), every(OWED_EVERY), at_once=False),
    )
    if digester is None:
        return jobs
    # Each minute, too: a slot that failed, or whose holder died, is taken up.
    due = OrTrigger([manner_of(rooms.settings).schedule, every(60)])
    return (*jobs, Job("digest", _waking(digester.post_due, wake), due))


def _waking(work: Work, wake: Callable[[], None]) -> Work:
    async def done() -> None:
        if await work():
            wake()

    return done


def _parts(rooms: _Rooms, edge: SlackApp | None) -> list[Part]:
    settings = rooms.settings
    parts: list[Part] = []
    if settings.health_port:
        checks = {
            **({"slack": slack_check(edge)} if edge else {}),
            "storage": storage_check(rooms.database, rooms.shared),
            "reader": rooms.reader.check,
        }
        figures = Figures(rooms.telemetry, edge, SqlFigures(rooms.database, rooms.clock), checks)
        parts.append(HealthServer(settings.health_port, checks, figures, settings.health_host))
    return parts


async def run_until(
    stop: asyncio.Event, settings: Settings, pace: Pace | None = None, *, slack: bool = True
) -> None:
    """Run the product, or its core and the API alone, until `stop` is set."""
    async with build(settings, pace=pace, slack=slack) as oncall:
        await oncall.start()
        try:
            await stop.wait()
        finally:
            await oncall.stop()
