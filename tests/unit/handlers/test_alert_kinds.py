"""Kinds of posts that are easily taken for another kind, several of each in other words."""

from dataclasses import replace

import pytest

from bot.domain.alerts import Alert, AlertStatus, Metric, fitting
from bot.handlers.alerts.reading import read
from tests.unit.handlers.alert_posts import A, B, Json, T
from tests.unit.handlers.memory import alert

HEADLINES = [
    T("Severe: what load numbers hide from you\nBusy is not the same as slow. A tour of queues."),
    T("Emergency rooms for servers: five signs of an overloaded CPU", "rss"),
    T("Is your CPU alert lying? Three myths about utilization", "planet-sysadmin"),
    T("We cut processor load in half, and nobody noticed\nThe story of a scheduler.", "atom"),
    T("[번역] CPU 사용률 경고는 왜 믿을 수 없는가", "기술뉴스"),
    T("장애를 부르는 부하 테스트, 이렇게 하면 안 된다\n이 글에서는 흔한 실수를 다룬다.", "rss"),
    T("Video: high CPU in garbage collectors explained (18 min)", "channel-feed"),
    T("CPU 과부하의 진짜 원인을 찾는 법 - 사내 블로그 새 글", "블로그봇"),
    T("New paper: critical sections and why cores wait", "arxiv-bot"),
]
DIGESTS = [
    B(
        "#Monthly pager report",
        "*9 pages* in October (+2)\n1. CPU busy on prod-dw (4)\n2. Disk (5)",
    ),
    T("Last week in numbers: 17 alerts, most often HighCpu (8), median 12 min. All resolved."),
    T("Pager statistics, week 47\nCPU high: 6\nNode down: 2\nFalse positives: 3", "stats"),
    T("Top offenders of the past 30 days\nnode-4 load ×14\nnode-2 CPU ×9", "noise-bot"),
    T("Recap of the night: 3 triggered, 3 recovered, nothing is open. CPU on node-1 twice."),
    B(
        "#주간 호출 통계",
        "지난주 호출 11건\n1. CPU 사용률 초과 5건\n2. 디스크 부족 4건\n평균 해결 18분",
    ),
    T("10월 알람 랭킹\n1위 prod-dw CPU 과부하 (14회)\n2위 node-2 응답 없음 (3회)", "랭킹봇"),
    T("지난 분기 장애 요약: CPU 관련 7건, 네트워크 2건, 모두 종결", "보고봇"),
    T("Quarterly incident review: 31 incidents, top cause CPU saturation (11)", "reviews"),
]
BROKEN_JOBS = [
    T(
        ":red_circle: Flow failed\n*Flow*: cpu_daily_rollup\n*Step*: parse\n*Cause*: `IndexError`",
        "p",
    ),
    A("Pipeline cpu-usage-loader failed", "Step: copy\nError: permission denied", "danger", "mage"),
    T(
        ":x: Spark step `host_load_agg` ended with exit code 1\nclass not found: LoadAgg",
        "emr-steps",
    ),
    A(
        "Notebook cpu_anomaly_train: run failed",
        "ModuleNotFoundError: pandas",
        "#e01e5a",
        "papermill",
    ),
    T("🔴 [실패] 워크플로 cpu_usage_to_hive\n노드: 적재\n오류: 테이블이 존재하지 않음", "스케줄러"),
    T("Late: DAG memory_usage_hourly missed its deadline by 22 minutes", "mwaa"),
    A("Sqoop import of load_history failed", "Map tasks failed: 4\nORA-01017", "danger", "sqoop"),
    T(":boom: Hive query cpu_top_users failed: SemanticException, invalid column", "hive-hook"),
    T("데이터 파이프라인 오류: node_cpu_hist 스키마 불일치 (컬럼 3개 누락)", "품질봇"),
]
FIRING = [
    A("", "pulse-check: reading *cpu_sys* of *node-2* = 94.1 (alarm ≥ 85)", "#d00", "cronjob"),
    A("", "atop-alert: node-5 cpu_user = 97.2 (crit > 90)", "danger", "atop"),
    T("watchcpu: node-3 user=96 limit=90", "watchcpu", attachments=[{"color": "danger"}]),
    A("", "경보 스크립트: node-1 cpu_total = 98.2 (위험 ≥ 90)", "danger", "crontab"),
    A("prod-dw / node-1 / CPU load", "5 min average 41.2", "#d50000", "checks"),
]
OVER = [
    (T("🔴 DwCpuHot / prod-dw / 97.1 %", "nt"), T("🟩 DwCpuHot / prod-dw / 41.0 %", "nt")),
    (T("🥵 NodesBusy · prod-dw · 96 %", "go"), T("❄️ NodesBusy · prod-dw · 38 %", "go")),
    (
        T(":fire: YarnCoresFull | prod-dw | peak 99.1 % | from 02:10", "k"),
        T(":snowflake: YarnCoresFull | prod-dw | peak 44.0 % | from 02:10", "k"),
    ),
    (T("🔥 CPU높음 | prod-dw | 97 %", "알림"), T("🙂 CPU높음 | prod-dw | 41 %", "알림")),
]


