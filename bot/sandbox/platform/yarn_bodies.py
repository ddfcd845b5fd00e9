"""JSON bodies of YARN's ResourceManager REST API (Hadoop 3.3 documentation), from the model."""

from typing import Any

from .application import ACCEPTED, ENDED, RUNNING, Application
from .model import PlatformModel

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
Json = dict[str, Any]


def ms(seconds: float | None) -> int:
    """Milliseconds since the epoch; 0 for what has not happened."""
    return 0 if seconds is None else round(seconds * 1000)


def info(model: PlatformModel, ha_state: str) -> Json:
    """Body of /ws/v1/cluster/info."""
    version = "3.3.6"
    built = f"{version} from 1be78238 by builder source checksum 5652179ad55f76cb287d9c633bb53bbd"
    return {
        "clusterInfo": {
            "id": model.scenario.cluster_id,
            "startedOn": model.scenario.cluster_id,
            "state": "STARTED",
            "haState": ha_state,
            "rmStateStoreName": "org.apache.hadoop.yarn.server.resourcemanager.recovery.ZKRMStateStore",
            "resourceManagerVersion": version,
            "resourceManagerBuildVersion": built,
            "resourceManagerVersionBuiltOn": "2023-06-18T08:22Z",
            "hadoopVersion": version,
            "hadoopBuildVersion": built,
            "hadoopVersionBuiltOn": "2023-06-18T08:22Z",
            "haZooKeeperConnectionState": "CONNECTED",
        }
    }


def metrics(model: PlatformModel, at: float) -> Json:
    """Body of /ws/v1/cluster/metrics."""
    rows = model.applications(at)
    states = [row.state(at) for row in rows]
    nodes = model.granted_per_node(at)
    usage = sum(model.usage(at).nodes)
    vcores, memory = round(sum(n[0] for n in nodes)), round(sum(n[1] for n in nodes))
    total_memory = model.nodes.count * model.nodes.memory_mb
    pending = [row for row in rows if row.state(at) == ACCEPTED]
    return {
        "clusterMetrics": {
            "appsSubmitted": len(rows),
            "appsCompleted": states.count("FINISHED"),
            "appsPending": len(pending),
            "appsRunning": states.count(RUNNING),
            "appsFailed": states.count("FAILED"),
            "appsKilled": states.count("KILLED"),
            "reservedMB": 0,
            "availableMB": max(0, total_memory - memory),
            "allocatedMB": memory,
            "pendingMB": sum(row.spec.memory_mb for row in pending),
            "reservedVirtualCores": 0,
            "availableVirtualCores": max(0, model.total_cores - vcores),
            "allocatedVirtualCores": vcores,
            "pendingVirtualCores": sum(row.spec.vcores for row in pending),
            "containersAllocated": sum(row.containers(at) for row in rows),
            "containersReserved": 0,
            "containersPending": len(pending),
            "totalMB": total_memory,
            "totalVirtualCores": model.total_cores,
            "utilizedMBPercent": round(100 * model.memory_used(at) / 2**20 / total_memory),
            "utilizedVirtualCoresPercent": round(100 * usage / model.total_cores),
            "totalNodes": model.nodes.count,
            "lostNodes": 0,
            "unhealthyNodes": 0,
            "decommissioningNodes": 0,
            "decommissionedNodes": 0,
            "rebootedNodes": 0,
            "activeNodes": model.nodes.count,
            "shutdownNodes": 0,
        }
    }


def nodes(model: PlatformModel, at: float) -> Json:
    """Body of /ws/v1/cluster/nodes; nodeCPUUsage is in cores."""
    usage = model.usage(at)
    memory = model.memory_per_node(at)
    return {
        "nodes": {
            "node": [
                {
                    "rack": f"/rack-{index // 4 + 1}",
                    "state": "RUNNING",
                    "id": f"{model.host(index)}:45454",
                    "nodeHostName": model.host(index),
                    "nodeHTTPAddress": f"{model.host(index)}:8042",
                    "lastHealthUpdate": ms(at),
                    "version": "3.3.6",
                    "healthReport": "",
                    "numContainers": containers,
                    "usedMemoryMB": round(granted_mb),
                    "availMemoryMB": max(0, model.nodes.memory_mb - round(granted_mb)),
                    "usedVirtualCores": round(vcores),
                    "availableVirtualCores": max(0, model.nodes.vcores - round(vcores)),
                    "nodeLabels": [""],
                    "resourceUtilization": {
                        "nodePhysicalMemoryMB": round(memory[index] / 2**20),
                        "nodeVirtualMemoryMB": round(memory[index] / 2**20),
                        "nodeCPUUsage": round(usage.nodes[index], 4),
                        "aggregatedContainersPhysicalMemoryMB": round(granted_mb * 0.8),
                        "aggregatedContainersVirtualMemoryMB": round(granted_mb * 2.1),
                        "containersCPUUsage": round(usage.nodes[index] - model.nodes.idle_cores, 4),
                    },
                }
                for index, (vcores, granted_mb, containers) in enumerate(model.granted_per_node(at))
            ]
        }
    }


