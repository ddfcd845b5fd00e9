"""YARN's JSON bodies (Hadoop 2.x and 3.x ResourceManager REST API) into the product's values."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.backends.shapes import (
    DIAGNOSTICS_LIMIT,
    LABEL_LIMIT,
    NAME_LIMIT,
    amount,
    attempt_in,
    count,
    is_yarn_application,
    mapping,
    mebibytes,
    moment,
    number,
    one_line,
    part_of_cluster,
    percent,
    rows,
    text,
)
from bot.backends.usage import NodeManager, SchedulerUsage
from bot.domain.applications import (
    Application,
    ApplicationRef,
    ApplicationState,
    ApplicationSummary,
    LazyApplications,
)
from bot.domain.cluster import NodeCounts, NodeState, NodeUsage, QueueUsage, counted

_WAITING, _RUNNING = ApplicationState.WAITING, ApplicationState.RUNNING
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
_NODE_STATES = {
    "NEW": NodeState.RUNNING,
    "RUNNING": NodeState.RUNNING,
    "UNHEALTHY": NodeState.UNHEALTHY,
    "LOST": NodeState.LOST,
    "REBOOTED": NodeState.REBOOTED,
    "DECOMMISSIONING": NodeState.DRAINING,
}
_RETIRED = frozenset({"DECOMMISSIONED", "SHUTDOWN"})  # gone on purpose, and kept in the list
_WORKING = frozenset({NodeState.RUNNING, NodeState.DRAINING})
_ADDRESS = re.compile(r"[A-Za-z0-9._-]+:\d{1,5}|\[[0-9A-Fa-f:.]+\]:\d{1,5}")
_STALE = frozenset({NodeState.LOST, NodeState.REBOOTED, NodeState.UNHEALTHY})
_MAX_DEPTH = 20  # queues below queues; deeper is no scheduler's answer


@dataclass(frozen=True, slots=True)
class ApplicationList:
    """A list of applications, and what of it could not be taken over.

    `strange` rows were not understood, `hidden` ones keep their figures from us, `recovered` ones
    ran before the ResourceManager took over and have no figures yet; `others` counts the
    applications of types that are not listed.
    """

    applications: Sequence[Application]
    strange: int = 0
    hidden: int = 0
    recovered: int = 0
    others: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manager:
    """What a ResourceManager says of itself; `ha_state` is "" where there is no HA.

    A federation's router answers for all its clusters and counts as active.
    """

    version: str
    ha_state: str
    started: int | None = None


def manager(body: Any) -> Manager | None:
    """Return what an /info body says; None when it is no ResourceManager's."""
    if not isinstance(body, dict):
        return None
    if info := mapping(body.get("clusterInfo")):
        version = text(info.get("resourceManagerVersion")) or text(info.get("hadoopVersion"))
        started = number(info.get("id"))
        state = text(info.get("haState"), 20).upper()
        return Manager(version, state, int(started) if started else None)
    if router := mapping(body.get("federationClusterInfo")):
        parts = rows(router.get("subCluster")) or rows(router.get("list")) or [router]
        return Manager(text(parts[0].get("resourceManagerVersion")), "ACTIVE")
    return None


def application_rows(body: Any) -> list[dict[str, Any]] | None:
    """Return the objects of an application list; None when the body is not one.

    An empty list comes as {"apps": null}, {"apps": {}}, {"apps": ""}, {} or with an empty "app".
    """
    if not isinstance(body, dict):
        return None
    apps = body.get("apps")
    if apps is None or apps == "":
        return None if "RemoteException" in body else []
    return rows(apps.get("app")) if isinstance(apps, dict) else None


