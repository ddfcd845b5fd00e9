"""What the settings mean to each room, and what a run opens and closes around itself."""

import re
from collections.abc import AsyncIterator
from contextlib import (
    AsyncExitStack,
    asynccontextmanager,
)
from functools import cache, partial
from threading import Lock
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.agents.answer import DraftWriter
from bot.agents.graph import Help, assemble
from bot.agents.model.limits import ModelTimeouts, Spending
from bot.agents.model.port import Model
from bot.agents.understand import Listener, LoadingReader
from bot.approvals.model import ApprovalPolicy
from bot.approvals.policy import Approvers
from bot.domain.alerts import ClusterNames
from bot.domain.language import Language
from bot.domain.proposals import DecidingRules
from bot.domain.protection import Protection
from bot.errors import StartError
from bot.handlers.events import Rules
from bot.handlers.home_tab import HomeData, HomeSettings
from bot.handlers.people import SlackPeople
from bot.handlers.slack_app import Connection
from bot.handlers.socket import preflight, web_client, workspace_of
from bot.observability import Redactor, Telemetry
from bot.ports import Clock, ClusterHealth, Past, People, WebSearch
from bot.retrieval.search import KnowledgeSearch, Progress
from bot.services.conversations import Conversations, ThreadLock
from bot.services.digest import DigestSettings, Schedule
from bot.settings import Settings, secrets_of
from bot.storage.checkpoints import Checkpoints, ProcessLocks, open_sqlite_checkpoints
from bot.storage.database import Database
from bot.storage.open_database import open_database
from bot.tools.toolbox import Toolbox

if TYPE_CHECKING:
    from bot.agents.reading.reader import Reader
    from bot.api.tokens import TokenBook
    from bot.retrieval.library import Library

CHECKPOINT_FILE = "checkpoints.db"
# Two threads that import at once may each be handed a module that the other has half made.
_IMPORTING = Lock()


def policy_of(settings: Settings) -> ApprovalPolicy:
    """Return who may approve what."""
    return ApprovalPolicy(
        approvers=frozenset(settings.approvers),
        approver_group=settings.approver_group,
        self_approval=settings.self_approval,
        approvals_required=settings.approvals_required,
        ttl=settings.proposal_ttl,
        protection=Protection(settings.protected),
        dry_run=settings.dry_run,
    )


def deciding_of(settings: Settings) -> DecidingRules:
    """Return how a card is decided, as people are told."""
    return DecidingRules(
        approvers=settings.approvers,
        group=settings.approver_group,
        required=settings.approvals_required,
        ttl=settings.proposal_ttl,
    )


def rules_of(settings: Settings) -> Rules:
    """Return what counts as an alert."""
    pattern = settings.alert_pattern
    return Rules(
        channels=frozenset(settings.alert_channels),
        senders=frozenset(settings.alert_senders),
        pattern=re.compile(pattern, re.IGNORECASE) if pattern else None,
        names=names_of(settings),
        language=language_of(settings),
        mentions_only=settings.thread_replies == "mentions",
    )


def names_of(settings: Settings) -> ClusterNames:
    """Return what the cluster is called; nothing where nobody named it."""
    if settings.cluster_name == Settings.model_fields["cluster_name"].default:
        return ClusterNames()
    return ClusterNames(settings.cluster_name, settings.cluster_aliases)


def language_of(settings: Settings) -> Language | None:
    """Return the language everything is said in; None when it follows the person."""
    return None if settings.language == "auto" else Language(settings.language)


def manner_of(settings: Settings) -> DigestSettings:
    """Return when and how the digest speaks."""
    zone = ZoneInfo(settings.timezone)
    return DigestSettings(
        Schedule(settings.digest_cron, zone),
        zone,
        language_of(settings) or Language.KO,
        settings.digest_quiet,
    )


async def connection_of(settings: Settings) -> Connection:
    """Return the installation after asking Slack who we are. Raises StartError."""
    if settings.slack_bot_token is None or settings.slack_app_token is None:
        raise StartError("SLACK_BOT_TOKEN and SLACK_APP_TOKEN are both needed to run")
    client = web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    app_token = settings.slack_app_token.get_secret_value()
    return Connection(client, app_token, await preflight(client, app_token))


async def directory_of(settings: Settings, book: "TokenBook") -> tuple[People, str]:
    """Return who knows people where no socket to Slack is opened, and their workspace.

    Raises StartError.
    """
    from bot.api.tokens import TokenPeople  # noqa: PLC0415 - no use without an API

    if settings.slack_bot_token is None:
        return TokenPeople(book), TokenPeople.TEAM
    client = web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    team = await workspace_of(client)
    return SlackPeople(client, team), team


def book_of(settings: Settings) -> "TokenBook":
    """Return the tokens that may call. Raises SettingsError or StartError."""
    from bot.api.tokens import TokenBook  # noqa: PLC0415 - no use without an API

    return TokenBook(settings.tokens_file)


def card_channel_of(settings: Settings, *, slack: bool) -> str:
    """Return Slack's channel for cards proposed beside it; none where nothing posts to Slack."""
    posted = slack or settings.database_url is not None
    wanted = settings.proposal_channel or next(iter(settings.alert_channels), "")
    return wanted if posted else ""


