"""What the operator is told of each backend: version, role, rights, and what to fix.

Changes nothing: the right to kill is tried on an application id that cannot exist.

Keys: backend_none; backend_failed (system, kind, detail);
yarn_active, yarn_standby (address, version), yarn_no_active, yarn_kill_unknown (detail);
yarn_kill_reachable (user), yarn_kill_forbidden (detail);
spark_alive, spark_standby (address, status), spark_no_alive, spark_kill_offered,
spark_kill_off, spark_kill_untried (no application runs, so the page shows no form);
prometheus_found (version), prometheus_no_cpu, prometheus_applications (count),
prometheus_no_applications; prometheus_none; alertmanager_found (version, alerts, silences).
"""

import asyncio

from bot.backends.alertmanager import AlertmanagerReader
from bot.backends.build import Backends
from bot.backends.prometheus import PrometheusReader
from bot.backends.spark_standalone import ALIVE, SparkStandalone
from bot.backends.yarn import YarnApplications
from bot.domain.findings import Check, Level
from bot.errors import BackendError

NOBODYS_ID = "application_1000000000000_0001"  # of a cluster started in 2001
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
    if backends.yarn is None and backends.spark is None:
        found.append(Check("applications", Level.FAIL, "backend_none"))
    if backends.prometheus is None:
        found.append(Check("prometheus", Level.WARN, "prometheus_none"))
    return tuple(found)


async def _yarn(yarn: YarnApplications) -> list[Check]:
    checks = []
    active = False
    for address, manager in await yarn.managers():
        if isinstance(manager, BackendError):
            checks.append(_failed("yarn", manager, Level.WARN))
            continue
        is_active = manager.ha_state in {"ACTIVE", ""}
        active = active or is_active
        key = "yarn_active" if is_active else "yarn_standby"
        values = {"address": address, "version": manager.version}
        checks.append(Check("yarn", Level.OK, key, values))
    if not active:
        return [*checks, Check("yarn", Level.FAIL, "yarn_no_active")]
    return [*checks, await _yarn_kill(yarn)]


async def _yarn_kill(yarn: YarnApplications) -> Check:
    """Tell whether a kill would be listened to: 404 means that the caller was let in.

    It does not prove the right to kill a particular application, which YARN decides by
    owner, queue and admin lists.
    """
    answer = await yarn.may_kill(NOBODYS_ID)
    if answer.detail.startswith(_NOT_FOUND):
        return Check("yarn", Level.OK, "yarn_kill_reachable", {"user": yarn.user or "Kerberos"})
    detail = {"detail": answer.detail}
    if answer.detail.startswith((_FORBIDDEN, _UNAUTHENTICATED)):
        return Check("yarn", Level.FAIL, "yarn_kill_forbidden", detail)
    return Check("yarn", Level.WARN, "yarn_kill_unknown", detail)


async def _spark(spark: SparkStandalone) -> list[Check]:
    checks = []
    alive = False
    for address, status in await spark.masters():
        if isinstance(status, BackendError):
            checks.append(_failed("spark", status, Level.WARN))
            continue
        alive = alive or status == ALIVE
        key = "spark_alive" if status == ALIVE else "spark_standby"
        checks.append(Check("spark", Level.OK, key, {"address": address, "status": status}))
    if not alive:
        return [*checks, Check("spark", Level.FAIL, "spark_no_alive")]
    try:
        checks.append(await _spark_kill(spark))
    except BackendError as error:
        checks.append(_failed("spark", error, Level.WARN))
    return checks


async def _spark_kill(spark: SparkStandalone) -> Check:
    """Tell whether the page offers kills; it can show that only while something runs."""
    if await spark.offers_kill():
        return Check("spark", Level.OK, "spark_kill_offered")
    if not (await spark.running()).applications:
        return Check("spark", Level.WARN, "spark_kill_untried")
    return Check("spark", Level.FAIL, "spark_kill_off")


async def _prometheus(prometheus: PrometheusReader) -> list[Check]:
    try:
        version, cpu, applications = await asyncio.gather(
            prometheus.version(), prometheus.check("cpu"), prometheus.check("application_cpu")
        )
    except BackendError as error:
        return [_failed("prometheus", error, Level.FAIL)]
    checks = [Check("prometheus", Level.OK, "prometheus_found", {"version": version})]
    if not cpu:
        checks.append(Check("prometheus", Level.FAIL, "prometheus_no_cpu"))
    if applications:
        values = {"count": str(applications)}
        checks.append(Check("prometheus", Level.OK, "prometheus_applications", values))
    else:
        checks.append(Check("prometheus", Level.WARN, "prometheus_no_applications"))
    return checks


async def _alertmanager(alertmanager: AlertmanagerReader) -> list[Check]:
    try:
        version, board = await asyncio.gather(alertmanager.version(), alertmanager.board())
    except BackendError as error:
        return [_failed("alertmanager", error, Level.WARN)]
    values = {
        "version": version,
        "alerts": str(len(board.loud)),
        "silences": str(len(board.silences)),
    }
    return [Check("alertmanager", Level.OK, "alertmanager_found", values)]


def _failed(name: str, error: BackendError, level: Level) -> Check:
    missing = error.missing
    values = {"system": missing.system, "kind": missing.kind.value, "detail": missing.detail}
    return Check(name, level, "backend_failed", values)
