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

from bot import own_version
from bot.agents.model.client import ModelSettings, OpenAIModel, build_model
from bot.agents.model.port import ModelFailure, Prompt, UsageKey
from bot.backends.alertmanager import AlertmanagerReader
from bot.backends.build import QUERY_PREFIX, Backends, build_backends, principal, reach_cluster
from bot.backends.cluster import ClusterGateway
from bot.backends.http import is_address, shown
from bot.backends.prometheus import SINGLE, PrometheusReader
from bot.backends.remote import SYSTEM as GATEWAY
from bot.backends.spark_standalone import ALIVE, SparkStandalone
from bot.backends.usage import ApplicationUsage
from bot.backends.yarn import YarnApplications
from bot.doctor.findings import SUM, Check, Level, finding, said
from bot.doctor.slack import Asked, check_slack
from bot.domain.applications import KillAnswer, KillOutcome, RunningApplications, Source
from bot.domain.language import Language
from bot.domain.protection import Protection, protecting_pattern, shared_service
from bot.errors import BackendError, FaultKind, StartError, StorageError
from bot.handlers.socket import web_client
from bot.health_checks import storage_check
from bot.observability import Redactor
from bot.ports import Clock
from bot.retrieval.documents import FOLDERS, Chunk
from bot.retrieval.index import STORE_ERRORS, DamagedStoreError, first_line, open_store
from bot.retrieval.knowledge import Knowledge, build_knowledge
from bot.settings import Settings, secrets_of
from bot.storage.audit import SqlFreeze
from bot.storage.database import hold_data_dir, open_beside
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


# The cluster's own systems.


NOBODYS_ID = "application_1000000000000_0001"  # of a cluster started in 2001
VARIABLES = {
    "yarn": "YARN_URL",
    "spark": "SPARK_MASTER_URL",
    "prometheus": "PROMETHEUS_URL",
    "alertmanager": "ALERTMANAGER_URL",
}
_FORBIDDEN = "403"
_UNAUTHENTICATED = "401"
_NOT_FOUND = "404"


async def check_backends(backends: Backends) -> tuple[Check, ...]:
    """Check everything configured, all at once. Never raises BackendError."""
    questions = []
    if backends.yarn is not None:
        questions.append(_yarn(backends.yarn))
    if backends.spark is not None:
        questions.append(_spark(backends.spark))
    if backends.prometheus is not None:
        questions.append(_prometheus(backends.prometheus))
    if backends.alertmanager is not None:
        questions.append(_alertmanager(backends.alertmanager))
    found = [check for checks in await asyncio.gather(*questions) for check in checks]
    if not any(check.key == "prometheus_applications" for check in found):
        found += await _used_cores(backends)
    if backends.yarn is None and backends.spark is None:
        found.append(finding("backend_none"))
    if backends.prometheus is None:
        found.append(finding("prometheus_none"))
    return tuple(found)


async def _yarn(yarn: YarnApplications) -> list[Check]:
    checks = []
    active: dict[int | None, str] = {}
    for address, manager in await yarn.managers():
        if isinstance(manager, BackendError):
            checks.append(_failed("yarn", manager, Level.WARN))
            continue
        is_active = manager.ha_state in {"ACTIVE", ""}
        if is_active:
            active.setdefault(manager.started, address)  # two of one cluster differ in their start
        key = "yarn_active" if is_active else "yarn_standby"
        checks.append(finding(key, address=address, version=manager.version))
    if not active:
        return [*checks, finding("yarn_no_active")]
    if len(active) > 1:
        return [*checks, finding("yarn_two_clusters", addresses=", ".join(active.values()))]
    user = yarn.user or await asyncio.to_thread(principal)
    return [*checks, await _yarn_kill(yarn, user), *await _yarn_hidden(yarn, user)]


async def _yarn_kill(yarn: YarnApplications, user: str) -> Check:
    """Prove the right to kill on jobs of others that have ended by themselves.

    YARN decides such a request by the same rights, and it changes nothing. Where there is no such
    job, a 404 for an id that cannot exist shows that requests arrive, and no more.
    """
    answers = await yarn.prove_kill()
    may = sorted({queue for queue, answer in answers if answer.outcome is KillOutcome.ACCEPTED})
    refused = [(queue, answer) for queue, answer in answers if _refused(answer)]
    queues = {"user": user, "queues": ", ".join(may)}
    if may and not refused:
        return finding("yarn_kill_proved", **queues)
    if may:
        unable = ", ".join(sorted({queue for queue, _ in refused}))
        return finding("yarn_kill_partly", **queues, refused=unable)
    answer = refused[0][1] if refused else await yarn.try_kill(NOBODYS_ID)
    if answer.detail.startswith(_NOT_FOUND):
        return finding("yarn_kill_reachable", user=user)
    key = "yarn_kill_forbidden" if _refused(answer) else "yarn_kill_unknown"
    return finding(key, user=user, detail=answer.detail)