@pytest.mark.parametrize("message", [*HEADLINES, *DIGESTS, *BROKEN_JOBS])
def test_what_is_written_about_alerts_is_none(message: Json) -> None:
    """Headlines, statistics of alerts that are over, and jobs that failed while named for a metric."""
    assert read(message).status is None


@pytest.mark.parametrize("message", FIRING)
def test_a_scripts_own_line_fires(message: Json) -> None:
    """A figure against its limit is an alert without any tool's words."""
    assert read(message).status is AlertStatus.FIRING


def _fits(end: Json, *begun: Json) -> str | None:
    ended: Alert = replace(alert(AlertStatus.RESOLVED), identity=read(end).identity)
    return fitting(ended, [(str(at), read(each).identity) for at, each in enumerate(begun)])


@pytest.mark.parametrize(("begun", "end"), OVER)
def test_a_friendlier_sign_and_a_low_figure_are_an_end(begun: Json, end: Json) -> None:
    """Whichever emoji a notifier has chosen for it."""
    assert (read(begun).status, read(end).status) == (AlertStatus.FIRING, AlertStatus.RESOLVED)
    assert _fits(end, begun) == "0"


@pytest.mark.parametrize(
    ("some", "none"),
    [
        (
            "3 results\nnode-1 cpu OK (was CRITICAL)\nnode-2 cpu WARNING -> CRITICAL",
            "3 results\nnode-1 cpu OK\nnode-2 cpu CRITICAL -> OK",
        ),
        ("Recovered:\nnode-1: OK, node-2: CRITICAL", "Recovered:\nnode-1: OK, node-2: OK"),
        ("CPU 복구 안내\nnode-1 정상\nnode-4 위험", "CPU 복구 안내\nnode-1 정상\nnode-4 정상"),
        ("Resolved\n🟢 node-1 41 %\n🔴 node-3 97 %", "Resolved\n🟢 node-1 41 %\n🟢 node-3 40 %"),
    ],
)
def test_nothing_is_over_while_one_row_fires(some: str, none: str) -> None:
    """In words of any language, changes and emoji; a row's last state counts."""
    assert read(T(some)).status is AlertStatus.FIRING
    assert read(T(none)).status is AlertStatus.RESOLVED


@pytest.mark.parametrize(
    ("one", "several"),
    [
        ("Triggered: CPU busy on 1 host", "Triggered: CPU busy on 3 hosts"),
        ("1 notification for DW servers", "4 notifications for DW servers"),
        ("[Alert] 1 instance over the CPU limit", "[Alert] 7 instances over the CPU limit"),
        ("CPU high: 1 worker, 95.5 ≥ 90", "CPU high: 2 workers, 97.25 ≥ 90"),
    ],
)
def test_counts_and_figures_are_no_part_of_a_name(one: str, several: str) -> None:
    """One host or many: the alert is the same."""
    assert read(T(one)).identity.name == read(T(several)).identity.name


@pytest.mark.parametrize(
    "fields",
    [
        "*장애번호*\nD-20{n}|*상태*\n발생|*장비*\nnode-{n}|*항목*\nCPU 사용률",
        "*Alert ID*\nevt-7{n}|*State*\nFiring|*Host*\nnode-{n}|*Check*\nCPU busy",
        "*접수번호*\nREQ-30{n}|*상태*\n경고|*서버*\nnode-{n}|*지표*\nCPU",
        "*Incident number*\ncase-{n}|*Status*\nOpen|*Server*\nnode-{n}|*Rule*\nCPU high",
    ],
)
def test_the_senders_own_number_tells_alerts_apart_and_is_no_host(fields: str) -> None:
    """Two alerts under one heading; each end finds its own."""
    first, second = (B("#🚨 Server alert", fields.format(n=n).split("|")) for n in (2, 3))
    for at, message in enumerate((first, second), 2):
        assert read(message).subject.hosts == (f"node-{at}",)
        assert "CPU" in read(message).title  # neither the heading nor the number
    assert read(first).identity.references != read(second).identity.references
    assert not read(first).identity.same(read(second).identity)
    assert _fits(first, first, second) == "0"
    assert _fits(second, first, second) == "1"


@pytest.mark.parametrize(
    "text",
    [
        "CRITICAL node-3 iowait 41 %",
        "[경고] node-3 I/O wait 55% (기준 30%)",
        "FIRING HostCpuStealHigh\nhost: node-3\nsteal 31 %",
        "ALERT cpu_wait: node-3 io_wait=44",
    ],
)
def test_waiting_is_not_use(text: str) -> None:
    """Waiting for disks or for other virtual machines is a subject of its own."""
    found = read(T(text)).subject
    assert (found.metric, found.hosts) == (Metric.WAITING, ("node-3",))


@pytest.mark.parametrize("line", ["runbook: see node-1, sda", "가이드: node-1 사례 참고"])
def test_an_example_in_advice_is_no_host(line: str) -> None:
    """What a guide names is not what fires."""
    assert read(T(f"FIRING HighCpu\nhost: node-4\n{line}")).subject.hosts == ("node-4",)


def test_a_figure_after_the_cluster_is_not_its_name() -> None:
    """Of neither the subject nor the group."""
    found = read(T("[경고] HDFS 용량\nfree in the cluster: 11.2%"))
    assert (found.subject.cluster, found.identity.labels) == ("", ())