def scheduler(model: PlatformModel, at: float) -> Json:
    """Body of /ws/v1/cluster/scheduler of a CapacityScheduler."""
    rows = model.applications(at)
    leaves = [_leaf(model, queue.name, rows, at) for queue in model.scenario.queues]
    return {
        "scheduler": {
            "schedulerInfo": {
                "type": "capacityScheduler",
                "capacity": 100.0,
                "usedCapacity": round(sum(leaf["absoluteUsedCapacity"] for leaf in leaves), 3),
                "maxCapacity": 100.0,
                "queueName": "root",
                "queues": {"queue": leaves},
            }
        }
    }


def _leaf(model: PlatformModel, name: str, rows: list[Application], at: float) -> Json:
    queue = model.queue(name)
    capacity, most = (queue.capacity, queue.max_capacity) if queue else (0.0, 0.0)
    mine = [row for row in rows if row.spec.queue == name]
    running = [row for row in mine if row.state(at) == RUNNING]
    pending = [row for row in mine if row.state(at) == ACCEPTED]
    vcores = sum(row.granted(at)[0] for row in running)
    memory = sum(row.granted(at)[1] for row in running)
    used = 100 * max(
        vcores / model.total_cores, memory / (model.nodes.count * model.nodes.memory_mb)
    )
    return {
        "type": "capacitySchedulerLeafQueueInfo",
        "capacity": capacity,
        "usedCapacity": round(100 * used / capacity, 3) if capacity else 0.0,
        "maxCapacity": most,
        "absoluteCapacity": capacity,
        "absoluteMaxCapacity": most,
        "absoluteUsedCapacity": round(used, 3),
        "numApplications": len(running) + len(pending),
        "queueName": name,
        "queuePath": f"root.{name}",
        "state": "RUNNING",
        "resourcesUsed": {"memory": memory, "vCores": vcores},
        "numActiveApplications": len(running),
        "numPendingApplications": len(pending),
        "numContainers": sum(row.containers(at) for row in running),
        "maxApplications": 10000,
        "userLimitFactor": 4.0,
        "preemptionDisabled": True,
    }


def application(model: PlatformModel, row: Application, at: float) -> Json:
    """One application as /apps and /apps/{id} show it; -1 for what an ended one no longer has."""
    state = row.state(at)
    ended = state in ENDED
    vcores, memory = row.granted(at)
    spent_vcores, spent_memory = row.granted_seconds(at)
    finished = row.ended_s if ended else None
    queue = model.queue(row.spec.queue)
    share = 100 * memory / (model.nodes.count * model.nodes.memory_mb)
    host = model.host(row.placement[0][0])
    container = container_id(row, len(row.attempts))
    body: Json = {
        "id": row.id,
        "user": row.spec.user,
        "name": row.spec.name,
        "queue": row.spec.queue,
        "state": state,
        "finalStatus": FINAL_STATUS.get(state, "UNDEFINED"),
        "progress": 100.0 if ended else 10.0 if state == RUNNING else 0.0,
        "trackingUI": "History"
        if ended
        else "ApplicationMaster"
        if state == RUNNING
        else "UNASSIGNED",
        "trackingUrl": f"http://rm1.example.com:8088/proxy/{row.id}/",
        "diagnostics": row.diagnostics if ended else "",
        "clusterId": model.scenario.cluster_id,
        "applicationType": row.spec.type,
        "applicationTags": "",
        "priority": 0,
        "startedTime": ms(row.started_s),
        "launchTime": 0 if state == ACCEPTED else ms(row.admitted_s),
        "finishedTime": ms(finished),
        "elapsedTime": ms((at if finished is None else finished) - row.started_s),
        "amContainerLogs": f"http://{host}:8042/node/containerlogs/{container}/{row.spec.user}",
        "amHostHttpAddress": f"{host}:8042",
        "amRPCAddress": f"{host}:35685",
        "allocatedMB": -1 if ended else memory,
        "allocatedVCores": -1 if ended else vcores,
        "reservedMB": -1 if ended else 0,
        "reservedVCores": -1 if ended else 0,
        "runningContainers": -1 if ended else row.containers(at),
        "memorySeconds": spent_memory,
        "vcoreSeconds": spent_vcores,
        "queueUsagePercentage": round(100 * share / queue.capacity, 3) if queue else 0.0,
        "clusterUsagePercentage": round(share, 3),
        "preemptedResourceMB": 0,
        "preemptedResourceVCores": 0,
        "numNonAMContainerPreempted": 0,
        "numAMContainerPreempted": 0,
        "preemptedMemorySeconds": 0,
        "preemptedVcoreSeconds": 0,
        "logAggregationStatus": "SUCCEEDED" if ended else "NOT_START",
        "unmanagedApplication": False,
        "appNodeLabelExpression": "",
        "amNodeLabelExpression": "",
    }
    return body | _selectable(spent_memory, spent_vcores)


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


def remote_exception(kind: str, message: str) -> Json:
    """Body of a 400 or 404; `kind` is the class without its package."""
    return {
        "RemoteException": {
            "exception": kind,
            "message": message,
            "javaClassName": f"org.apache.hadoop.yarn.webapp.{kind}",
        }
    }
