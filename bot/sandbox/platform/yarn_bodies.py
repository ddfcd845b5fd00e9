"""JSON bodies of YARN's ResourceManager REST API (Hadoop 3.3 documentation), from the model.

Of the fields of a real one those that are read by somebody, and the long ones that are left out
on demand; a test holds it to have no other.
"""

from typing import Any

from .model import ACCEPTED, ENDED, RUNNING, Application, PlatformModel
from .scenario import QueueSpec

Json = dict[str, Any]
VERSION = "3.3.6"
FINAL_STATUS = {"FINISHED": "SUCCEEDED", "KILLED": "KILLED", "FAILED": "FAILED"}
# What a caller without the right to view an application sees in place of the truth; nothing else.
_HIDDEN_ZEROS = (
    "startedTime",
    "launchTime",
    "finishedTime",
    "allocatedMB",
    "allocatedVCores",
    "runningContainers",
)
_HIDDEN_AWAY = ("amContainerLogs",)


def info(model: PlatformModel, ha_state: str) -> Json:
    """Body of /ws/v1/cluster/info."""
    return {
        "clusterInfo": {
            "id": model.scenario.cluster_id,
            "state": "STARTED",
            "haState": ha_state,
            "resourceManagerVersion": VERSION,
            "hadoopVersion": VERSION,
        }
    }


def metrics(model: PlatformModel, at: float) -> Json:
    """Body of /ws/v1/cluster/metrics."""
    states = [row.state(at) for row in model.applications(at)]
    nodes, count = model.granted_per_node(at), model.nodes.count
    gone = ("lost", "unhealthy", "decommissioning", "decommissioned", "rebooted", "shutdown")
    return {
        "clusterMetrics": {
            "appsPending": states.count(ACCEPTED),
            "appsRunning": states.count(RUNNING),
            "allocatedMB": round(sum(memory for _, memory, _ in nodes)),
            "allocatedVirtualCores": round(sum(vcores for vcores, _, _ in nodes)),
            "totalMB": count * model.nodes.memory_mb,
            "totalVirtualCores": model.total_cores,
            "totalNodes": count,
            "activeNodes": count,
            **{f"{word}Nodes": 0 for word in gone},
        }
    }


def nodes(model: PlatformModel, at: float) -> Json:
    """Body of /ws/v1/cluster/nodes; nodeCPUUsage is in cores."""
    usage = model.usage(at)
    rows = [
        {
            "state": "RUNNING",
            "id": f"{model.host(index)}:45454",
            "nodeHostName": model.host(index),
            "nodeHTTPAddress": f"{model.host(index)}:8042",
            "healthReport": "",
            "numContainers": containers,
            "usedVirtualCores": round(vcores),
            "availableVirtualCores": max(0, model.nodes.vcores - round(vcores)),
            "resourceUtilization": {
                "nodeCPUUsage": round(usage.nodes[index], 4),
                "containersCPUUsage": round(usage.nodes[index] - model.nodes.idle_cores, 4),
            },
        }
        for index, (vcores, _, containers) in enumerate(model.granted_per_node(at))
    ]
    return {"nodes": {"node": rows}}


def scheduler(model: PlatformModel, at: float) -> Json:
    """Body of /ws/v1/cluster/scheduler of a CapacityScheduler."""
    rows = model.applications(at)
    leaves = [_leaf(model, queue, rows, at) for queue in model.scenario.queues]
    root = {
        "type": "capacityScheduler",
        "capacity": 100.0,
        "usedCapacity": round(sum(leaf["absoluteUsedCapacity"] for leaf in leaves), 3),
        "maxCapacity": 100.0,
        "queueName": "root",
        "queues": {"queue": leaves},
    }
    return {"scheduler": {"schedulerInfo": root}}


def _leaf(model: PlatformModel, queue: QueueSpec, rows: list[Application], at: float) -> Json:
    mine = [row for row in rows if row.spec.queue == queue.name]
    states = [row.state(at) for row in mine]
    granted = [row.granted(at) for row in mine]
    whole = (model.total_cores, model.nodes.count * model.nodes.memory_mb)
    used = 100 * max(sum(each[part] for each in granted) / whole[part] for part in (0, 1))
    return {
        "type": "capacitySchedulerLeafQueueInfo",
        "absoluteCapacity": queue.capacity,
        "absoluteMaxCapacity": queue.max_capacity,
        "absoluteUsedCapacity": round(used, 3),
        "queueName": queue.name,
        "queuePath": f"root.{queue.name}",
        "numActiveApplications": states.count(RUNNING),
        "numPendingApplications": states.count(ACCEPTED),
    }


def _ms(seconds: float | None) -> int:
    """Milliseconds since the epoch; 0 for what has not happened."""
    return 0 if seconds is None else round(seconds * 1000)


def application(model: PlatformModel, row: Application, at: float) -> Json:
    """One application as /apps and /apps/{id} show it; -1 for what an ended one no longer has."""
    state = row.state(at)
    ended = state in ENDED
    vcores, memory = row.granted(at)
    logs = f"{model.host(row.placement[0][0])}:8042/node/containerlogs"
    master = f"http://{logs}/{_container_id(row, len(row.attempts))}/{row.spec.user}"
    lifetime = {"type": "LIFETIME", "expiryTime": "UNLIMITED", "remainingTimeInSeconds": -1}
    return {
        "id": row.id,
        "user": row.spec.user,
        "name": row.spec.name,
        "queue": row.spec.queue,
        "state": state,
        "finalStatus": FINAL_STATUS.get(state, "UNDEFINED"),
        "diagnostics": _diagnostics(row, state),
        "applicationType": row.spec.type,
        "applicationTags": "",
        "startedTime": _ms(row.started_s),
        "launchTime": 0 if state == ACCEPTED else _ms(row.admitted_s),
        "finishedTime": _ms(row.ended_s if ended else None),
        **({} if state == ACCEPTED else {"amContainerLogs": master}),  # it has no master yet
        "allocatedMB": -1 if ended else memory,
        "allocatedVCores": -1 if ended else vcores,
        "runningContainers": -1 if ended else row.containers(at),
        "timeouts": {"timeout": [lifetime]},
        "resourceRequests": [],
        "resourceInfo": {"resourceUsagesByPartition": []},
        "amNodeLabelExpression": "",
    }


def hidden_from_caller(body: Json) -> Json:
    """Return an application as YARN's ACLs show it to somebody without the right to view it."""
    zeros: Json = dict.fromkeys(_HIDDEN_ZEROS, 0)
    return {**{key: value for key, value in body.items() if key not in _HIDDEN_AWAY}, **zeros}


def _diagnostics(row: Application, state: str) -> str:
    if state in ENDED:
        return row.diagnostics
    if state == ACCEPTED:
        return f"Waiting: queue {row.spec.queue} starts no more application masters for now."
    failed = len(row.attempts) - 1
    return f"Attempt {failed} failed and was started again." if failed else ""


def _container_id(row: Application, attempt: int) -> str:
    """Id of an attempt's first container."""
    return f"{row.id.replace('application', 'container')}_{attempt:02d}_000001"


def attempts(row: Application) -> Json:
    """Body of /apps/{id}/appattempts."""
    rows = [
        {
            "id": number,
            "startTime": _ms(started),
            "finishedTime": _ms(row.attempts[number]) if number < len(row.attempts) else 0,
            "containerId": _container_id(row, number),
        }
        for number, started in enumerate(row.attempts, start=1)
    ]
    return {"appAttempts": {"appAttempt": rows}}
