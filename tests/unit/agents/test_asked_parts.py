"""A status answer begins with the part that was asked of."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.agents.facts import StatusFacts
from bot.agents.infra_engineer import nodes_in
from bot.agents.templates.cluster import status
from bot.agents.templates.wording import Voice
from bot.domain.cluster import (
    ClusterMetrics,
    Gauge,
    NodeCounts,
    NodeState,
    NodeUsage,
    QueueUsage,
    Window,
)
from bot.domain.conversation import Topic
from bot.domain.hypotheses import high_since
from bot.domain.language import Language

NOW = datetime(2026, 11, 22, tzinfo=UTC)
NODES = (
    NodeUsage("dn1.example.com", 91.0, 40.0),
    NodeUsage("dn12.example.com", state=NodeState.LOST),
)
METRICS = ClusterMetrics(
    "prod",
    NOW,
    cpu=Gauge(80.0),
    hdfs_percent=71.0,
    nodes=NODES,
    node_counts=NodeCounts(2, lost=1),
    queues=(QueueUsage("etl", 30.0, 20.0, 100.0), QueueUsage("ml", 5.0, 20.0, 100.0)),
)


@pytest.mark.parametrize(
    ("topics", "ko", "en"),
    [
        ((Topic.HDFS,), "HDFS 71%.", "HDFS: 71%."),
        ((Topic.DISK,), "디스크 수치를 알 수 없습니다.", "Disk: unknown."),
        (
            (Topic.QUEUES,),
            "보장 용량을 넘은 큐: etl 30%(용량 20%).",
            "Queues over their capacity: etl",
        ),
        (
            (Topic.NODES,),
            "노드 2대 중 1대에 문제가 있습니다: dn12.example.com 응답 없음(LOST). 가장 바쁜 노드: dn1",
            "1 of 2 nodes are out of order: dn12.example.com lost.",
        ),
        ((Topic.CPU,), "prod 클러스터의 CPU", "Cluster prod is at 80% CPU."),
    ],
)
def test_the_asked_part_comes_first(topics: tuple[Topic, ...], ko: str, en: str) -> None:
    for language, begins in ((Language.KO, ko), (Language.EN, en)):
        said = status(StatusFacts(METRICS, topics), Voice(language, UTC)).summary
        assert said.startswith(begins)


def test_a_machine_asked_of_by_name_is_told_first() -> None:
    asked = nodes_in("how is dn1 doing, and DN12.example.com?", NODES)
    said = status(StatusFacts(METRICS, (Topic.NODES,), asked), Voice(Language.EN, UTC)).summary
    assert said.startswith(
        "Node dn1.example.com is at 91% CPU and 40% memory. dn12.example.com is out of order: lost."
    )


def test_a_name_inside_a_longer_name_is_another_machine() -> None:
    assert nodes_in("how is dn123 doing", NODES) == ()


def test_since_when_cpu_is_high_is_told_from_its_points() -> None:
    def window(*percents: float) -> Window:
        points = tuple((NOW + timedelta(minutes=5 * i), each) for i, each in enumerate(percents))
        return Window(NOW, NOW + timedelta(hours=1), 0, 0, 0, points)

    assert high_since(window(50, 85, 70, 90, 95)) == NOW + timedelta(minutes=5)  # a short dip
    assert high_since(window(50, 85, 70, 70, 90, 95)) == NOW + timedelta(minutes=20)
    assert high_since(window(90, 85)) == NOW
    assert high_since(window(90, 60)) is None
    assert high_since(window()) is None
