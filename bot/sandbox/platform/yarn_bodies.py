"""JSON bodies of YARN's ResourceManager REST API (Hadoop 3.3 documentation), from the model.

Of the fields of a real one those that are read by somebody; a test holds it to have no other.
"""

from .application import ACCEPTED, RUNNING, Application
from .model import PlatformModel
from .yarn_applications import Json

VERSION = "3.3.6"

UNNAMED: Json = {
    "RemoteException": {
        "exception": "AuthorizationException",
        "message": "Unable to obtain user name, user not authenticated",
        "javaClassName": "org.apache.hadoop.security.authorize.AuthorizationException",
    }
}


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
    nodes = model.granted_per_node(at)
    return {
        "clusterMetrics": {
            "appsPending": states.count(ACCEPTED),
            "appsRunning": states.count(RUNNING),
            "allocatedMB": round(sum(memory for _, memory, _ in nodes)),
            "allocatedVirtualCores": round(sum(vcores for vcores, _, _ in nodes)),
            "totalMB": model.nodes.count * model.nodes.memory_mb,
            "totalVirtualCores": model.total_cores,
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
    return {
        "nodes": {
            "node": [
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
        "absoluteCapacity": capacity,
        "absoluteMaxCapacity": most,
        "absoluteUsedCapacity": round(used, 3),
        "queueName": name,
        "queuePath": f"root.{name}",
        "numActiveApplications": len(running),
        "numPendingApplications": len(pending),
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
