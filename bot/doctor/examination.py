"""`python -m bot doctor`: looks at everything a start needs, and says in a line what to fix.

It asks what a start would ask, and changes nothing but what a start would change, too: the
database is opened, made where there is none, and brought to this version; where the product runs
already, it is only read. Then it builds the product, as a start would, and lets go of it before
anything runs.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from importlib import import_module

from langchain_core.tools import tool

from bot.agents.model.assembly import ModelSettings, build_model
from bot.agents.model.client import OpenAIModel
from bot.agents.model.port import ModelFailure, Prompt, UsageKey
from bot.backends.addresses import is_address, shown
from bot.backends.build import QUERY_PREFIX, Backends, build_backends, reach_cluster
from bot.backends.cluster import ClusterGateway
from bot.backends.prometheus import SINGLE
from bot.backends.remote import SYSTEM as GATEWAY
from bot.doctor.backends import check_backends
from bot.doctor.findings import SUM, Check, Level, finding, said
from bot.doctor.slack import Asked, check_slack
from bot.domain.applications import RunningApplications
from bot.domain.language import Language
from bot.domain.protection import Protection, protecting_pattern, shared_service
from bot.errors import BackendError, FaultKind, StartError, StorageError
from bot.handlers.socket import web_client
from bot.health_checks import storage_check
from bot.observability.logs import Redactor
from bot.observability.version import own_version
from bot.ports import Clock
from bot.retrieval.documents import FOLDERS
from bot.retrieval.knowledge import Knowledge, build_knowledge
from bot.retrieval.split import Chunk
from bot.retrieval.store import STORE_ERRORS, DamagedStoreError, first_line, open_store
from bot.settings import Settings, secrets_of
from bot.storage.beside import hold_data_dir, open_beside
from bot.storage.desk_row import SqlFreeze
from bot.storage.records import SqlFigures
from bot.wiring import names_of, open_storage, policy_of, rules_of

OPENAI = "https://api.openai.com/v1"
AZURE = "api-version="  # the only query an address may have
BILL = UsageKey("doctor", "doctor")
GREETING = Prompt("You check a connection. Answer with one short sentence.", "Are you there?")
LOOKING = Prompt("You check a connection.", "Call the tool look_at_clock, then say what it told.")


async def check_model(settings: Settings) -> list[Check]:
    """Ask for one sentence, and for one tool call."""
    if settings.openai_api_key is None:
        return [finding("model_none")]
    address, _, query = (settings.openai_base_url or OPENAI).partition("?")
    if not is_address(address) or (query and not query.startswith(AZURE)):
        return [finding("model_failed", why=ModelFailure.UNREACHABLE.value)]
    asked = ModelSettings.of(settings)
    model = build_model(asked, Redactor(secrets_of(settings)))
    if model is None:
        return [finding("model_none")]
    try:
        trouble, called = await _tried(model)
    finally:
        await model.close()
    if trouble is not None:
        return [finding("model_failed", why=trouble.value)]
    key = "model_fine" if called else "model_no_tools"
    return [finding(key, model=settings.openai_model, address=shown(address))]


async def _tried(model: OpenAIModel) -> tuple[ModelFailure | None, bool]:
    """Return the trouble with a plain answer, and whether a tool was called."""
    said = await model.write(GREETING, BILL)
    if said.trouble is not None:
        return said.trouble, False
    called: list[str] = []

    @tool
    async def look_at_clock() -> str:
        """Tell the time."""
        called.append("look_at_clock")
        return "It is noon."

    await model.research(LOOKING, [look_at_clock], BILL)
    return None, bool(called)


APART = ("bot.charts.drawing",)  # imported by a process of its own
Build = Callable[[], AbstractAsyncContextManager[object]]
SHARED_NAMED = 5
_OUT_OF_REACH = frozenset({FaultKind.UNREACHABLE, FaultKind.TIMEOUT, FaultKind.FAILED})


async def examine(
    settings: Settings, clock: Clock, build: Build, apart: Sequence[str] = APART
) -> tuple[Check, ...]:
    """Check everything the settings name, all at once; in the order an operator sets things up.

    `build` makes the whole product without running it; `apart` are the modules of its children.
    """
    parts = await asyncio.gather(
        _slack(settings, clock),
        _cluster(settings, clock),
        _storage(settings, clock),
        asyncio.to_thread(_knowledge, settings),
        check_model(settings),
    )
    found = [check for part in parts for check in part]
    found.append(finding("web_set" if settings.tavily_api_key else "web_none"))
    found += await _start(build, apart, known={check.level for check in found})
    if not names_of(settings).name:
        found.append(finding("cluster_unnamed"))
    if settings.dry_run:
        found.append(finding("dry_run"))
    return tuple(found)


def report(checks: Sequence[Check], language: Language, redact: Callable[[str], str]) -> list[str]:
    """Return one line per finding, and how many there are of each level."""
    levels = [check.level for check in checks]
    counts = {level.value: levels.count(level) for level in Level}
    return [*(redact(said(check, language)) for check in checks), SUM(language, **counts)]


async def _slack(settings: Settings, clock: Clock) -> tuple[Check, ...]:
    bot_token, app_token = (
        token.get_secret_value() if token else ""
        for token in (settings.slack_bot_token, settings.slack_app_token)
    )
    digest = (settings.digest_channel,) if settings.digest_channel else ()
    client = web_client(bot_token, settings.slack_api_url)
    asked = Asked(
        bot_token,
        app_token,
        (*settings.alert_channels, *digest),
        policy_of(settings),
        settings.alert_channels,
        rules_of(settings).pattern,
    )
    return await check_slack(client, asked, clock)


async def _start(build: Build, apart: Sequence[str], known: set[Level]) -> list[Check]:
    """Build what a start builds; what keeps it from starting is told once, by who knows it best."""
    try:
        for module in apart:
            await asyncio.to_thread(import_module, module)
        async with build():
            pass
    except StartError as error:
        if Level.FAIL in known:
            return []
        detail = str(error)
    except Exception as error:  # noqa: BLE001 - whatever it is would end the start
        detail = f"{type(error).__name__}: {error}".splitlines()[0]
    else:
        return [finding("start_fine", version=own_version())]
    return [finding("start_failed", detail=detail)]


async def _gateway(settings: Settings, clock: Clock, address: str) -> list[Check]:
    """Ask the gateway as the product would: with the token, for what runs."""
    try:
        async with reach_cluster(settings, clock) as cluster:
            running = await cluster.running()
    except StartError as error:
        return [finding("backend_wrong", detail=str(error))]
    why = next((each for each in running.missing if each.system == GATEWAY), None)
    if why is None:
        fine = finding("gateway_fine", address=shown(address))
        return [fine, *_protected(settings, running)]
    if why.kind is FaultKind.REFUSED:
        return [finding("gateway_token", address=shown(address))]
    return [finding("gateway_failed", kind=why.kind, cause=why.reason or "", detail=why.detail)]


async def _cluster(settings: Settings, clock: Clock) -> list[Check]:
    if settings.gateway_url:
        return await _gateway(settings, clock, settings.gateway_url)
    try:
        async with build_backends(settings, clock) as backends:
            found = list(await check_backends(backends))
            found.extend(await _queries(settings, backends))
            reader = ClusterGateway(settings.cluster_name, clock, backends.schedulers)
            if backends.schedulers:
                found.extend(_protected(settings, await reader.running()))
    except StartError as error:
        return [finding("backend_wrong", detail=str(error))]
    return found


async def _queries(settings: Settings, backends: Backends) -> list[Check]:
    """Try each query of the operator's own: the product asks them one by one, too."""
    found = []
    for name in type(settings).model_fields:
        if not name.startswith(QUERY_PREFIX) or not getattr(settings, name):
            continue
        variable = name.upper()
        query = name.removeprefix(QUERY_PREFIX)
        try:
            series = await backends.prometheus.check(query) if backends.prometheus else ()
        except BackendError as error:
            if error.missing.kind in _OUT_OF_REACH:
                continue
            found.append(finding("query_refused", variable=variable, detail=error.missing.detail))
            continue
        if not series:
            found.append(finding("query_empty", variable=variable))
        elif query in SINGLE and len(series) > 1:
            found.append(finding("query_several", variable=variable, count=len(series)))
    return found


