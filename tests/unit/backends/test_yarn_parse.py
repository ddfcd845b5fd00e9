"""YARN's bodies into values: schedulers of every kind, nodes old and new, rows gone wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.backends import spark_standalone, yarn_parse
from bot.backends.usage import SchedulerUsage
from bot.domain.applications import ApplicationState
from bot.domain.cluster import NodeState, QueueUsage
from tests.contract.yarn_bodies import CAPACITY, NODES, application

SPARK = Path(__file__).parents[2] / "contract" / "fixtures" / "spark"
WRONG: list[Any] = [None, [], {}, [[]], "x", "", -1, 1e308 * 10, float("nan"), True, 10**400]


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_any_field_of_an_application_may_be_wrong(wrong: Any) -> None:
    """One field of another type costs at most that row."""
    for field in application():
        found = yarn_parse.application("c", application() | {field: wrong})
        assert found is None or found.ref.cluster == "c"


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_any_field_of_a_spark_application_may_be_wrong(wrong: Any) -> None:
    """The same for a master's rows."""
    body = json.loads((SPARK / "master-json-with-driver.json").read_text())
    for name in ("activeapps", "completedapps", "activedrivers", "workers"):
        for field in body[name][0]:
            broken = body | {name: [body[name][0] | {field: wrong}]}
            spark_standalone.applications("c", broken)
            spark_standalone.usage(broken)
            spark_standalone.find("c", broken, "app-20261122120809-0003")


@pytest.mark.parametrize(
    ("state", "final", "expected"),
    [
        ("ACCEPTED", "UNDEFINED", ApplicationState.WAITING),
        ("NEW_SAVING", "UNDEFINED", ApplicationState.WAITING),
        ("RUNNING", "UNDEFINED", ApplicationState.RUNNING),
        ("FINISHED", "SUCCEEDED", ApplicationState.FINISHED),
        ("FINISHED", "FAILED", ApplicationState.FAILED),
        ("FINISHED", "KILLED", ApplicationState.FINISHED),
        ("KILLED", "KILLED", ApplicationState.KILLED),
        ("FAILED", "FAILED", ApplicationState.FAILED),
    ],
)
def test_states_of_yarn(state: str, final: str, expected: ApplicationState) -> None:
    """FINISHED says that YARN is done; the final status says whether it worked."""
    found = yarn_parse.application("c", application(state=state, finalStatus=final))
    assert found is not None
    assert found.state is expected


def test_capacity_scheduler_gives_its_leaves_in_percent_of_the_cluster() -> None:
    """A queue of queues is walked; one child may come as an object."""
    assert yarn_parse.queues(CAPACITY) == (
        QueueUsage("root.etl", 70.5, 60.0, 80.0, running=2, pending=1),
        QueueUsage("root.people.adhoc", 4.5, 40.0, 100.0, running=1, pending=0),
    )


def fair(children: Any) -> dict[str, Any]:
    whole = {"memory": 81920, "vCores": 40}
    root = {"queueName": "root", "clusterResources": whole, "childQueues": children}
    return {"scheduler": {"schedulerInfo": {"type": "fairScheduler", "rootQueue": root}}}


LEAF = {
    "queueName": "root.etl",
    "usedResources": {"memory": 40960, "vCores": 30},
    "steadyFairResources": {"memory": 20480, "vCores": 0},
    "fairResources": {"memory": 81920, "vCores": 0},
    "maxResources": {"memory": 81920, "vCores": 32},
    "numActiveApps": 3,
    "numPendingApps": 1,
}


@pytest.mark.parametrize(
    "children",
    [
        {"queue": [LEAF]},
        {"queue": LEAF},
        [LEAF],
        {"queue": [{"queueName": "p", "childQueues": [LEAF]}]},
    ],
)
def test_fair_scheduler_gives_the_larger_of_memory_and_vcores(children: Any) -> None:
    """Capacity is the steady fair share; Hadoop 2 wrote the children as a plain list."""
    assert yarn_parse.queues(fair(children)) == (
        QueueUsage("root.etl", 75.0, 25.0, 100.0, running=3, pending=1),
    )


def test_fifo_scheduler_is_one_queue() -> None:
    """Its figures are fractions."""
    info = {"type": "fifoScheduler", "capacity": 1.0, "usedCapacity": 0.25}
    assert yarn_parse.queues({"scheduler": {"schedulerInfo": info}}) == (
        QueueUsage("default", 25.0, 100.0, 100.0),
    )


def test_nodes_give_measured_cpu_over_those_alive() -> None:
    """26 of 40 cores; a lost node is unhealthy and counts for nothing."""
    found = yarn_parse.nodes({"nodes": {"node": NODES}})
    assert found is not None
    assert found.cpu_percent == pytest.approx(65.0)
    assert [(node.name, node.cpu_percent, node.healthy) for node in found.nodes] == [
        ("nm7.example.com", 50.0, True),
        ("nm8.example.com", 80.0, True),
        ("nm9.example.com", None, False),
    ]


def test_nodes_without_utilization_measure_nothing() -> None:
    """Hadoop before 2.8 tells grants only."""
    old = [{k: v for k, v in node.items() if k != "resourceUtilization"} for node in NODES]
    found = yarn_parse.nodes({"nodes": {"node": old}})
    assert found is not None
    assert found.cpu_percent is None
    assert [node.state for node in found.nodes] == [
        NodeState(each["state"].lower()) for each in old
    ]
    assert yarn_parse.nodes({"nodes": None}) == SchedulerUsage(settling=True)