def applications(
    cluster: str, found: Sequence[dict[str, Any]], types: frozenset[str] = frozenset()
) -> ApplicationList:
    """Return the applications of these types, all where none is named.

    Of ten thousand rows only what orders them is read here, the rest when one is looked at.
    """
    good: list[dict[str, Any]] = []
    outlines: list[ApplicationSummary] = []
    others: Counter[str] = Counter()
    strange = hidden = recovered = 0
    for row in found:
        app_id, state = row.get("id"), _state(row)
        if state is None or type(app_id) is not str or not is_yarn_application(app_id):
            strange += 1
            continue
        if types and (kind := text(row.get("applicationType")).upper()) not in types:
            others[kind or "?"] += 1
            continue
        cores = amount(row.get("allocatedVCores"))
        if state is _WAITING and _recovered(row):
            recovered, state, cores = recovered + 1, _RUNNING, None
        elif not (cores and row.get("startedTime")) and _hidden(row, state):
            hidden, cores = hidden + 1, None
        good.append(row)
        outlines.append(ApplicationSummary(app_id, state, cores))

    def make(place: int) -> Application:
        known = outlines[place]
        return _application(cluster, known.id, known.state, good[place])

    return ApplicationList(LazyApplications(outlines, make), strange, hidden, recovered, others)


def application(cluster: str, row: dict[str, Any]) -> Application | None:
    """Return one application; None for an object without a proper id or a known state."""
    found = applications(cluster, [row]).applications
    return found[0] if found else None


def _state(row: dict[str, Any]) -> ApplicationState | None:
    word = row.get("state")
    if word == "RUNNING":  # nearly always
        return _RUNNING
    state = _STATES.get(word) if type(word) is str else None
    if state is ApplicationState.FINISHED and row.get("finalStatus") == "FAILED":
        return ApplicationState.FAILED
    return state


def _hidden(row: dict[str, Any], state: ApplicationState) -> bool:
    """Tell whether the caller may not see its figures, which are then all 0 or left out."""
    if state.over:
        return False
    nothing = not row.get("amContainerLogs") and not row.get("allocatedVCores")
    return row.get("startedTime") == 0 or (nothing and state is _RUNNING)


def _recovered(row: dict[str, Any]) -> bool:
    """Tell whether what waits had its first container before the ResourceManager took over.

    It is accepted again, holds nothing by the books, and runs on.
    """
    return (
        bool(row.get("amContainerLogs"))
        and row.get("launchTime", 1) != 0
        and row.get("runningContainers") == 0
    )


def _application(
    cluster: str, app_id: str, state: ApplicationState, row: dict[str, Any]
) -> Application:
    diagnostics = text(row.get("diagnostics"), DIAGNOSTICS_LIMIT)
    waits = state is ApplicationState.RUNNING and row.get("state") != "RUNNING"
    hidden = not waits and _hidden(row, state)
    told = {} if hidden or waits else row
    return Application(
        ref=ApplicationRef(cluster, "yarn", app_id),
        name=text(row.get("name"), NAME_LIMIT),
        user=text(row.get("user")),
        queue=text(row.get("queue")),
        state=state,
        started_at=moment(row.get("startedTime")),
        attempt=attempt_in(text(row.get("amContainerLogs"))) or 1,
        kind=text(row.get("applicationType")) or "SPARK",
        granted_cores=amount(told.get("allocatedVCores")),
        granted_memory=mebibytes(told.get("allocatedMB")),
        containers=count(told.get("runningContainers")),
        finished_at=moment(row.get("finishedTime")),  # 0 while it runs
        diagnostics=diagnostics,
        killed_by=killer[1] if (killer := _KILLER.search(diagnostics)) else "",
        hidden=hidden,
        tags=text(row.get("applicationTags")),
    )


def latest_attempt(body: Any) -> int | None:
    """Return the highest attempt number of an /appattempts body; None when it names none."""
    found = rows(mapping(mapping(body).get("appAttempts")).get("appAttempt"))
    numbers = [n for row in found if (n := count(row.get("id"))) is not None]
    return max(numbers, default=None)


def metrics(body: Any) -> SchedulerUsage | None:
    """Return what /metrics tells; None when the body is something else.

    While no node is there, as just after a takeover, its zeros are no figures.
    """
    found = mapping(mapping(body).get("clusterMetrics"))
    if not found:
        return None
    counts = _counts(found)
    if count(found.get("totalNodes")) == 0:
        return SchedulerUsage(settling=True)
    return SchedulerUsage(
        cores_total=amount(found.get("totalVirtualCores")),
        cores_granted=amount(found.get("allocatedVirtualCores")),
        memory_total=mebibytes(found.get("totalMB")),
        memory_granted=mebibytes(found.get("allocatedMB")),
        node_counts=counts,
        running=count(found.get("appsRunning")),
        waiting=count(found.get("appsPending")),
    )


