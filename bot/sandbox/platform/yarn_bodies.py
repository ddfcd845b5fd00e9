"""JSON bodies of YARN's ResourceManager REST API (Hadoop 3.3 documentation), from the model."""

from .application import ACCEPTED, RUNNING, Application
from .model import PlatformModel
from .yarn_applications import Json, ms

UNNAMED: Json = {
    "RemoteException": {
        "exception": "AuthorizationException",
        "message": "Unable to obtain user name, user not authenticated",
        "javaClassName": "org.apache.hadoop.security.authorize.AuthorizationException",
    }
}


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
            **_node_counts(model.nodes.count),
        }
    }


def _node_counts(count: int) -> Json:
    gone = ("lost", "unhealthy", "decommissioning", "decommissioned", "rebooted", "shutdown")
    zeros = {f"{word}Nodes": 0 for word in gone}
    return {"totalNodes": count, "activeNodes": count, **zeros}


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


def remote_exception(kind: str, message: str) -> Json:
    """Body of a 400 or 404; `kind` is the class without its package."""
    return {
        "RemoteException": {
            "exception": kind,
            "message": message,
            "javaClassName": f"org.apache.hadoop.yarn.webapp.{kind}",
        }
    }
