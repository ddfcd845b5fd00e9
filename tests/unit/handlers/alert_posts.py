"""Alert posts of many producers, and posts of other bots that are none; every one made up."""

from typing import Any

Json = dict[str, Any]


def T(text: str, name: str = "hook", **more: Any) -> Json:  # noqa: N802 - short, for many rows
    return {"text": text, "username": name, "bot_id": "B1", "subtype": "bot_message", **more}


def A(  # noqa: N802 - as above
    title: str = "",
    text: str = "",
    color: str = "",
    name: str = "hook",
    fields: list[tuple[str, str]] | None = None,
    **more: Any,
) -> Json:
    shown: Json = {"title": title, "text": text, "color": color, "fallback": title or text}
    if fields:
        shown["fields"] = [{"title": key, "value": value} for key, value in fields]
    return {
        "text": more.pop("top", ""),
        "username": name,
        "bot_id": "B1",
        "attachments": [{**shown, **more}],
    }


def B(*sections: str | list[str], color: str = "", name: str = "hook") -> Json:  # noqa: N802 - as above
    blocks: list[Json] = []
    for each in sections:
        if isinstance(each, list):
            blocks.append(
                {"type": "section", "fields": [{"type": "mrkdwn", "text": x} for x in each]}
            )
        elif each.startswith("#"):
            blocks.append({"type": "header", "text": {"type": "plain_text", "text": each[1:]}})
        else:
            blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": each}})
    message: Json = {"text": "", "username": name, "bot_id": "B1"}
    if color:
        shown = {"color": color, "blocks": blocks, "fallback": "[no preview available]"}
        return {**message, "attachments": [shown]}
    return {**message, "blocks": blocks}


