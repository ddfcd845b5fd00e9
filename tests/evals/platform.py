"""The platform the utterances are asked against, and a busy and a calm reading of it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.domain.applications import Application, ApplicationRef, ApplicationState
from bot.domain.cluster import ClusterMetrics, Gauge, NodeCounts, NodeUsage, QueueUsage, Window
from bot.domain.knowledge import Collection, Passage
from tests.evals.world import NOW, Scene

DATA = Path(__file__).parent / "data"
MIB = 1024**2
CORES = 160.0


def platform_scene(cpu: float = 91.0, rows: int | None = None) -> Scene:
    """Return the evaluation platform; with `rows`, as many more small applications besides."""
    read = json.loads((DATA / "platform.json").read_text(encoding="utf-8"))
    applications = [application(item) for item in read["applications"]]
    applications.extend(_small(number) for number in range(rows or 0))
    protected = tuple(
        f"name:{item['name']}" for item in read["applications"] if item.get("protected")
    )
    return Scene(
        metrics=busy(cpu, len(applications)),
        applications=tuple(applications),
        total_cores=CORES,
        protected=protected,
        passages=PASSAGES,
    )


def application(item: dict[str, Any]) -> Application:
    """Return one application of the platform file."""
    return Application(
        ref=ApplicationRef("prod-dw", "yarn", item["id"]),
        name=item["name"],
        user=item["user"],
        queue=item["queue"],
        state=ApplicationState.RUNNING,
        started_at=NOW - timedelta(minutes=item["minutes_running"]),
        granted_cores=float(item["vcores"]),
        granted_memory=item["memory_mb"] * MIB,
    )


def busy(cpu: float, running: int) -> ClusterMetrics:
    """Return the cluster's metrics at a CPU percentage."""
    return ClusterMetrics(
        cluster="prod-dw",
        taken_at=NOW,
        cpu=Gauge(cpu),
        memory=Gauge(71.0),
        disk_percent=44.0,
        nodes=tuple(NodeUsage(f"worker-{n}", cpu - n, 70.0 - n) for n in range(1, 6)),
        node_counts=NodeCounts(5),
        queues=(QueueUsage("adhoc", 35.0, 20.0, 50.0, 1), QueueUsage("etl", 28.0, 40.0, 60.0, 2)),
        applications_running=running,
        applications_waiting=0,
        last_hour=Window(NOW - timedelta(hours=1), NOW, 40.0, 62.4, 93.1),
    )


def _small(number: int) -> Application:
    return Application(
        ref=ApplicationRef("prod-dw", "yarn", f"application_1763776800000_{5000 + number}"),
        name=f"small_report_{number:03d}",
        user=f"user{number % 40}",
        queue="reports",
        state=ApplicationState.RUNNING,
        started_at=NOW - timedelta(minutes=3),
        granted_cores=0.01,
        granted_memory=512 * MIB,
    )


PASSAGES = (
    Passage(
        Collection.MANUAL,
        "operation_manual/high-cpu.md#순서",
        "CPU 사용률이 높을 때",
        "확인 순서",
        "CPU 사용률이 10분 넘게 90%를 넘으면 먼저 상위 잡 목록을 확인합니다. "
        "보호 대상 잡은 종료하지 마십시오. 소유자에게 알린 뒤 승인 카드로 종료를 요청합니다.",
        0.9,
    ),
    Passage(
        Collection.MANUAL,
        "operation_manual/en-high-cpu.md#first-steps",
        "High CPU",
        "First steps",
        "When CPU stays above 90% for 10 minutes, list the heaviest applications first. "
        "Do not kill protected jobs. Tell the owner before a kill is requested on the card.",
        0.8,
    ),
    Passage(
        Collection.HISTORY,
        "operation_history/2026-02.md#adhoc",
        "2026년 2월 애드혹 조인",
        "조치",
        "애드혹 조인 쿼리가 코어의 40%를 사용해 CPU 사용률이 95%까지 올랐습니다. "
        "소유자 확인 후 승인 카드로 종료했고 CPU 사용률은 52%로 내려갔습니다.",
        0.7,
    ),
)