def _refused(answer: KillAnswer) -> bool:
    return answer.detail.startswith((_FORBIDDEN, _UNAUTHENTICATED))


async def _yarn_hidden(yarn: YarnApplications, user: str) -> list[Check]:
    try:
        listed = await yarn.running()
    except BackendError as error:
        return [_failed("yarn", error, Level.WARN)]
    return [
        finding("yarn_hidden", user=user, count=item.count)
        for item in listed.missing
        if item.kind is FaultKind.HIDDEN
    ]


async def _spark(spark: SparkStandalone) -> list[Check]:
    checks = []
    alive = False
    for address, status in await spark.masters():
        if isinstance(status, BackendError):
            checks.append(_failed("spark", status, Level.WARN))
            continue
        alive = alive or status == ALIVE
        checks.append(finding("spark_master", address=address, status=status))
    if not alive:
        return [*checks, finding("spark_no_alive")]
    try:
        checks.append(await _spark_kill(spark))
    except BackendError as error:
        checks.append(_failed("spark", error, Level.WARN))
    return checks


async def _spark_kill(spark: SparkStandalone) -> Check:
    """Tell whether the page offers kills; it can show that only while something runs."""
    if await spark.offers_kill():
        return finding("spark_kill_offered")
    if not (await spark.running()).applications:
        return finding("spark_kill_untried")
    return finding("spark_kill_off")


async def _prometheus(prometheus: PrometheusReader) -> list[Check]:
    """Judge by the queries: not every server that answers them tells its version."""
    version, cpu, applications = await asyncio.gather(
        prometheus.version(),
        prometheus.check("cpu"),
        prometheus.applications(),
        return_exceptions=True,
    )
    if isinstance(cpu, BackendError):
        return [_failed("prometheus", cpu, Level.FAIL)]
    if isinstance(cpu, BaseException):
        raise cpu
    checks = [
        finding(
            "prometheus_found", version=version if isinstance(version, str) and version else "?"
        )
    ]
    if len(cpu) > 1:
        checks.append(finding("prometheus_several", count=len(cpu)))
    elif not cpu or cpu[0].value is None:
        checks.append(finding("prometheus_no_cpu"))
    if isinstance(applications, ApplicationUsage) and applications.used:
        checks.append(
            finding(
                "prometheus_applications",
                count=len(applications.used.cores),
                source=applications.used.measurement.source.value,
            )
        )
    return checks


async def _used_cores(backends: Backends) -> list[Check]:
    """Tell what measures applications where Prometheus does not, and how much of the cluster.

    A NodeManager nobody read before tells means since long ago at first, and rates the next time.
    """
    if not backends.sources:
        return []
    managers = backends.node_managers
    for source in backends.sources:
        try:
            used = await source()
        except BackendError:
            continue
        if used is not None and used.measurement.source is Source.SLOTS:
            return [finding("cores_bound", count=len(used.cores))]
        if used is not None:
            read, whole = used.measurement.read, used.measurement.of
            return [finding("cores_nodes", count=len(used.cores), nodes=f"{read}/{whole}")]
        if managers is not None and managers.told:
            return [finding("cores_soon", nodes=managers.told)]
    return [finding("cores_none")]


async def _alertmanager(alertmanager: AlertmanagerReader) -> list[Check]:
    try:
        version, board = await asyncio.gather(alertmanager.version(), alertmanager.board())
    except BackendError as error:
        return [_failed("alertmanager", error, Level.WARN)]
    return [
        finding(
            "alertmanager_found",
            version=version,
            alerts=len(board.loud),
            silences=len(board.silences),
        )
    ]


def _failed(name: str, error: BackendError, level: Level) -> Check:
    missing = error.missing
    values = {
        "system": missing.system,
        "kind": missing.kind.value,
        "detail": missing.detail,
        "variable": VARIABLES.get(name, name),
        **({"cause": missing.reason.value} if missing.reason else {}),
    }
    return Check(name, level, "backend_failed", values)
