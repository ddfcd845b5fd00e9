"""YARN's JSON bodies (Hadoop 2.x and 3.x ResourceManager REST API) into the product's values."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.backends.identifiers import attempt_in, is_yarn_application
from bot.backends.shapes import (
    DIAGNOSTICS_LIMIT,
    NAME_LIMIT,
    amount,
    count,
    mapping,
    moment,
    number,
    percent,
    rows,
    text,
)
from bot.backends.usage import SchedulerUsage
from bot.domain.applications import Application, ApplicationRef, ApplicationState
from bot.domain.cluster import NodeUsage, QueueUsage
from bot.domain.lazy_applications import ApplicationSummary, LazyApplications

MIB = 2**20
_EPOCH = datetime.fromtimestamp(0, UTC)
_STATES = {
    "NEW": ApplicationState.WAITING,
    "NEW_SAVING": ApplicationState.WAITING,
    "SUBMITTED": ApplicationState.WAITING,
    "ACCEPTED": ApplicationState.WAITING,
    "RUNNING": ApplicationState.RUNNING,
    "FINISHED": ApplicationState.FINISHED,
    "FAILED": ApplicationState.FAILED,
    "KILLED": ApplicationState.KILLED,
}
_KILLER = re.compile(r"\bwas killed by user (\S+)")
_MAX_DEPTH = 20  # queues below queues; deeper is no scheduler's answer


def application_rows(body: Any) -> list[dict[str, Any]] | None:
    """Return the objects of an application list; None when the body is not one.

    An empty list comes as {"apps": null}, {"apps": {}}, {} or with an empty "app".
    """
    if not isinstance(body, dict):
        return None
    apps = body.get("apps")
    if apps is None:
        return None if "RemoteException" in body else []
    return rows(apps.get("app")) if isinstance(apps, dict) else None


def applications(
    cluster: str, found: Sequence[dict[str, Any]]
) -> tuple[Sequence[Application], int]:
    """Return the applications and how many objects were not understood.

    Of ten thousand rows only what orders them is read here, the rest when one is looked at.
    """
    good: list[dict[str, Any]] = []
    outlines: list[ApplicationSummary] = []
    for row in found:
        app_id, state = row.get("id"), _state(row)
        if isinstance(app_id, str) and is_yarn_application(app_id) and state is not None:
            good.append(row)
            cores = amount(row.get("allocatedVCores"))
            outlines.append(ApplicationSummary(app_id, state, cores or 0.0))

    def make(place: int) -> Application:
        known = outlines[place]
        return _application(cluster, known.id, known.state, good[place])

    return LazyApplications(outlines, make), len(found) - len(good)


def application(cluster: str, row: dict[str, Any]) -> Application | None:
    """Return one application; None for an object without a proper id or a known state.

    -1 in the granted figures means that the application has ended.
    """
    found, _ = applications(cluster, [row])
    return found[0] if found else None


def _state(row: dict[str, Any]) -> ApplicationState | None:
    word = row.get("state")
    state = _STATES.get(word) if type(word) is str else None
    if state is ApplicationState.FINISHED and row.get("finalStatus") == "FAILED":
        return ApplicationState.FAILED
    return state


def _application(
    cluster: str, app_id: str, state: ApplicationState, row: dict[str, Any]
) -> Application:
    memory = count(row.get("allocatedMB"))
    diagnostics = text(row.get("diagnostics"), DIAGNOSTICS_LIMIT)
    return Application(
        ref=ApplicationRef(cluster, "yarn", app_id),
        name=text(row.get("name"), NAME_LIMIT),
        user=text(row.get("user")),
        queue=text(row.get("queue")),
        state=state,
        started_at=moment(row.get("startedTime")) or _EPOCH,
        attempt=attempt_in(text(row.get("amContainerLogs"))) or 1,
        kind=text(row.get("applicationType")) or "SPARK",
        granted_cores=amount(row.get("allocatedVCores")),
        granted_memory=None if memory is None else memory * MIB,
        containers=count(row.get("runningContainers")),
        finished_at=moment(row.get("finishedTime")),  # 0 while it runs
        diagnostics=diagnostics,
        killed_by=killer[1] if (killer := _KILLER.search(diagnostics)) else "",
    )


def latest_attempt(body: Any) -> int | None:
    """Return the highest attempt number of an /appattempts body; None when it names none."""
    found = rows(mapping(mapping(body).get("appAttempts")).get("appAttempt"))
    numbers = [n for row in found if (n := count(row.get("id"))) is not None]
    return max(numbers, default=None)


def metrics(body: Any) -> SchedulerUsage | None:
    """Return what /metrics tells; None when the body is something else."""
    found = mapping(mapping(body).get("clusterMetrics"))
    if not found:
        return None
    memory_total, memory_granted = count(found.get("totalMB")), count(found.get("allocatedMB"))
    return SchedulerUsage(
        cores_total=amount(found.get("totalVirtualCores")),
        cores_granted=amount(found.get("allocatedVirtualCores")),
        memory_total=None if memory_total is None else memory_total * MIB,
        memory_granted=None if memory_granted is None else memory_granted * MIB,
        nodes_lost=count(found.get("lostNodes")),
        running=count(found.get("appsRunning")),
        waiting=count(found.get("appsPending")),
    )


def nodes(body: Any) -> tuple[tuple[NodeUsage, ...], float | None] | None:
    """Return the nodes and the CPU percent over those that measure it; None for another body.

    `nodeCPUUsage` is cores in use on the machine; the only size of the machine told beside it
    is its vcores, so the percentage is right where a vcore is a core.
    """
    if not isinstance(body, dict) or "nodes" not in body:
        return None
    found = rows(mapping(body["nodes"]).get("node"))
    used = size = 0.0
    usages = []
    for row in found:
        cores = (amount(row.get("usedVirtualCores")) or 0.0) + (
            amount(row.get("availableVirtualCores")) or 0.0
        )
        measured = amount(mapping(row.get("resourceUtilization")).get("nodeCPUUsage"))
        alive = row.get("state") == "RUNNING"
        if alive and measured is not None and cores:
            used, size = used + measured, size + cores
        usages.append(_node(row, measured if alive else None, cores))
    return tuple(usages), percent(100 * used / size) if size else None


def _node(row: dict[str, Any], measured: float | None, cores: float) -> NodeUsage:
    name = text(row.get("nodeHostName")) or text(row.get("id")).partition(":")[0]
    cpu = percent(100 * measured / cores) if measured is not None and cores else None
    return NodeUsage(name, cpu_percent=cpu, healthy=row.get("state") == "RUNNING")


def queues(body: Any) -> tuple[QueueUsage, ...] | None:
    """Return the leaf queues of a capacity, fair or FIFO scheduler; None for another body."""
    info = mapping(mapping(mapping(body).get("scheduler")).get("schedulerInfo"))
    if not info:
        return None
    if "rootQueue" in info:
        root = mapping(info["rootQueue"])
        return tuple(_fair(queue, root) for queue in _leaves(root, _fair_children))
    if "queues" in info:
        return tuple(_capacity(queue) for queue in _leaves(info, _capacity_children))
    used, capacity = number(info.get("usedCapacity")), number(info.get("capacity"))
    name = text(info.get("queueName")) or "default"
    return (QueueUsage(name, 100 * (used or 0.0), 100 * (capacity or 1.0), 100.0),)


def _capacity_children(queue: dict[str, Any]) -> list[dict[str, Any]]:
    return rows(mapping(queue.get("queues")).get("queue"))


def _fair_children(queue: dict[str, Any]) -> list[dict[str, Any]]:
    children = queue.get("childQueues")
    # Hadoop 2 wrote the list itself; later versions put it under "queue".
    if isinstance(children, dict) and "queueName" not in children:
        return rows(children.get("queue"))
    return rows(children)


def _leaves(root: dict[str, Any], children: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    for queue in children(root):
        if depth < _MAX_DEPTH and children(queue):
            yield from _leaves(queue, children, depth + 1)
        else:
            yield queue


def _capacity(queue: dict[str, Any]) -> QueueUsage:
    return QueueUsage(
        name=text(queue.get("queueName")),
        used_percent=amount(queue.get("absoluteUsedCapacity")) or 0.0,
        capacity_percent=amount(queue.get("absoluteCapacity")) or 0.0,
        max_percent=amount(queue.get("absoluteMaxCapacity")) or 100.0,
        running=count(queue.get("numActiveApplications")) or 0,
        pending=count(queue.get("numPendingApplications")) or 0,
    )


def _fair(queue: dict[str, Any], root: dict[str, Any]) -> QueueUsage:
    whole = mapping(root.get("clusterResources")) or mapping(queue.get("clusterResources"))
    steady = mapping(queue.get("steadyFairResources")) or mapping(queue.get("fairResources"))
    most = mapping(queue.get("maxResources"))
    return QueueUsage(
        name=text(queue.get("queueName")),
        used_percent=_dominant(mapping(queue.get("usedResources")), whole),
        capacity_percent=min(100.0, _dominant(steady, whole)),
        max_percent=min(100.0, _dominant(most, whole)) if most else 100.0,
        running=count(queue.get("numActiveApps")) or 0,
        pending=count(queue.get("numPendingApps")) or 0,
    )


def _dominant(part: dict[str, Any], whole: dict[str, Any]) -> float:
    """Return the larger of the memory and vcore shares, in percent of the cluster."""
    shares = [
        100 * (amount(part.get(name)) or 0.0) / total
        for name in ("memory", "vCores")
        if (total := amount(whole.get(name)))
    ]
    return max(shares, default=0.0)