def _counts(found: dict[str, Any]) -> NodeCounts | None:
    """Return the machines by state; None where one of the counts that mean trouble is not told."""
    lost, unhealthy = count(found.get("lostNodes")), count(found.get("unhealthyNodes"))
    total = count(found.get("totalNodes"))
    if lost is None or unhealthy is None or total is None:
        return None
    retired = sum(count(found.get(name)) or 0 for name in ("decommissionedNodes", "shutdownNodes"))
    return NodeCounts(
        members=max(0, total - retired),
        unhealthy=unhealthy,
        lost=lost,
        rebooted=count(found.get("rebootedNodes")) or 0,
        draining=count(found.get("decommissioningNodes")) or 0,
    )


def nodes(body: Any) -> SchedulerUsage | None:
    """Return the machines and the CPU percent over those that measure it; None for another body.

    Rows go by id, for a host may have several; a host of which any row runs is well, for its
    manager was started again on another port.
    """
    if not isinstance(body, dict) or "nodes" not in body:
        return None
    found = [row for row in rows(mapping(body["nodes"]).get("node")) if _member(row)]
    well = {_host(row) for row in found if row.get("state") == "RUNNING"}
    usages: dict[str, tuple[NodeUsage, float]] = {}
    for row in found:
        node = _node(row)
        if node.state in _STALE and _host(row) in well:
            continue
        usages[text(row.get("id")) or node.name] = node, _vcores(row)
    measured = [
        (node.cpu_percent, vcores)
        for node, vcores in usages.values()
        if node.cpu_percent is not None and vcores
    ]
    size = sum(vcores for _, vcores in measured)
    every = tuple(node for node, _ in usages.values())
    return SchedulerUsage(
        cpu_percent=sum(cpu * vcores for cpu, vcores in measured) / size if size else None,
        nodes=every,
        node_counts=counted(every) if every else None,
        settling=not rows(mapping(body["nodes"]).get("node")),
    )


def node_managers(body: Any) -> tuple[NodeManager, ...]:
    """Return the NodeManagers that work, with what their containers use."""
    found = rows(mapping(mapping(body).get("nodes")).get("node"))
    return tuple(
        NodeManager(address, count(row.get("numContainers")) or 0, containers_cores(row) or 0.0)
        for row in found
        if _NODE_STATES.get(text(row.get("state"))) in _WORKING
        and _ADDRESS.fullmatch(address := text(row.get("nodeHTTPAddress")))
    )


def containers_cores(row: dict[str, Any]) -> float | None:
    """Return the cores that a node's containers use; none of any where they are not measured."""
    used = amount(mapping(row.get("resourceUtilization")).get("containersCPUUsage"))
    return None if used == 0 and count(row.get("numContainers")) else used


def _member(row: dict[str, Any]) -> bool:
    return text(row.get("state")) not in _RETIRED and bool(text(row.get("id")) or _host(row))


def _host(row: dict[str, Any]) -> str:
    return text(row.get("nodeHostName")) or text(row.get("id")).rpartition(":")[0]


def _vcores(row: dict[str, Any]) -> float:
    parts = (amount(row.get(name)) for name in ("usedVirtualCores", "availableVirtualCores"))
    return sum(part or 0.0 for part in parts)


def _node(row: dict[str, Any]) -> NodeUsage:
    state = _NODE_STATES.get(text(row.get("state")), NodeState.UNKNOWN)
    working = state in _WORKING
    used = mapping(row.get("resourceUtilization"))
    cores, contained = amount(used.get("nodeCPUUsage")), containers_cores(row)
    known = working and cores is not None and contained is not None
    return NodeUsage(
        _host(row) or text(row.get("id")),
        cpu_percent=_cpu(row) if working else None,  # a lost one keeps its last figures
        state=state,
        reason=one_line(text(row.get("healthReport"), LABEL_LIMIT)),
        cores=cores if known else None,
        container_cores=contained if known else None,
        names=frozenset(
            name
            for key in ("id", "nodeHTTPAddress")
            if (name := text(row.get(key)).rpartition(":")[0])
        ),
    )