def systems_of(settings: Settings) -> tuple[str, ...]:
    """Return the systems that are read, by the names they go by where one is missing."""
    asked = {
        "prometheus": settings.prometheus_url,
        "yarn": settings.yarn_url,
        "spark": settings.spark_master_url,
        "alertmanager": settings.alertmanager_url,
        "gateway": settings.gateway_url,
    }
    return tuple(name for name, address in asked.items() if address)


def home_data_of(
    settings: Settings, health: ClusterHealth, past: Past, people: People, clock: Clock
) -> HomeData:
    """Return what the home tab shows, and the settings it tells in words."""
    policy = policy_of(settings)
    habits = HomeSettings(
        cluster=settings.cluster_name,
        approvals=policy.approvals_required,
        ttl=policy.ttl,
        self_approval=policy.self_approval,
        dry_run=policy.dry_run,
        protected=settings.protected,
        channels=settings.alert_channels,
    )
    return HomeData(
        health, past, Approvers(people, policy, clock).barred, habits, language_of(settings)
    )


@asynccontextmanager
async def open_storage(settings: Settings) -> AsyncIterator[Database]:
    """Open our own rows. Raises StartError."""
    database = await open_database(settings.database)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_web(settings: Settings) -> AsyncIterator[WebSearch | None]:
    """Open the web search; none without a key: Tavily's client would go on without one."""
    if settings.tavily_api_key is None:
        yield None
        return
    from bot.retrieval.web import TavilyWeb  # noqa: PLC0415 - no use without a key

    key, address = settings.tavily_api_key, settings.tavily_base_url
    async with TavilyWeb(key, address, settings.tavily_domains) as web:
        yield web.search


@asynccontextmanager
async def open_knowledge(settings: Settings) -> AsyncIterator[KnowledgeSearch]:
    """Open the search of our documents; once started it gets ready on its own."""
    search = KnowledgeSearch(partial(_open_library, settings))
    try:
        yield search
    finally:
        await search.stop()


@cache
def load_reader() -> "Reader":
    """Return the reader of messages; what it reads with never changes, so a process loads it once."""
    with _IMPORTING:
        # A quarter of a second to import: not before Slack is connected.
        from bot.agents.reading.reader import assembled  # noqa: PLC0415
        from bot.retrieval.knowledge import LocalEmbeddings  # noqa: PLC0415

    return assembled(LocalEmbeddings().vectors)


@asynccontextmanager
async def open_conversations(
    settings: Settings,
    tools: Toolbox,
    spending: Spending,
    tempo: ModelTimeouts | None,
    *,
    reads: LoadingReader,
    telemetry: Telemetry,
) -> AsyncIterator[Conversations]:
    """Open what answers turns: the graph, its checkpoints, one turn per thread at a time.

    `spending` counts what the model uses for all replicas; `reads` is who reads messages.
    """
    async with AsyncExitStack() as stack:
        checkpoints, locks = await stack.enter_async_context(_threads(settings))
        model = await stack.enter_async_context(_open_model(settings, spending, tempo))
        given = Help(
            reads, model, settings.cluster_name, settings.yarn_application_types, tools.spans
        )
        graph = assemble(tools, ZoneInfo(settings.timezone), checkpoints.saver, given)
        yield Conversations(
            graph,
            checkpoints,
            locks,
            language_of(settings),
            draft=DraftWriter(ZoneInfo(settings.timezone)),
            spans=tools.spans,
            listener=Listener(reads.hear, tools),
            telemetry=telemetry,
        )


def _open_library(settings: Settings, progress: Progress) -> "Library":
    with _IMPORTING:
        # Chroma takes a second to import, and longer on a busy machine.
        from bot.retrieval.knowledge import build_knowledge  # noqa: PLC0415
        from bot.retrieval.library import open_library  # noqa: PLC0415

    return open_library(build_knowledge(settings), progress)


@asynccontextmanager
async def _open_model(
    settings: Settings, spending: Spending, tempo: ModelTimeouts | None
) -> AsyncIterator[Model | None]:
    if settings.openai_api_key is None:
        yield None
        return
    # The clients of models take half a second to import, and 30 MB: nothing without a key.
    from bot.agents.model.client import ModelSettings, build_model  # noqa: PLC0415

    asked = ModelSettings.of(settings)
    model = build_model(
        asked.at(tempo) if tempo else asked, Redactor(secrets_of(settings)), spending=spending
    )
    if model is None:
        yield None
        return
    try:
        yield model
    finally:
        await model.close()


@asynccontextmanager
async def _threads(settings: Settings) -> AsyncIterator[tuple[Checkpoints, ThreadLock]]:
    """Open what each thread remembers, and the lock that lets one turn of it go on at a time."""
    url = _postgres_of(settings)
    if url is None:
        async with open_sqlite_checkpoints(settings.data_dir / CHECKPOINT_FILE) as checkpoints:
            yield checkpoints, ProcessLocks().hold
        return
    # PostgreSQL's client is 10 MB: nothing for a single process.
    from bot.storage.sharing import open_postgres_threads  # noqa: PLC0415

    async with open_postgres_threads(url) as (checkpoints, locks):
        yield checkpoints, locks.hold


def _postgres_of(settings: Settings) -> str | None:
    return settings.database_url.get_secret_value() if settings.database_url else None