# Firing and over, by producer.
PAIRS: dict[str, tuple[Json, Json]] = {
    "datadog": (
        A(
            "[Triggered] [P2] CPU usage is high on host:dn-07",
            "CPU was 93.1% > 90",
            "a30200",
            "Datadog",
        ),
        A("[Recovered] [P2] CPU usage is high on host:dn-07", "CPU was 40.1%", "2eb886", "Datadog"),
    ),
    "datadog warn": (
        A(
            "[Warn on {host:dn-07}] High CPU on data nodes",
            "avg(last_5m) > 80",
            "daa038",
            "Datadog",
        ),
        A("[Recovered on {host:dn-07}] High CPU on data nodes", "", "2eb886", "Datadog"),
    ),
    "zabbix": (
        T(
            "Problem: High CPU utilization (over 90% for 5m)\nProblem started at 03:12:44 on 2026.11.27\nHost: dw-worker-07\nSeverity: High\nOperational data: Current utilization: 95.3 %\nOriginal problem ID: 33121",
            "Zabbix",
        ),
        T(
            "Resolved in 12m 3s: High CPU utilization (over 90% for 5m)\nProblem has been resolved at 03:24:47 on 2026.11.27\nProblem duration: 12m 3s\nHost: dw-worker-07\nSeverity: High\nOriginal problem ID: 33121",
            "Zabbix",
        ),
    ),
    "nagios": (
        A(
            "",
            "",
            "danger",
            "nagios",
            fields=[
                ("Service", "CPU Load"),
                ("Host", "dw-worker-07"),
                ("State", "CRITICAL"),
                ("Output", "CRITICAL - load average: 42"),
            ],
            top="",
        ),
        A(
            "",
            "",
            "good",
            "nagios",
            fields=[
                ("Service", "CPU Load"),
                ("Host", "dw-worker-07"),
                ("State", "OK"),
                ("Output", "OK - load average: 2"),
            ],
        ),
    ),
    "netdata": (
        A(
            "dw-worker-07 is critical, system.cpu (cpu), 10min cpu usage = 96.2%",
            "raised to critical for 3 minutes",
            "danger",
            "netdata on dw-worker-07",
        ),
        A(
            "dw-worker-07 recovered, system.cpu (cpu), 10min cpu usage (alarm was raised for 14 minutes)",
            "cleared after 14 minutes",
            "good",
            "netdata on dw-worker-07",
        ),
    ),
    "kapacitor": (
        T("cpu_alert/cpu:host=dw-worker-07 is CRITICAL value: 97.1", "kapacitor"),
        T("cpu_alert/cpu:host=dw-worker-07 is OK value: 21.1", "kapacitor"),
    ),
    "pagerduty": (
        A("Triggered #731: High CPU usage on hadoop-prod", "", "", "PagerDuty"),
        A("Resolved #731: High CPU usage on hadoop-prod", "", "", "PagerDuty"),
    ),
    "opsgenie": (
        A(
            'Alert created: "High CPU on prod-dw" #91',
            "Priority: P2",
            "F14437",
            "Opsgenie",
            fields=[("Status", "open"), ("Source", "prom")],
        ),
        A(
            'Alert closed: "High CPU on prod-dw" #91',
            "Priority: P2",
            "58CC1B",
            "Opsgenie",
            fields=[("Status", "closed"), ("Source", "prom")],
        ),
    ),
    "opsgenie2": (
        T('Opsgenie: New alert: #1023 "CPU utilization above 90% on prod-dw" Tags: dw', "Opsgenie"),
        T('Opsgenie: Minji closed alert #1023 "CPU utilization above 90% on prod-dw"', "Opsgenie"),
    ),
    "uptime kuma": (
        T("[CPU prod-dw] [🔴 Down] cpu 97%", "Uptime Kuma"),
        T("[CPU prod-dw] [✅ Up] cpu 40%", "Uptime Kuma"),
    ),
    "gcp": (
        A(
            "Incident is open: CPU utilization for prod-dw is above the threshold of 0.9",
            "",
            "danger",
            "Google Cloud Monitoring",
            fields=[("Policy", "dw cpu"), ("Violation started", "Nov 27")],
        ),
        A(
            "Incident is closed: CPU utilization for prod-dw returned to normal",
            "",
            "good",
            "Google Cloud Monitoring",
            fields=[("Policy", "dw cpu")],
        ),
    ),
    "azure": (
        B(
            "#Fired:Sev1 Azure Monitor Alert dw-cpu-high on prod-dw",
            ["*Monitor condition*\nFired", "*Severity*\nSev1"],
            color="danger",
        ),
        B(
            "#Resolved:Sev1 Azure Monitor Alert dw-cpu-high on prod-dw",
            ["*Monitor condition*\nResolved", "*Severity*\nSev1"],
            color="good",
        ),
    ),
    "dynatrace": (
        A(
            "OPEN Problem P-2611: CPU saturation",
            "Host dw-worker-07: CPU usage 98%",
            "dc172a",
            "Dynatrace",
        ),
        A("RESOLVED Problem P-2611: CPU saturation", "Host dw-worker-07", "7dc540", "Dynatrace"),
    ),
    "splunk": (
        T("Splunk Alert: Cluster CPU above 90% has been triggered. host=prod-dw", "Splunk"),
        T("Splunk Alert: Cluster CPU above 90% has been cleared. host=prod-dw", "Splunk"),
    ),
    "whatap": (
        T(
            "[WhaTap] CRITICAL 경고 발생\n프로젝트: DW 운영\n이벤트: CPU 사용률\n대상: dw-worker-07\n메시지: CPU 97% >= 90%",
            "WhaTap",
        ),
        T(
            "[WhaTap] 경고 해소\n프로젝트: DW 운영\n이벤트: CPU 사용률\n대상: dw-worker-07\n메시지: CPU 41% < 90%",
            "WhaTap",
        ),
    ),
    "naver": (
        T(
            "[Cloud Insight] 이벤트 발생 알림\n규칙: dw-cpu-90\n대상: dw-worker-07\n지표: CPU/used_rto\n값: 96.1",
            "Naver Cloud",
        ),
        T(
            "[Cloud Insight] 이벤트 종료 알림\n규칙: dw-cpu-90\n대상: dw-worker-07\n지표: CPU/used_rto\n값: 31.1",
            "Naver Cloud",
        ),
    ),
    "cloudera": (
        A(
            "Bad : HOST_CPU on dw-worker-07",
            "The health test HOST_CPU became bad: CPU usage 97%.",
            "danger",
            "Cloudera Manager",
        ),
        A(
            "Good : HOST_CPU on dw-worker-07",
            "The health test HOST_CPU became good.",
            "good",
            "Cloudera Manager",
        ),
    ),
    "ko plain": (
        T("🔥 prod-dw CPU 사용률 임계치 초과! 현재 96% / 임계치 90%"),
        T("💚 prod-dw CPU 사용률 안정화되었습니다. 현재 45% / 임계치 90%"),
    ),
    "ko2": (
        T("<!channel> [심각] 하둡 클러스터(prod-dw) CPU 과부하 감지 — 97%"),
        T("[조치완료] 하둡 클러스터(prod-dw) CPU 과부하 상황 종료 — 44%"),
    ),
    "ko3": (
        A("CPU 사용률 경보", "상태: 비정상\n서버: dw-worker-07\n값: 97%", "#ff0000"),
        A("CPU 사용률 경보", "상태: 정상\n서버: dw-worker-07\n값: 27%", "#00aa00"),
    ),
    "ko4": (T("[알람] dw-worker-07 CPU 95.1% 도달"), T("[알람해제] dw-worker-07 CPU 31.0%")),
    "ko5": (
        T("주의! prod-dw 클러스터 가동율이 97%입니다."),
        T("prod-dw 클러스터 가동율이 정상 수준으로 돌아왔습니다. (52%)"),
    ),
    "custom am": (
        A(
            "🔥 FIRING: HighCPU | prod-dw",
            "*Description:* CPU is 97%\n*Severity:* critical",
            "danger",
        ),
        A(
            "✅ RESOLVED: HighCPU | prod-dw",
            "*Description:* CPU is 97%\n*Severity:* critical",
            "good",
        ),
    ),
    "custom am2": (
        A("HighCPU (2 firing)", "• node-1 CPU 96%\n• node-2 CPU 97%", "#E01E5A"),
        A("HighCPU (0 firing, 2 resolved)", "• node-1\n• node-2", "#2EB67D"),
    ),
    "grafana oncall": (
        A("", "*#42 Firing* High CPU prod-dw", "danger", "Grafana OnCall"),
        A("", "*#42 Resolved* High CPU prod-dw", "good", "Grafana OnCall"),
    ),
    "victorops": (
        T("CRITICAL: cpu/dw-worker-07 - CPU 97%", "VictorOps"),
        T("RECOVERY: cpu/dw-worker-07 - CPU 22%", "VictorOps"),
    ),
    "prtg": (
        T("Sensor CPU Load (dw-worker-07) Down ESCALATION *** 98 %", "PRTG"),
        T("Sensor CPU Load (dw-worker-07) Up *** 12 %", "PRTG"),
    ),
    "librenms": (
        A(
            "Alert for device dw-worker-07 - Processor usage over 85%",
            "Severity: critical",
            "#ff0000",
        ),
        A(
            "Device dw-worker-07 recovered from Processor usage over 85%",
            "Severity: critical",
            "#00ff00",
        ),
    ),
    "aws sns": (
        A(
            'ALARM: "dw-core-cpu" in Asia Pacific (Seoul)',
            "CPUUtilization > 80",
            "danger",
            "AWS",
            fields=[("State", "ALARM")],
        ),
        A(
            'OK: "dw-core-cpu" in Asia Pacific (Seoul)',
            "CPUUtilization > 80",
            "good",
            "AWS",
            fields=[("State", "OK")],
        ),
    ),
    "elastic": (
        T(
            "Alert 'dw cpu' is active: system.cpu.total.norm.pct is 0.97 for dw-worker-07",
            "elastic",
        ),
        T("Alert 'dw cpu' recovered for dw-worker-07", "elastic"),
    ),
    "graylog": (
        A("Graylog event: CPU high prod-dw", "status changed: OK -> PROBLEM", "danger"),
        A("Graylog event: CPU high prod-dw", "status changed: PROBLEM -> OK", "good"),
    ),
    "sensu go": (
        T("ALERT - dw-worker-07/check-cpu: CheckCPU CRITICAL 97%"),
        T("RESOLVED - dw-worker-07/check-cpu: CheckCPU OK 7%"),
    ),
    "thruk": (
        T(":bangbang: dw-worker-07 / CPU load is CRITICAL: 97%"),
        T(":white_check_mark: dw-worker-07 / CPU load is OK: 7%"),
    ),
    "emoji only": (
        T(":rotating_light: CPU prod-dw 97%"),
        T(":large_green_circle: CPU prod-dw 42%"),
    ),
    "vm": (
        A("[ALERTING] Node CPU", "instance=dw-worker-07", "#D63232", "vmalert"),
        A("[OK] Node CPU", "instance=dw-worker-07", "#36a64f", "vmalert"),
    ),
    "new relic": (
        A("Issue activated: High CPU on dw-worker-07", "Policy: dw", "#d6002e", "New Relic"),
        A("Issue closed: High CPU on dw-worker-07", "Policy: dw", "#11a600", "New Relic"),
    ),
    "instana": (
        T("Issue started: CPU usage too high on dw-worker-07"),
        T("Issue ended: CPU usage too high on dw-worker-07"),
    ),
    "site24x7": (
        T("CRITICAL | dw-worker-07 | CPU Utilization exceeded 90% | now 96%"),
        T("UP | dw-worker-07 | CPU Utilization is back to normal | now 26%"),
    ),
    "ko jennifer": (
        A(
            "[제니퍼] 이벤트 알림",
            "이벤트: 시스템 CPU 사용률 높음\n레벨: FATAL\n인스턴스: dw-worker-07",
            "danger",
        ),
        A(
            "[제니퍼] 이벤트 알림",
            "이벤트: 시스템 CPU 사용률 높음\n레벨: NORMAL\n인스턴스: dw-worker-07",
            "good",
        ),
    ),
    "bare end": (
        A("[FIRING:1] YarnCPU", "cpu 97%", "danger", "am"),
        A("", "Everything is fine again", "good", "am"),
    ),
    "colour only text": (
        T(
            "",
            attachments=[{"color": "#cc0000", "text": "CPU prod-dw 97% for 10m", "fallback": "x"}],
        ),
        T(
            "",
            attachments=[{"color": "#00cc00", "text": "CPU prod-dw 45% for 10m", "fallback": "x"}],
        ),
    ),
    "no longer": (
        T("CPU load on node-2 is above 90%"),
        T("CPU load on node-2 is no longer above 90%"),
    ),
    "back": (T("WARNING node-2 cpu at 95%"), T("node-2 cpu back to normal, 30%")),
    "group hosts": (
        A("🔥 HighCPU: node-3, node-4", "97%", "danger"),
        A("✅ HighCPU: node-3, node-4", "", "good"),
    ),
    "teams style": (
        B("*HighCPU*", "Status: *Firing*\nCluster: prod-dw\nCPU: 97%"),
        B("*HighCPU*", "Status: *Resolved*\nCluster: prod-dw\nCPU: 37%"),
    ),
    "k8s": (
        A("KubeNodeCPUOvercommit firing", "cluster=prod-dw severity=warning", "warning"),
        A("KubeNodeCPUOvercommit resolved", "cluster=prod-dw severity=warning", "good"),
    ),
    "centreon": (
        T("*** PROBLEM: dw-worker-02 : cpu-load is CRITICAL ***\nCRITICAL: 97% CPU"),
        T("*** RECOVERY: dw-worker-02 : cpu-load is OK ***\nOK: 12% CPU"),
    ),
    "check_mk plain": (
        T("dw-worker-02 - CPU load : WARN -> CRIT"),
        T("dw-worker-02 - CPU load : CRIT -> OK"),
    ),
    "signoz": (
        A('[FIRING:1] CPU usage high for prod-dw (severity="critical")', "Alert: CPU", "#FF0000"),
        A('[RESOLVED:1] CPU usage high for prod-dw (severity="critical")', "Alert: CPU", "#00FF00"),
    ),
    "squadcast": (
        T(":red_circle: *Incident #881 Triggered* | CPU above 90 on prod-dw | Service: dw"),
        T(":large_green_circle: *Incident #881 Resolved* | CPU above 90 on prod-dw | Service: dw"),
    ),
    "better stack": (
        B(":rotating_light: *New incident*: CPU usage on prod-dw", "Cause: 96% > 90%"),
        B(":white_check_mark: *Automatically resolved*: CPU usage on prod-dw", "Cause: 36%"),
    ),
    "honeycomb": (
        A("Triggered: High CPU prod-dw", "", "#F5A623"),
        A("Resolved: High CPU prod-dw", "", "#7ED321"),
    ),
    "appdynamics": (
        T(
            "Health Rule Violation Started Critical: CPU utilization is too high on node dw-worker-02"
        ),
        T("Health Rule Violation Ended Critical: CPU utilization is too high on node dw-worker-02"),
    ),
    "solarwinds": (
        T("Alert TRIGGERED: High CPU on dw-worker-02 (96 %)"),
        T("Alert RESET: High CPU on dw-worker-02 (22 %)"),
    ),
    "logicmonitor": (
        T("LM critical alert LMD123 on dw-worker-02 CPU-Total CPUBusyPercent 97 (> 90)"),
        T("LM critical alert LMD123 cleared on dw-worker-02 CPU-Total CPUBusyPercent 17"),
    ),
    "ambari": (
        T("[Ambari] CRITICAL: Host CPU Usage on dw-worker-02, 96%"),
        T("[Ambari] OK: Host CPU Usage on dw-worker-02, 26%"),
    ),
    "gangland ko": (
        T(
            "📛 서버 이상 감지\n서버명 : dw-worker-02\n항목 : CPU 사용률\n현재값 : 97%\n임계값 : 90%"
        ),
        T(
            "✅ 서버 정상 복귀\n서버명 : dw-worker-02\n항목 : CPU 사용률\n현재값 : 37%\n임계값 : 90%"
        ),
    ),
    "ko10": (
        T("[1등급] 빅데이터 CPU 사용률 임계치(90%) 초과 : 97.2%"),
        T("[1등급] 빅데이터 CPU 사용률 임계치(90%) 초과 해소 : 47.2%"),
    ),
    "ko6": (T("경보 발생 ▶ prod-dw / CPU / 98%"), T("경보 종료 ▶ prod-dw / CPU / 48%")),
    "ko7": (
        A("CPU 부하 알림", "🚨 위험 상태로 전환되었습니다", "#d00000"),
        A("CPU 부하 알림", "😀 안정 상태로 전환되었습니다", "#00d000"),
    ),
    "ko8": (
        T("prod-dw CPU 사용률이 95%로 임계치를 상회하고 있습니다"),
        T("prod-dw CPU 사용률이 45%로 임계치 아래로 내려왔습니다"),
    ),
    "ko9": (
        T("[ZABBIX] 장애: CPU 사용률 과다 (dw-worker-02)"),
        T("[ZABBIX] 복구완료: CPU 사용률 과다 (dw-worker-02)"),
    ),
    "field only": (
        A(
            "CPU Watch",
            "",
            "",
            fields=[("Event", "CPU high"), ("State", "ACTIVE"), ("Host", "dw-worker-02")],
        ),
        A(
            "CPU Watch",
            "",
            "",
            fields=[("Event", "CPU high"), ("State", "INACTIVE"), ("Host", "dw-worker-02")],
        ),
    ),
    "status line": (
        T("*Status*: `PROBLEM`\n*Trigger*: CPU high on dw-worker-02"),
        T("*Status*: `OK`\n*Trigger*: CPU high on dw-worker-02"),
    ),
    "am text list": (
        A("Alerts for prod-dw", "*Alerts firing:*\n- HighCPU node-1\n- HighCPU node-2", "#cc0000"),
        A(
            "Alerts for prod-dw",
            "*Alerts resolved:*\n- HighCPU node-1\n- HighCPU node-2",
            "#00cc00",
        ),
    ),
    "thumbs": (T(":thumbsdown: cpu prod-dw at 97%"), T(":thumbsup: cpu prod-dw at 37%")),
    "dd monitor": (
        A("Re-Triggered: CPU high on prod-dw", "@slack-data avg > 90", "a30200"),
        A("Recovered: CPU high on prod-dw", "", "2eb886"),
    ),
    "sentry metric": (
        A("Critical: CPU usage above 90 in prod-dw", "", "f55459"),
        A("Resolved: CPU usage above 90 in prod-dw", "", "4dc771"),
    ),
    "gcp html": (
        T(
            "🚨 ALERT - CPU utilization\nprod-dw CPU utilization violated the threshold with 0.95\nState: open"
        ),
        T("✅ RECOVERED - CPU utilization\nprod-dw CPU utilization\nState: closed"),
    ),
    "icinga notif": (
        T("[PROBLEM] CPU on dw-worker-02 is CRITICAL!"),
        T("[RECOVERY] CPU on dw-worker-02 is OK!"),
    ),
    "oneuptime": (
        T("Monitor dw-cpu changed state to Offline. CPU 99%"),
        T("Monitor dw-cpu changed state to Operational. CPU 39%"),
    ),
    "telegraf": (
        T("cpu usage on dw-worker-02 crossed CRIT: 96.2"),
        T("cpu usage on dw-worker-02 returned to OK: 16.2"),
    ),
    "victoria": (
        A("🔴 CRITICAL | HighCPU | prod-dw", "value 97", "danger"),
        A("🟢 CLEARED | HighCPU | prod-dw", "value 37", "good"),
    ),
    "pingdom-like": (
        T("DOWN alert: CPU check prod-dw is DOWN"),
        T("UP alert: CPU check prod-dw is UP"),
    ),
}
CHATTER: list[Json] = [
    T("Deploy of load-balancer finished: cpu limits 2 → 4", "deploybot"),
    A("Build #212 failed: cpu-benchmarks", "FAILURE after 4 min", "danger", "Jenkins"),
    A("Pipeline #991 has failed", "stage: load-test, cpu usage checks", "danger", "GitLab"),
    T("✅ daily load completed: 12M rows, CPU time 3h", "etl-bot"),
    A("TypeError in load_config", "High error rate on cpu_collector", "danger", "Sentry"),
    T("Reminder: CPU capacity review meeting at 14:00", "Google Calendar"),
    T('Monitor "CPU high" was created by Minji', "Datadog"),
    T("Alert rule High CPU has been muted by Jun until 18:00", "Grafana"),
    A("Weekly report: cluster CPU", "avg 61%, max 98%", "good", "Grafana"),
    A(
        "[Scheduled] load balancer upgrade",
        "We will be upgrading the load balancer",
        "warning",
        "Statuspage",
    ),
    T('Confluence: Minji edited "CPU tuning guide"', "Confluence"),
    T("DATA-881 CPU 사용률 알림 개선 — 상태가 진행 중으로 변경되었습니다", "Jira"),
    T("오늘의 리포트: 평균 CPU 사용률 71%, 최대 99% (prod-dw)", "daily"),
    T("[배포] cpu-exporter v1.2.3 배포 완료", "ci"),
    T("부하 테스트 시작합니다 (stage), CPU 사용률 확인 부탁", "loadtest"),
    A("Task load_orders failed", "dag: daily_etl try 3", "danger", "Airflow"),
    T("Critical severity vulnerability found in cpu-features (CVE-2026-1234)", "Snyk"),
    T("AWS Budgets: your EC2 usage budget exceeded 80% threshold", "AWS"),
    A("SLA miss: load_users", "", "danger", "airflow"),
    T("민지님이 휴가를 신청했습니다", "hr"),
    T("PR #98: fix memory leak (critical) merged", "GitHub"),
    A("dbt test failed: usage_daily", "critical: 3 rows", "danger", "dbt"),
    T("Poll: which CPU should we buy? 1️⃣ AMD 2️⃣ Intel", "Polly"),
    T("Terraform plan: aws_cloudwatch_metric_alarm.cpu_high will be created", "atlantis"),
    T("어제 대비 CPU 사용률 12% 증가 (일간 요약)", "stats"),
    T("New comment on issue #77: CPU usage is critical here", "GitHub"),
    A("Argo CD: app cpu-exporter sync failed", "OutOfSync", "danger", "argocd"),
    T("점심 메뉴 추천: 김치찌개", "menu"),
    T("On-call handoff: Jun is now on call for CPU alerts", "PagerDuty"),
    T("Release notes: reduced CPU usage by 30%", "release"),
    T("Spark job daily_load SUCCEEDED in 32m, max memory 80%", "spark-notify"),
    T("Snapshot completed: storage usage 81%", "backup"),
    T("공지: 11/28 02:00 CPU 교체 작업 예정", "infra"),
    T("[공지] 클러스터 CPU 증설 완료", "infra"),
    T("Sprint 12 started: CPU alert tuning", "Jira"),
    T("Loaded 1,200 rows into usage_stats", "etl"),
    T("Scaling up prod-dw: CPU target 80%", "autoscaler"),
    T("Stock price of CPU makers up 3%", "news"),
    T("구매 요청 승인: 서버 CPU 16코어 x 2", "결재"),
    T("Backup of /data finished, disk usage 91%", "backup"),
    T("Test alert: please ignore, memory training at 3pm", "hr"),
    T("Deployment dw-api succeeded: memory 2Gi → 4Gi, cpu 500m → 1", "spinnaker"),
    A("Merge request !77: lower CPU alert threshold to 85%", "approved", "2eb886", "GitLab"),
    T("🎉 Job train_model finished: GPU usage avg 88%", "mlflow"),
    T("⚠️ Reminder: disk cleanup day tomorrow", "hr"),
    A("Build broken in load-tests", "3 tests failed; CPU time exceeded", "danger", "CircleCI"),
    T("[공지] 오늘 18시 CPU 노드 점검 예정입니다", "infra"),
    T("[주간 리포트] CPU 사용률 상위 5개 서버\n1. dw-01 97%\n2. dw-02 93%", "report"),
    T("월간 클라우드 비용: CPU 인스턴스 1,200만원", "finops"),
    T("Airflow: DAG load_daily succeeded in 32 min", "airflow"),
    A("DAG etl_cpu_stats failed", "Task: load", "danger", "airflow"),
    T("Standup: yesterday I fixed the CPU alert", "geekbot"),
    A("Incident review: High CPU on Nov 3", "doc updated", "", "Notion"),
    T("Renovate: update dependency cpu-features to v2 (critical)", "renovate"),
    T('Datadog: monitor "High CPU" was modified by jun@acme', "Datadog"),
    T("Silence created by Jun for HighCPU until 18:00", "karma"),
    T("Downtime scheduled for CPU monitor", "Datadog"),
    T("dbt run completed: 120 models, 3 warnings, max memory 70%", "dbt"),
    T("Kafka topic usage-events created", "kafka-admin"),
    T("신규 서버 3대 CPU 증설 작업이 완료되었습니다", "infra"),
    T("오전 리포트 — 클러스터 평균 CPU 82%, 최고 97% (어제)", "리포트봇"),
    T(
        "Someone asked: why is CPU usage over 90% at night? https://stackoverflow.com/q/1",
        "stackbot",
    ),
    T('RSS: "CPU usage of ChatGPT exceeds 90% of ..."', "rss"),
    T("Load balancer certificate expires in 10 days", "certbot"),
    T("Loading dock CCTV offline", "facility"),
    T("CPU 사용률 알람 기준을 90%에서 95%로 변경했습니다", "ops-bot"),
    T("작업 안내: 22시 배포 중 CPU 사용률이 90%를 넘을 수 있습니다", "deploy"),
    T("✅ Load test passed: p95 120ms, CPU 91%", "k6"),
    T("❌ Load test failed: CPU exceeded 95% on stage", "k6"),
    T("Autoscaling: added 2 nodes because CPU > 80%", "karpenter"),
    T("Spot instance i-0abc interrupted (CPU pool)", "aws"),
    T("Query took 320s, scanned 1.2 TB, CPU time 5h", "trino-bot"),
    A("SonarQube: Quality gate failed", "high cpu complexity", "danger", "sonar"),
    T("급여 명세서가 발송되었습니다", "hr"),
    T("Backup failed: disk usage 93% on backup-01", "veeam"),
]