def _protected(settings: Settings, running: RunningApplications) -> list[Check]:
    """Name each pattern that covers nothing, and what is shared and covered by none.

    A pattern may be misspelled, which only a kill would show.
    """
    if running.failed:
        return []
    found, covered = [], set()
    for pattern in settings.protected:
        one = Protection((pattern,))
        hit = {a.ref for a in running.applications if one.covers(a.name, a.user, a.queue)}
        covered |= hit
        if not hit:
            found.append(finding("protected_idle", pattern=pattern))
    if settings.protected and not found:
        found.append(finding("protected_fine", count=len(covered)))
    bare = [
        a.name
        for a in running.applications
        if a.ref not in covered and shared_service(a.name, a.kind, a.tags)
    ]
    return [*found, *_shared(bare)]


def _shared(names: Sequence[str]) -> list[Check]:
    """Suggest a pattern for each kind of shared application that nothing protects."""
    if not names:
        return []
    patterns = dict.fromkeys(protecting_pattern(name) for name in names)
    return [
        finding(
            "shared_unprotected",
            names=", ".join(list(dict.fromkeys(names))[:SHARED_NAMED]),
            patterns=",".join(list(patterns)[:SHARED_NAMED]),
        )
    ]


async def _storage(settings: Settings, clock: Clock) -> list[Check]:
    where = "DATABASE_URL" if settings.database_url else f"DATA_DIR {settings.data_dir}"
    try:
        with (
            hold_data_dir(settings.data_dir)
            if settings.database_url is None
            else nullcontext("") as other
        ):
            frozen, owed = await _kept(settings, clock, beside=bool(other))
    except (StartError, StorageError) as error:
        return [finding("storage_failed", detail=str(error))]
    found = [finding("storage_fine", where=where)]
    if frozen:
        found.append(finding("frozen"))
    if owed:
        found.append(finding("owed", count=owed))
    return found


