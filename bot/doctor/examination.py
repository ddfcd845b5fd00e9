"""`python -m bot doctor`: looks at everything a start needs, and says in a line what to fix.

It asks what a start would ask, and changes nothing but what a start would change, too: the
database is opened, made where there is none, and brought to this version; where the product runs
already, it is only read. Then it builds the product, as a start would, and lets go of it before
anything runs.
"""

import asyncio
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, closing, nullcontext

import httpx

from bot.backends.build import QUERY_PREFIX, Backends, build_backends
from bot.backends.cluster import ClusterGateway
from bot.backends.prometheus import SINGLE
from bot.doctor.backends import check_backends
from bot.doctor.model import check_model
from bot.doctor.slack import Asked, check_slack
from bot.domain.findings import Check, Level
from bot.domain.language import Language
from bot.domain.protection import Protection, protecting_pattern
from bot.errors import BackendError, FaultKind, StartError, StorageError
from bot.handlers.socket import web_client
from bot.health_checks import storage_check
from bot.observability.version import own_version
from bot.ports import Clock
from bot.settings import Settings
from bot.storage.beside import hold_data_dir, open_beside
from bot.storage.desk_row import SqlFreeze
from bot.storage.records import SqlFigures
from bot.texts.doctor import SUM, said
from bot.wiring import names_of, open_storage, policy_of, rules_of

APART = ("bot.charts.drawing", "kiwipiepy")  # imported by processes of their own
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
        _model(settings),
        _health(settings.health_host, settings.health_port),
    )
    found = [check for part in parts for check in part]
    found += await _start(build, apart, known={check.level for check in found})
    if not names_of(settings).name:
        found.append(Check("CLUSTER_NAME", Level.WARN, "cluster_unnamed"))
    if settings.dry_run:
        found.append(Check("DRY_RUN", Level.WARN, "dry_run"))
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
        await asyncio.gather(*(_import_apart(module) for module in apart))
        async with build():
            pass
    except StartError as error:
        if Level.FAIL in known:
            return []
        values = {"detail": str(error)}
    except Exception as error:  # noqa: BLE001 - whatever it is would end the start
        values = {"detail": f"{type(error).__name__}: {error}".splitlines()[0]}
    else:
        return [Check("start", Level.OK, "start_fine", {"version": own_version()})]
    return [Check("start", Level.FAIL, "start_failed", values)]


async def _import_apart(module: str) -> None:
    """Import a module in a process of its own. Raises ImportError."""
    command = (sys.executable, "-c", f"import {module}")
    process = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, stderr=PIPE)
    _, complaint = await process.communicate()
    if process.returncode:
        lines = complaint.decode("utf-8", "replace").splitlines()
        raise ImportError(lines[-1] if lines else f"{module}: {process.returncode}")


async def _cluster(settings: Settings, clock: Clock) -> list[Check]:
    try:
        async with build_backends(settings, clock) as backends:
            found = list(await check_backends(backends))
            found.extend(await _queries(settings, backends))
            found.extend(await _protected(settings, clock, backends))
    except StartError as error:
        return [Check("cluster", Level.FAIL, "backend_wrong", {"detail": str(error)})]
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
            values = {"variable": variable, "detail": error.missing.detail}
            found.append(Check("prometheus", Level.FAIL, "query_refused", values))
            continue
        if not series:
            found.append(Check("prometheus", Level.WARN, "query_empty", {"variable": variable}))
        elif query in SINGLE and len(series) > 1:
            values = {"variable": variable, "count": str(len(series))}
            found.append(Check("prometheus", Level.FAIL, "query_several", values))
    return found


async def _protected(settings: Settings, clock: Clock, backends: Backends) -> list[Check]:
    """Name each pattern that covers nothing, and what is shared and covered by none.

    A pattern may be misspelled, which only a kill would show.
    """
    if not backends.schedulers:
        return []
    reader = ClusterGateway(settings.cluster_name, clock, backends.schedulers)
    running = await reader.running()
    if running.failed:
        return []
    found, covered = [], set()
    for pattern in settings.protected:
        one = Protection((pattern,))
        hit = {a.ref for a in running.applications if one.covers(a.name, a.user, a.queue)}
        covered |= hit
        if not hit:
            found.append(Check("PROTECTED", Level.WARN, "protected_idle", {"pattern": pattern}))
    if settings.protected and not found:
        values = {"count": str(len(covered))}
        found.append(Check("PROTECTED", Level.OK, "protected_fine", values))
    bare = [a.name for a in running.applications if a.shared and a.ref not in covered]
    return [*found, *_shared(bare)]


def _shared(names: Sequence[str]) -> list[Check]:
    """Suggest a pattern for each kind of shared application that nothing protects."""
    if not names:
        return []
    patterns = dict.fromkeys(protecting_pattern(name) for name in names)
    values = {
        "names": ", ".join(list(dict.fromkeys(names))[:SHARED_NAMED]),
        "patterns": ",".join(list(patterns)[:SHARED_NAMED]),
    }
    return [Check("PROTECTED", Level.WARN, "shared_unprotected", values)]


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
        return [Check("storage", Level.FAIL, "storage_failed", {"detail": str(error)})]
    found = [Check("storage", Level.OK, "storage_fine", {"where": where})]
    if frozen:
        found.append(Check("freeze", Level.WARN, "frozen"))
    if owed:
        found.append(Check("replies", Level.WARN, "owed", {"count": str(owed)}))
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
    # Chroma takes a second to import: in this thread, while the other checks wait for answers.
    from bot.doctor.knowledge import check_knowledge  # noqa: PLC0415

    return check_knowledge(settings)


async def _model(settings: Settings) -> list[Check]:
    web = "web_set" if settings.tavily_api_key else "web_none"
    return [await check_model(settings), Check("web search", Level.OK, web)]


async def _health(host: str, port: int) -> list[Check]:
    values = {"port": str(port)}
    if not port:
        return [Check("health", Level.OK, "health_off")]
    reason = _taken(host, port)
    if not reason:
        return [Check("health", Level.OK, "health_free", values)]
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=2.0) as client:
            address = httpx.URL(scheme="http", host=host, port=port, path="/healthz")
            alive = (await client.get(address)).json()
    except (httpx.HTTPError, ValueError):
        alive = None
    if alive == {"status": "alive"}:
        return [Check("health", Level.OK, "health_running", values)]
    return [Check("health", Level.FAIL, "health_taken", {**values, "reason": reason})]


def _taken(host: str, port: int) -> str:
    """Return why the port cannot be listened on, or an empty string; nothing is listened on."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with closing(socket.socket(family)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error.strerror or str(error)
    return ""
