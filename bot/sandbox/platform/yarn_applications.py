"""JSON bodies of single applications in YARN's REST API (Hadoop 3.3), from the model.

Of the fields of a real one those that are read by somebody, and the long ones that are left out
on demand; a test holds it to have no other.
"""

from typing import Any

from .application import ACCEPTED, ENDED, Application
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
    "allocatedMB",
    "allocatedVCores",
    "runningContainers",
)
_HIDDEN_AWAY = ("amContainerLogs",)


def ms(seconds: float | None) -> int:
    """Milliseconds since the epoch; 0 for what has not happened."""
    return 0 if seconds is None else round(seconds * 1000)


def application(model: PlatformModel, row: Application, at: float) -> Json:
    """One application as /apps and /apps/{id} show it; -1 for what an ended one no longer has."""
    state = row.state(at)
    ended = state in ENDED
    vcores, memory = row.granted(at)
    logs = f"{model.host(row.placement[0][0])}:8042/node/containerlogs"
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
        "startedTime": ms(row.started_s),
        "launchTime": 0 if state == ACCEPTED else ms(row.admitted_s),
        "finishedTime": ms(row.ended_s if ended else None),
        **(
            {}
            if state == ACCEPTED  # it has no master yet
            else {
                "amContainerLogs": f"http://{logs}/{container_id(row, len(row.attempts))}/{row.spec.user}"
            }
        ),
        "allocatedMB": -1 if ended else memory,
        "allocatedVCores": -1 if ended else vcores,
        "runningContainers": -1 if ended else row.containers(at),
        "timeouts": {
            "timeout": [
                {"type": "LIFETIME", "expiryTime": "UNLIMITED", "remainingTimeInSeconds": -1}
            ]
        },
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


def container_id(row: Application, attempt: int) -> str:
    """Id of an attempt's first container."""
    return f"{row.id.replace('application', 'container')}_{attempt:02d}_000001"


def attempts(row: Application) -> Json:
    """Body of /apps/{id}/appattempts."""
    return {
        "appAttempts": {
            "appAttempt": [
                {
                    "id": number,
                    "startTime": ms(started),
                    "finishedTime": ms(row.attempts[number]) if number < len(row.attempts) else 0,
                    "containerId": container_id(row, number),
                }
                for number, started in enumerate(row.attempts, start=1)
            ]
        }
    }
