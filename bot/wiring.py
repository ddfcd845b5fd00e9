"""What the settings mean to each room, and what a run opens and closes around itself."""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from zoneinfo import ZoneInfo

from bot.agents.assembly import assemble
from bot.agents.model import ModelSettings, ModelTempo, Spending, build_model
from bot.conversations import Conversations
from bot.digest import Manner, Schedule
from bot.domain.language import Language
from bot.domain.protection import Protection
from bot.errors import StartError
from bot.handlers.alert_shapes import BUILT_IN_PATTERN
from bot.handlers.edge import Connection
from bot.handlers.parsing import Rules
from bot.handlers.socket import preflight, web_client
from bot.kill_rules import ApprovalPolicy
from bot.logs import Redactor
from bot.retrieval.late import LateSearch, Search
from bot.retrieval.web import TavilyWeb
from bot.settings import Settings, secrets_of
from bot.storage.checkpoints import (
    Checkpoints,
    open_postgres_checkpoints,
    open_sqlite_checkpoints,
)
from bot.storage.database import Database
from bot.storage.locks import open_thread_locks
from bot.storage.opening import open_database
from bot.tools.toolbox import Toolbox

DATABASE_FILE = "dangjik.db"
CHECKPOINT_FILE = "checkpoints.db"


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


def rules_of(settings: Settings) -> Rules:
    """Return what counts as an alert."""
    return Rules(
        frozenset(settings.alert_channels),
        frozenset(settings.alert_senders),
        re.compile(settings.alert_pattern or BUILT_IN_PATTERN, re.IGNORECASE),
        language_of(settings),
    )


def language_of(settings: Settings) -> Language | None:
    """Return the language everything is said in; None when it follows the person."""
    return None if settings.language == "auto" else Language(settings.language)


def manner_of(settings: Settings) -> Manner:
    """Return when and how the digest speaks."""
    zone = ZoneInfo(settings.timezone)
    return Manner(
        Schedule(settings.digest_cron, zone),
        zone,
        language_of(settings) or Language.KO,
        settings.digest_quiet,
    )


def model_of(settings: Settings) -> ModelSettings:
    """Return which model to ask, if any."""
    key = settings.openai_api_key
    return ModelSettings(
        api_key=key.get_secret_value() if key else None,
        base_url=settings.openai_base_url,
        model=settings.openai_model,
        fallback=settings.openai_fallback_model,
    )


async def connection_of(settings: Settings) -> Connection:
    """Return the installation after asking Slack who we are. Raises StartError."""
    if settings.slack_bot_token is None or settings.slack_app_token is None:
        raise StartError("SLACK_BOT_TOKEN and SLACK_APP_TOKEN are both needed to run")
    client = web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    app_token = settings.slack_app_token.get_secret_value()
    return Connection(client, app_token, await preflight(client, app_token))


@asynccontextmanager
async def open_storage(settings: Settings) -> AsyncIterator[Database]:
    """Open our own rows. Raises StartError."""
    database = await open_database(_postgres_of(settings) or settings.data_dir / DATABASE_FILE)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_knowledge(settings: Settings) -> AsyncIterator[KnowledgeSearch]:
    """Open the search of our documents; it gets ready, and fills an empty index, on its own."""
    search = KnowledgeSearch(build_knowledge(settings))
    search.open()
    try:
        yield search
    finally:
        await search.close()


@asynccontextmanager
async def open_conversations(
    settings: Settings,
    tools: Toolbox,
    spending: Spending | None = None,
    tempo: ModelTempo | None = None,
) -> AsyncIterator[Conversations]:
    """Open what answers turns: the graph, its checkpoints, one turn per thread at a time.

    `spending` counts what the model uses for all replicas.
    """
    async with AsyncExitStack() as stack:
        checkpoints = await stack.enter_async_context(_checkpoints(settings))
        locks = await stack.enter_async_context(open_thread_locks(_postgres_of(settings)))
        asked = model_of(settings).at(tempo or ModelTempo())
        model = build_model(asked, Redactor(secrets_of(settings)), spending=spending)
        if model is not None:
            stack.push_async_callback(model.close)
        graph = assemble(tools, ZoneInfo(settings.timezone), checkpoints.saver, model)
        yield Conversations(graph, checkpoints, locks, language_of(settings))


def _checkpoints(settings: Settings) -> AbstractAsyncContextManager[Checkpoints]:
    url = _postgres_of(settings)
    if url is not None:
        return open_postgres_checkpoints(url)
    return open_sqlite_checkpoints(settings.data_dir / CHECKPOINT_FILE)


def _postgres_of(settings: Settings) -> str | None:
    return settings.database_url.get_secret_value() if settings.database_url else None
