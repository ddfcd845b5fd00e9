"""What posts of many producers say, and which of them are no alerts."""

from dataclasses import replace

import pytest

from bot.domain.alerts import Alert, AlertStatus, ClusterNames, Metric, Scope, fitting
from bot.handlers.alerts.reading import read
from tests.unit.handlers.alert_posts import CHATTER, PAIRS, A, Json, T
from tests.unit.handlers.memory import alert

OURS = ClusterNames("prod-dw", ("dw-*",))


@pytest.mark.parametrize("producer", PAIRS)
def test_each_producers_alert_fires_and_its_end_finds_it(producer: str) -> None:
    """Whatever tells the state, and however the title changes."""
    firing, over = (read(message) for message in PAIRS[producer])
    assert (firing.status, over.status) == (AlertStatus.FIRING, AlertStatus.RESOLVED)
    end: Alert = replace(alert(AlertStatus.RESOLVED), identity=over.identity)
    assert fitting(end, [("it", firing.identity)]) == "it"


@pytest.mark.parametrize("message", CHATTER, ids=range(len(CHATTER)))
def test_what_other_bots_write_of_metrics_is_no_alert(message: Json) -> None:
    """A word is not enough, nor is a failure of something else."""
    assert read(message).status is not AlertStatus.FIRING


@pytest.mark.parametrize(
    ("message", "metric", "hosts"),
    [
        (T("[경고] dw-worker-02 메모리 사용률 96%"), Metric.MEMORY, ("dw-worker-02",)),
        (A("[FIRING:1] HostSwapIsFillingUp (dw-02:9100 warning)"), Metric.MEMORY, ("dw-02",)),
        (A("[FIRING:1] GPUHighTemperature (gpu-01 warning)"), Metric.GPU, ("gpu-01",)),
        (A("[FIRING:1] HDFSCapacityLow (critical)", "below the threshold of 20%"), Metric.HDFS, ()),
        (T("CRITICAL: /data1 inode usage 96% on dw-worker-02"), Metric.DISK, ("dw-worker-02",)),
        (A("[No data] CPU usage of prod-dw", "no data for 20m"), Metric.NO_DATA, ()),
        (T("[경고] dw-worker-02 load average 41 (기준 32)"), Metric.LOAD, ("dw-worker-02",)),
        (A("[FIRING:1] CPUThrottlingHigh (etl-pod-7 info)"), Metric.THROTTLING, ()),
        (T("[위험] 10.20.3.4 CPU 97%"), Metric.CPU, ("10.20.3.4",)),
        (T("WARNING: CPU 97% on db01.corp.example"), Metric.CPU, ("db01.corp.example",)),
    ],
)
def test_the_subject_is_read(message: Json, metric: Metric, hosts: tuple[str, ...]) -> None:
    """Metric and machines, in names and in words; a threshold only of CPU."""
    found = read(message)
    assert found.status is AlertStatus.FIRING
    assert (found.subject.metric, found.subject.hosts) == (metric, hosts)
    assert metric is Metric.CPU or found.subject.threshold is None


@pytest.mark.parametrize(
    ("message", "scope", "named"),
    [
        (A("[FIRING:1] HighCPU (critical)", "cluster = analytics"), Scope.FOREIGN, "analytics"),
        (T("🔥 CPU usage of cluster kafka-main is 97%"), Scope.FOREIGN, "kafka-main"),
        (T("[장애] 추천 클러스터(reco-gpu) CPU 97%"), Scope.FOREIGN, "reco-gpu"),
        (T("[장애] ads 클러스터 CPU 97% 초과"), Scope.FOREIGN, "ads"),
        (T("[장애] 검색 클러스터 CPU 97%"), Scope.UNSURE, "검색"),
        (A("[FIRING:2] HighCPU ml-serving (critical)"), Scope.UNSURE, "ml-serving"),
        (A("[FIRING:2] ClusterHighCPU ml-serving (critical)"), Scope.FOREIGN, "ml-serving"),
        (T("[장애] dw-prod 클러스터 CPU 97%"), Scope.OURS, ""),
        (A("[FIRING:1] HighCPU prod-dw (critical)"), Scope.OURS, ""),
        (A("[FIRING:1] ClusterHighCPU (critical)", "cpu 97%"), Scope.OURS, ""),
        (T("[위험] 운영 클러스터 CPU 사용률 97%"), Scope.OURS, ""),
    ],
)
def test_whose_alert_it_is(message: Json, scope: Scope, named: str) -> None:
    """Another cluster's is told apart; a name that may be one is not taken for ours."""
    found = read(message)
    text = "\n".join((found.title, str(message.get("text")), str(message.get("attachments"))))
    assert OURS.scope_of(found.subject, text) == (scope, named)
    assert ClusterNames().scope_of(found.subject, text) == (Scope.OURS, "")