def _cpu(row: dict[str, Any]) -> float | None:
    """Return a machine's CPU in percent.

    Newer versions tell it; older ones tell cores in use, a percentage of which can be had where a
    vcore is a core. A machine that measures nothing says 0, whatever runs on it.
    """
    cores = number(mapping(row.get("resourceUtilization")).get("nodeCPUUsage"))
    if cores is None or cores < 0 or (cores == 0 and count(row.get("numContainers"))):
        return None
    told, vcores = number(row.get("cpuUtilization")), _vcores(row)
    if told:
        return percent(told)
    return percent(100 * cores / vcores) if vcores else None


def queues(body: Any) -> tuple[QueueUsage, ...] | None:
    """Return the leaf queues of a capacity, fair or FIFO scheduler; None for another body."""
    info = mapping(mapping(mapping(body).get("scheduler")).get("schedulerInfo"))
    if not info:
        return None
    if "rootQueue" in info:
        root = mapping(info["rootQueue"])
        leaves = _leaves(root, _fair_children, "")
        return tuple(_fair(queue, name, root) for name, queue in leaves)
    if "queues" in info:
        root_name = text(info.get("queueName")) or "root"
        leaves = _leaves(info, _capacity_children, root_name)
        return tuple(_capacity(queue, name) for name, queue in leaves)
    used, capacity = number(info.get("usedCapacity")), number(info.get("capacity"))
    name = text(info.get("queueName")) or "default"
    return (QueueUsage(name, _hundredfold(used), _hundredfold(capacity), 100.0),)


def _hundredfold(part: float | None) -> float | None:
    return None if part is None else part_of_cluster(100 * part)


def _capacity_children(queue: dict[str, Any]) -> list[dict[str, Any]]:
    return rows(mapping(queue.get("queues")).get("queue"))


def _fair_children(queue: dict[str, Any]) -> list[dict[str, Any]]:
    children = queue.get("childQueues")
    # Hadoop 2 wrote the list itself; later versions put it under "queue".
    if isinstance(children, dict) and "queueName" not in children:
        return rows(children.get("queue"))
    return rows(children)


def _leaves(
    root: dict[str, Any], children: Any, above: str, depth: int = 0
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the leaf queues with their paths, which older versions leave to be put together."""
    for queue in children(root):
        name = text(queue.get("queueName"))
        path = text(queue.get("queuePath")) or (f"{above}.{name}" if above else name)
        if depth < _MAX_DEPTH and children(queue):
            yield from _leaves(queue, children, path if above else "", depth + 1)
        elif name:
            yield path, queue


def _capacity(queue: dict[str, Any], path: str) -> QueueUsage:
    return QueueUsage(
        name=path,
        used_percent=part_of_cluster(queue.get("absoluteUsedCapacity")),
        capacity_percent=percent(queue.get("absoluteCapacity")),
        max_percent=percent(queue.get("absoluteMaxCapacity")),
        running=count(queue.get("numActiveApplications")),
        pending=count(queue.get("numPendingApplications")),
    )


def _fair(queue: dict[str, Any], name: str, root: dict[str, Any]) -> QueueUsage:
    whole = mapping(root.get("clusterResources")) or mapping(queue.get("clusterResources"))
    steady = mapping(queue.get("steadyFairResources")) or mapping(queue.get("fairResources"))
    capacity = _dominant(steady, whole)
    most = _dominant(mapping(queue.get("maxResources")), whole)
    return QueueUsage(
        name=name,
        used_percent=_dominant(mapping(queue.get("usedResources")), whole),
        capacity_percent=None if capacity is None else min(100.0, capacity),
        max_percent=None if most is None else min(100.0, most),
        running=count(queue.get("numActiveApps")),
        pending=count(queue.get("numPendingApps")),
    )


def _dominant(part: dict[str, Any], whole: dict[str, Any]) -> float | None:
    """Return the larger of the memory and vcore shares, in percent of the cluster."""
    shares = [
        100 * held / total
        for name in ("memory", "vCores")
        if (held := number(part.get(name))) is not None and (total := amount(whole.get(name)))
    ]
    return part_of_cluster(max(shares)) if shares else None
