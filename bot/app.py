"""The composition root: builds the product out of settings, runs it, and ends it in order."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from zoneinfo import ZoneInfo

import structlog

from bot.agents.assembly import assemble
from bot.agents.model import ModelSettings, build_model
from bot.approvals import ApprovalDesk, Cluster
from bot.backends.build import build_cluster
from bot.backends.cluster import ClusterReader
from bot.conversations import Conversations
from bot.digest import DigestClock, Digester, Manner, Schedule
from bot.domain.language import Language
from bot.domain.protection import Protection
from bot.errors import StartError
from bot.guides import GuideDesk
from bot.handlers.alert_shapes import BUILT_IN_PATTERN
from bot.handlers.digest import DigestOutlet
from bot.handlers.edge import Connection, Core, SlackEdge, Tempo
from bot.handlers.health import HealthServer
from bot.handlers.parsing import Rules
from bot.handlers.people import SlackPeople
from bot.handlers.socket import preflight, web_client
from bot.incidents import IncidentDesk
from bot.kill_rules import ApprovalPolicy, Timers
from bot.logs import Redactor
from bot.ports import Clock
from bot.probes import Figures, slack_check, storage_check
from bot.retrieval.build import build_knowledge, build_web
from bot.retrieval.kept import KeptIncidents
from bot.retrieval.search import KnowledgeSearch
from bot.settings import Settings, secrets_of
from bot.storage.checkpoints import (
    Checkpoints,
    open_postgres_checkpoints,
    open_sqlite_checkpoints,
)
from bot.storage.database import Database
from bot.storage.leases import forget_leases
from bot.storage.locks import open_thread_locks
from bot.storage.opening import open_database
from bot.storage.proposals import SqlProposals
from bot.storage.stores import Rows
from bot.sweeper import Sweeper
from bot.telemetry import MeasuredTalk, Telemetry
from bot.tools.toolbox import Toolbox

_LOG = structlog.get_logger(__name__)
OpenCluster = Callable[[Settings, Clock], AbstractAsyncContextManager[ClusterReader]]
DATABASE_FILE = "dangjik.db"
CHECKPOINT_FILE = "checkpoints.db"


def utc_now() -> datetime:
    """Return the time now, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the product goes; tests go faster."""

    edge: Tempo = field(default_factory=Tempo)
    timers: Timers = field(default_factory=Timers)
    sweep_every: float = 10.0  # seconds


class Oncall:
    """The running product."""

    def __init__(
        self,
        edge: SlackEdge,
        sweeper: Sweeper,
        health: HealthServer | None = None,
        digester: Digester | None = None,
    ) -> None:
        self.edge = edge
        self.digester = digester
        self._parts: list[HealthServer | Sweeper | DigestClock] = [sweeper]
        if health is not None:
            self._parts.append(health)
        if digester is not None:
            self._parts.append(DigestClock(digester, edge.messenger.wake))

    async def start(self) -> None:
        """Take up what an earlier run left and connect to Slack. Raises StartError."""
        for part in self._parts:
            await part.start()
        await self.edge.start()
        _LOG.info("started")

    async def stop(self) -> None:
        """Finish what is being worked on; what is left waits for the next start."""
        await self.edge.stop()
        for part in self._parts:
            await part.stop()
        _LOG.info("stopped")


@asynccontextmanager
async def open_storage(settings: Settings) -> AsyncIterator[Database]:
    """Open our own rows. Raises StartError."""
    database = await open_database(_postgres_of(settings) or settings.data_dir / DATABASE_FILE)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def build(
    settings: Settings,
    clock: Clock = utc_now,
    pace: Pace | None = None,
    open_cluster: OpenCluster = build_cluster,
) -> AsyncIterator[Oncall]:
    """Build the product; nothing runs before `Oncall.start`. Raises StartError."""
    pace = pace or Pace()
    async with AsyncExitStack() as stack:
        connection = await _connection(settings)
        database = await stack.enter_async_context(open_storage(settings))
        await forget_leases(database)
        rows = Rows.over(database, clock)
        people = SlackPeople(connection.client, connection.who.team, monotonic)
        cluster = await stack.enter_async_context(open_cluster(settings, clock))
        desk = ApprovalDesk(
            SqlProposals(database, clock),
            Cluster(cluster, cluster, cluster),
            people,
            policy_of(settings),
            clock,
            timers=pace.timers,
        )
        documents = await stack.enter_async_context(open_knowledge(settings))
        web = await stack.enter_async_context(build_web(settings))
        tools = Toolbox(cluster, cluster, desk, documents, web, cluster, rows.feedback)
        telemetry = Telemetry()
        conversations = await _conversations(settings, tools, stack)
        talk = MeasuredTalk(conversations, telemetry)
        zone = ZoneInfo(settings.timezone)
        guides = GuideDesk(tools, rows.feedback, zone)
        incidents = IncidentDesk(
            rows.incidents,
            conversations,
            desk,
            people,
            KeptIncidents(documents),
            cluster=settings.cluster_name,
            zone=zone,
        )
        edge = SlackEdge(
            connection,
            Core(
                rows.inbox,
                rows.outbox,
                rows.investigations,
                desk,
                talk,
                clock,
                guides,
                incidents,
            ),
            rules=rules_of(settings),
            zone=zone,
            tempo=pace.edge,
            on_group_change=people.forget_groups,
        )
        sweeper = Sweeper(desk, edge.messenger.wake, pace.sweep_every)
        checks = {"slack": slack_check(edge), "storage": storage_check(database, clock)}
        figures = Figures(telemetry, edge, rows.inbox, rows.outbox)
        health = HealthServer(settings.health_port, checks, figures, settings.health_host)
        digester = _digester(settings, tools, rows, clock)
        yield Oncall(edge, sweeper, health if settings.health_port else None, digester)


async def _conversations(
    settings: Settings, tools: Toolbox, stack: AsyncExitStack
) -> Conversations:
    checkpoints = await stack.enter_async_context(_checkpoints(settings))
    locks = await stack.enter_async_context(open_thread_locks(_postgres_of(settings)))
    model = build_model(_model_of(settings), Redactor(secrets_of(settings)))
    if model is not None:
        stack.push_async_callback(model.close)
    graph = assemble(tools, ZoneInfo(settings.timezone), checkpoints.saver, model)
    return Conversations(graph, checkpoints, locks, _language(settings))


def _model_of(settings: Settings) -> ModelSettings:
    key = settings.openai_api_key
    return ModelSettings(
        api_key=key.get_secret_value() if key else None,
        base_url=settings.openai_base_url,
        model=settings.openai_model,
        fallback=settings.openai_fallback_model,
    )


def _digester(settings: Settings, tools: Toolbox, rows: Rows, clock: Clock) -> Digester | None:
    if settings.digest_channel is None:
        return None
    zone = ZoneInfo(settings.timezone)
    return Digester(
        tools,
        rows.history,
        rows.runs,
        outlet=DigestOutlet(rows.outbox, settings.digest_channel),
        manner=Manner(
            Schedule(settings.digest_cron, zone),
            zone,
            _language(settings) or Language.KO,
            settings.digest_quiet,
        ),
        clock=clock,
    )


@asynccontextmanager
async def open_knowledge(settings: Settings) -> AsyncIterator[KnowledgeSearch]:
    """Open the search of our documents; it gets ready, and fills an empty index, on its own."""
    search = KnowledgeSearch(build_knowledge(settings))
    search.open()
    try:
        yield search
    finally:
        await search.close()


def policy_of(settings: Settings) -> ApprovalPolicy:
    """Return who may approve what, as the settings say."""
    return ApprovalPolicy(
        approvers=frozenset(settings.approvers),
        approver_group=settings.approver_group,
        self_approval=settings.self_approval,
        approvals_required=settings.approvals_required,
        ttl=settings.proposal_ttl,
        protection=Protection(settings.protected),
        dry_run=settings.dry_run,
    )


def rules_of(settings: Settings) -> Rules:
    """Return what counts as an alert, as the settings say."""
    return Rules(
        frozenset(settings.alert_channels),
        frozenset(settings.alert_senders),
        re.compile(settings.alert_pattern or BUILT_IN_PATTERN, re.IGNORECASE),
        _language(settings),
    )


async def _connection(settings: Settings) -> Connection:
    if settings.slack_bot_token is None or settings.slack_app_token is None:
        raise StartError("SLACK_BOT_TOKEN and SLACK_APP_TOKEN are both needed to run")
    client = web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    app_token = settings.slack_app_token.get_secret_value()
    return Connection(client, app_token, await preflight(client, app_token))


def _checkpoints(settings: Settings) -> AbstractAsyncContextManager[Checkpoints]:
    url = _postgres_of(settings)
    if url is not None:
        return open_postgres_checkpoints(url)
    return open_sqlite_checkpoints(settings.data_dir / CHECKPOINT_FILE)


def _postgres_of(settings: Settings) -> str | None:
    return settings.database_url.get_secret_value() if settings.database_url else None


def _language(settings: Settings) -> Language | None:
    return None if settings.language == "auto" else Language(settings.language)


async def run_until(stop: asyncio.Event, settings: Settings, pace: Pace | None = None) -> None:
    """Run the product until `stop` is set."""
    async with build(settings, pace=pace) as oncall:
        await oncall.start()
        try:
            await stop.wait()
        finally:
            await oncall.stop()
