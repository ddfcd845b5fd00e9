"""A ResourceManager as an httpx transport: bodies in the shapes of Hadoop's REST documentation.

Written for these tests, with the odd shapes the documentation shows: no `haState` outside HA,
one attempt as an object, -1 in ended applications, no utilization on old nodes.
"""

import json
from typing import Any

import httpx

BASE = "/ws/v1/cluster"
RUNNING_ID = "application_1790000000000_0042"
UNKNOWN_ID = "application_1790000000000_9999"


def application(app_id: str = RUNNING_ID, state: str = "RUNNING", **changes: Any) -> dict[str, Any]:
    """One application as /apps and /apps/{id} show it."""
    number = app_id.removeprefix("application_")
    return {
        "id": app_id,
        "user": "alice",
        "name": "hourly_clicks",
        "queue": "root.etl",
        "state": state,
        "finalStatus": "UNDEFINED",
        "progress": 10.0,
        "trackingUI": "ApplicationMaster",
        "diagnostics": "",
        "clusterId": 1790000000000,
        "applicationType": "SPARK",
        "applicationTags": "",
        "startedTime": 1790000100000,
        "finishedTime": 0,
        "elapsedTime": 60000,
        "amContainerLogs": f"http://nm7:8042/node/containerlogs/container_e17_{number}_02_000001/alice",
        "amHostHttpAddress": "nm7:8042",
        "allocatedMB": 20480,
        "allocatedVCores": 10,
        "runningContainers": 5,
        "memorySeconds": 900000,
        "vcoreSeconds": 450,
        **changes,
    }


class ResourceManager(httpx.AsyncBaseTransport):
    """Answers requests; `overrides` maps a path below /ws/v1/cluster to a fixed answer."""

    def __init__(self) -> None:
        self.applications = {RUNNING_ID: application()}
        self.overrides: dict[str, httpx.Response] = {}
        self.requests: list[httpx.Request] = []

    @property
    def kills(self) -> list[httpx.Request]:
        return [request for request in self.requests if request.method == "PUT"]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        path = request.url.path.removeprefix(f"{BASE}/")
        fixed = self.overrides.get(path)
        if fixed is not None:
            return httpx.Response(fixed.status_code, headers=fixed.headers, content=fixed.content)
        if path in FIXED:
            return _ok(FIXED[path])
        if path == "apps":
            rows = [a for a in self.applications.values() if a["state"] in {"RUNNING", "ACCEPTED"}]
            return _ok({"apps": {"app": rows} if rows else None})
        _, app_id, *rest = path.split("/")
        return self._application(request, app_id, rest)

    def _application(self, request: httpx.Request, app_id: str, rest: list[str]) -> httpx.Response:
        found = self.applications.get(app_id)
        if found is None:
            return remote_exception(404, "NotFoundException", f"app with id: {app_id} not found")
        if rest == ["appattempts"]:
            return _ok({"appAttempts": {"appAttempt": {"id": 2, "startTime": 1790000200000}}})
        if rest == ["state"] and request.method == "PUT":
            before = found["state"]
            if before in {"RUNNING", "ACCEPTED"}:
                found |= {"state": "KILLED", "finalStatus": "KILLED", "allocatedVCores": -1}
                found |= {"allocatedMB": -1, "runningContainers": -1, "finishedTime": 1790000900000}
                return httpx.Response(202, json={"state": before})
            return _ok({"state": before})
        return _ok({"app": found})


def _ok(body: object) -> httpx.Response:
    return httpx.Response(200, json=body)


def remote_exception(status: int, kind: str, message: str) -> httpx.Response:
    """Return an error in the JSON form Hadoop gives it."""
    body = {
        "RemoteException": {
            "exception": kind,
            "message": f"java.lang.Exception: {message}",
            "javaClassName": f"org.apache.hadoop.yarn.webapp.{kind}",
        }
    }
    return httpx.Response(status, content=json.dumps(body).encode())


METRICS: dict[str, Any] = {
    "appsPending": 1,
    "appsRunning": 3,
    "allocatedMB": 61440,
    "totalMB": 122880,
    "allocatedVirtualCores": 30,
    "totalVirtualCores": 40,
    "lostNodes": 1,
    "unhealthyNodes": 0,
    "activeNodes": 2,
}
NODES: list[dict[str, Any]] = [
    {
        "id": "nm7.example.com:45454",
        "nodeHostName": "nm7.example.com",
        "state": "RUNNING",
        "usedVirtualCores": 15,
        "availableVirtualCores": 5,
        "resourceUtilization": {"nodeCPUUsage": 10.0, "containersCPUUsage": 9.0},
    },
    {
        "id": "nm8.example.com:45454",
        "nodeHostName": "nm8.example.com",
        "state": "RUNNING",
        "usedVirtualCores": 15,
        "availableVirtualCores": 5,
        "resourceUtilization": {"nodeCPUUsage": 16.0, "containersCPUUsage": 15.0},
    },
    {"id": "nm9.example.com:45454", "nodeHostName": "nm9.example.com", "state": "LOST"},
]
CAPACITY: dict[str, Any] = {
    "scheduler": {
        "schedulerInfo": {
            "type": "capacityScheduler",
            "queueName": "root",
            "capacity": 100.0,
            "queues": {
                "queue": [
                    {
                        "queueName": "etl",
                        "absoluteCapacity": 60.0,
                        "absoluteUsedCapacity": 70.5,
                        "absoluteMaxCapacity": 80.0,
                        "numActiveApplications": 2,
                        "numPendingApplications": 1,
                    },
                    {
                        "queueName": "people",
                        "absoluteCapacity": 40.0,
                        "queues": {
                            "queue": {
                                "queueName": "adhoc",
                                "absoluteCapacity": 40.0,
                                "absoluteUsedCapacity": 4.5,
                                "absoluteMaxCapacity": 100.0,
                                "numActiveApplications": 1,
                                "numPendingApplications": 0,
                            }
                        },
                    },
                ]
            },
        }
    }
}
FIXED: dict[str, Any] = {
    "info": {"clusterInfo": {"id": 1, "resourceManagerVersion": "2.10.2"}},
    "metrics": {"clusterMetrics": METRICS},
    "nodes": {"nodes": {"node": NODES}},
    "scheduler": CAPACITY,
}
