"""JSON bodies of single applications in YARN's REST API (Hadoop 3.3), from the model."""

from typing import Any

from .application import ACCEPTED, ENDED, RUNNING, Application
from .model import PlatformModel

Json = dict[str, Any]
FINAL_STATUS = {"FINISHED": "SUCCEEDED", "KILLED": "KILLED", "FAILED": "FAILED"}
STATES = (
    "NEW",
    "NEW_SAVING",
    "SUBMITTED",
    "ACCEPTED",
    "RUNNING",
    "FINISHED",
    "FAILED",
    "KILLED",
)
# What a caller without the right to view an application sees in place of the truth; nothing else.
_HIDDEN_ZEROS = (
    "startedTime",
    "launchTime",
    "finishedTime",
    "elapsedTime",
    "allocatedMB",
    "allocatedVCores",
    "reservedMB",
    "reservedVCores",
    "runningContainers",
    "queueUsagePercentage",
    "clusterUsagePercentage",
)
_HIDDEN_AWAY = ("amContainerLogs", "amHostHttpAddress", "amRPCAddress", "logAggregationStatus")
TRACKING = {RUNNING: "ApplicationMaster", ACCEPTED: "UNASSIGNED"}


def ms(seconds: float | None) -> int:
    """Milliseconds since the epoch; 0 for what has not happened."""
    return 0 if seconds is None else round(seconds * 1000)


def application(model: PlatformModel, row: Application, at: float) -> Json:
    """One application as /apps and /apps/{id} show it."""
    state = row.state(at)
    ended = state in ENDED
    finished = row.ended_s if ended else None
    host = model.host(row.placement[0][0])
    container = container_id(row, len(row.attempts))
    return {
        "id": row.id,
        "user": row.spec.user,
        "name": row.spec.name,
        "queue": row.spec.queue,
        "state": state,
        "finalStatus": FINAL_STATUS.get(state, "UNDEFINED"),
        "progress": 100.0 if ended else 10.0 if state == RUNNING else 0.0,
        "trackingUI": TRACKING.get(state, "History"),
        "trackingUrl": f"http://rm1.example.com:8088/proxy/{row.id}/",
        "diagnostics": _diagnostics(row, state),
        "clusterId": model.scenario.cluster_id,
        "applicationType": row.spec.type,
        "applicationTags": "",
        "priority": 0,
        "startedTime": ms(row.started_s),
        "launchTime": 0 if state == ACCEPTED else ms(row.admitted_s),
        "finishedTime": ms(finished),
        "elapsedTime": ms((at if finished is None else finished) - row.started_s),
        **({} if state == ACCEPTED else _master(host, container, row.spec.user)),
        "logAggregationStatus": "SUCCEEDED" if ended else "NOT_START",
        "unmanagedApplication": False,
        "amNodeLabelExpression": "",
        **_resources(model, row, at, ended=ended),
    }


def hidden_from_caller(body: Json) -> Json:
    """Return an application as YARN's ACLs show it to somebody without the right to view it."""
    zeros: Json = dict.fromkeys(_HIDDEN_ZEROS, 0)
    return {**{key: value for key, value in body.items() if key not in _HIDDEN_AWAY}, **zeros}


def _master(host: str, container: str, user: str) -> Json:
    """Say where the application master is, which one that waits has not yet."""
    return {
        "amContainerLogs": f"http://{host}:8042/node/containerlogs/{container}/{user}",
        "amHostHttpAddress": f"{host}:8042",
        "amRPCAddress": f"{host}:35685",
    }


def _diagnostics(row: Application, state: str) -> str:
    if state in ENDED:
        return row.diagnostics
    if state == ACCEPTED:
        return f"Waiting: queue {row.spec.queue} starts no more application masters for now."
    failed = len(row.attempts) - 1
    return f"Attempt {failed} failed and was started again." if failed else ""


def _resources(model: PlatformModel, row: Application, at: float, *, ended: bool) -> Json:
    """Say what it holds and has held; -1 for what an ended one no longer has."""
    vcores, memory = row.granted(at)
    spent_vcores, spent_memory = row.granted_seconds(at)
    queue = model.queue(row.spec.queue)
    share = 100 * memory / (model.nodes.count * model.nodes.memory_mb)
    preempted = ("ResourceMB", "ResourceVCores", "MemorySeconds", "VcoreSeconds")
    return {
        "allocatedMB": -1 if ended else memory,
        "allocatedVCores": -1 if ended else vcores,
        "reservedMB": -1 if ended else 0,
        "reservedVCores": -1 if ended else 0,
        "runningContainers": -1 if ended else row.containers(at),
        "memorySeconds": spent_memory,
        "vcoreSeconds": spent_vcores,
        "queueUsagePercentage": round(100 * share / queue.capacity, 3) if queue else 0.0,
        "clusterUsagePercentage": round(share, 3),
        **{f"preempted{word}": 0 for word in preempted},
        "numNonAMContainerPreempted": 0,
        "numAMContainerPreempted": 0,
        "preemptedResourceSecondsMap": {},
        **_selectable(spent_memory, spent_vcores),
    }


def _selectable(memory_seconds: int, vcore_seconds: int) -> Json:
    return {
        "resourceSecondsMap": {
            "entry": [
                {"key": "memory-mb", "value": str(memory_seconds)},
                {"key": "vcores", "value": str(vcore_seconds)},
            ]
        },
        "timeouts": {
            "timeout": [
                {"type": "LIFETIME", "expiryTime": "UNLIMITED", "remainingTimeInSeconds": -1}
            ]
        },
        "resourceRequests": [],
        "resourceInfo": {"resourceUsagesByPartition": []},
    }


def container_id(row: Application, attempt: int) -> str:
    """Id of an attempt's first container."""
    return f"{row.id.replace('application', 'container')}_{attempt:02d}_000001"


def attempts(model: PlatformModel, row: Application) -> Json:
    """Body of /apps/{id}/appattempts."""
    host = model.host(row.placement[0][0])
    return {
        "appAttempts": {
            "appAttempt": [
                {
                    "id": number,
                    "startTime": ms(started),
                    "finishedTime": ms(row.attempts[number]) if number < len(row.attempts) else 0,
                    "containerId": container_id(row, number),
                    "nodeHttpAddress": f"{host}:8042",
                    "nodeId": f"{host}:45454",
                    "logsLink": f"http://{host}:8042/node/containerlogs/{container_id(row, number)}/{row.spec.user}",
                    "blacklistedNodes": "",
                    "nodesBlacklistedBySystem": "",
                    "appAttemptId": f"{row.id.replace('application', 'appattempt')}_{number:06d}",
                }
                for number, started in enumerate(row.attempts, start=1)
            ]
        }
    }
