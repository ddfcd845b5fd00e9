"""Alert posts in the shapes of each tool, firing and resolved; ours but for Alertmanager's."""

import json
from pathlib import Path
from typing import Any

from bot.handlers.events import Installation, Parser, Rules

Json = dict[str, Any]
WHO = Installation("T0DATATEAM", "U0DANGJIK", "B0DANGJIK", "A0DANGJIK")
FOLDER = Path(__file__).parent / "alerts"


def parser(**rules: Any) -> Parser:
    return Parser(WHO, Rules(**rules))


def body(event: Json, **outer: Any) -> Json:
    return {
        "type": "event_callback",
        "team_id": WHO.team,
        "event_id": "Ev1",
        "event": {"type": "message", "channel": "C1", "ts": "1782882000.000100", **event},
        **outer,
    }


def from_webhook(message: Json, **event: Any) -> Json:
    return body({"subtype": "bot_message", "bot_id": "B0HOOK", "text": "", **message, **event})


def from_person(text: str, **event: Any) -> Json:
    return body({"user": "U0MINJI", "text": text, "channel_type": "channel", **event})


def recorded(name: str) -> Json:
    found: Json = json.loads((FOLDER / f"alertmanager_{name}.json").read_text("utf-8"))["body"]
    return {key: value for key, value in found.items() if key != "channel"}


def attached(title: str, text: str = "", color: str = "danger", **more: Any) -> Json:
    return {"attachments": [{"title": title, "text": text, "color": color, **more}]}


def grafana(state: str, value: str, number: int = 1) -> Json:
    count = f":{number}" if state == "FIRING" else ""
    words = (
        f"**{state.title()}**\n\nValue: A={value}, C=1\nLabels:\n - alertname = NodeCPU\n"
        " - cluster = hadoop-prod\nAnnotations:\n - summary = CPU above 90 for 5m\n"
    )
    color = "#D63232" if state == "FIRING" else "#36a64f"
    title = f"[{state}{count}] NodeCPU (hadoop-prod)"
    return {"username": "Grafana", **attached(title, words, color, footer="Grafana v11.0.0")}


def datadog(state: str, value: str) -> Json:
    title = f"[P2] [{state} on {{host:dn-07}}] CPU utilization of the data nodes"
    words = f"CPU was {value}% over the last 5 minutes\n\nMetric value: {value}"
    return {"username": "Datadog", **attached(title, words, "a30200")}


def pagerduty(state: str) -> Json:
    """As its app posts it: title in the attachment, buttons named after what they do."""
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "*Service:* Hadoop"}}
    buttons = [
        {"type": "button", "action_id": word, "text": {"type": "plain_text", "text": word}}
        for word in ("Acknowledge", "Resolve")
    ]
    blocks = [section, {"type": "actions", "elements": buttons}]
    title = f"{state} #731: High CPU usage on hadoop-prod"
    return {"username": "PagerDuty", "attachments": [{"title": title, "blocks": blocks}]}


def cloudwatch(state: str) -> Json:
    change = "OK -> ALARM" if state == "ALARM" else "ALARM -> OK"
    fields = [
        {"title": "Alarm Name", "value": "EMR-CPU"},
        {"title": "State Change", "value": change},
    ]
    return attached(
        f'{state}: "EMR-CPU" in Asia Pacific (Seoul)', "CPUUtilization", "", fields=fields
    )


def zabbix(state: str) -> Json:
    return attached(f"{state}: High CPU utilization on dn-07", "Host: dn-07", "#97AAB3")


def nagios(kind: str, state: str) -> Json:
    return {"text": f"** {kind} Service Alert: dn-07/CPU Load is {state} **"}


PAIRS: dict[str, tuple[Json, Json]] = {
    "alertmanager custom": (recorded("custom_firing"), recorded("custom_resolved")),
    "alertmanager default": (recorded("default_firing"), recorded("default_resolved")),
    "grafana": (grafana("FIRING", "92.4"), grafana("RESOLVED", "41.0")),
    "datadog": (datadog("Triggered", "93.1"), datadog("Recovered", "40.2")),
    "pagerduty": (pagerduty("Triggered"), pagerduty("Resolved")),
    "cloudwatch": (cloudwatch("ALARM"), cloudwatch("OK")),
    "zabbix": (zabbix("Problem"), zabbix("Resolved in 7m 2s")),
    "nagios": (nagios("PROBLEM", "CRITICAL"), nagios("RECOVERY", "OK")),
    "korean": (
        {"text": "[위험] 운영 클러스터 CPU 사용률 97%"},
        {"text": "[해소] 운영 클러스터 CPU 사용률 41%"},
    ),
    "korean normal": (
        {"text": "운영 클러스터 가동율 비정상 95.5%"},
        {"text": "운영 클러스터 가동율 정상 40.1%"},
    ),
}


FILLERS = ("9", "[firing", "a:", "가 ", "<")


def huge_alert(filler: str, times: int) -> Json:
    """Return a post whose text, title and field hold this filler so many times."""
    long = f"[FIRING:1] CPU {filler * times}"
    fields = [{"title": "load", "value": long}]
    return {"text": long, **attached(long, long, fields=fields)}