async def _kept(settings: Settings, clock: Clock, *, beside: bool) -> tuple[bool, int]:
    """Return the switch and how many first replies are owed.

    A product that runs shows by itself that it can write.
    """
    opened = open_beside(settings.database) if beside else open_storage(settings)
    async with opened as database:
        if not beside:
            await storage_check(database, clock)()
        owed = (await SqlFigures(database, clock).read()).waiting["owed"]
        return await SqlFreeze(database, clock).on(), owed


def _knowledge(settings: Settings) -> list[Check]:
    """Look into the index, and neither repair nor fill it; blocks."""
    lonely = settings.database_url and not settings.chroma_url
    found = [finding("knowledge_lonely")] if lonely else []
    knowledge = build_knowledge(settings)
    try:
        chunks = _chunks(knowledge)
        source = knowledge.documents()
    except (StartError, DamagedStoreError) as error:
        return [*found, finding("knowledge_failed", detail=error)]
    except STORE_ERRORS as error:
        return [*found, finding("knowledge_failed", detail=f"Chroma: {first_line(error)}")]
    if chunks:
        values = {
            folder: sum(chunk.collection is collection for chunk in chunks)
            for collection, folder in FOLDERS.items()
        }
        key = "knowledge_sample" if any(chunk.sample for chunk in chunks) else "knowledge_fine"
        return [*found, finding(key, **values)]
    key = "knowledge_unread" if any(source.glob("*/*.md")) else "knowledge_empty"
    return [*found, finding(key, source=source)]


def _chunks(knowledge: Knowledge) -> list[Chunk]:
    if knowledge.chroma_url is None and not knowledge.directory.is_dir():
        return []
    store = open_store(knowledge)
    try:
        return [chunk for each in FOLDERS for chunk in store.chunks(knowledge.local, each)]
    finally:
        store.close()
