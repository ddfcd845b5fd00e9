"""What the operator is told of each backend: version, role, rights, and what to fix.

Changes nothing: the right to kill is tried on jobs that have ended by themselves.
"""

import asyncio

from bot.backends.alertmanager import AlertmanagerReader
from bot.backends.build import Backends
from bot.backends.kerberos import principal
from bot.backends.prometheus import PrometheusReader
from bot.backends.spark_standalone import ALIVE, SparkStandalone
from bot.backends.usage import ApplicationUsage
from bot.backends.yarn import YarnApplications
from bot.doctor.findings import Check, Level, finding
from bot.domain.applications import KillAnswer, KillOutcome, Source
from bot.errors import BackendError, FaultKind

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
