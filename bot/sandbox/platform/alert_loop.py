"""The alert on cluster CPU: Prometheus' rule and Alertmanager's Slack message in one loop."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import aiohttp

from .scenario import AlertRule

log = logging.getLogger(__name__)
Status = Literal["firing", "resolved"]
MONITORING = "http://monitoring.example.com"
RUNBOOK = "https://runbooks.example.com/cluster-high-cpu"
POST_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class AlertState:
    """Where the alert stands. Times in seconds since the epoch; `value` is the last one above."""

    above_since: float | None = None
    below_since: float | None = None
    firing: bool = False
    notified_at: float | None = None
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that is due; a resolved one carries the last value that was too high."""

    status: Status
    value: float


def step(
    state: AlertState, rule: AlertRule, now: float, cpu: float
) -> tuple[AlertState, Notice | None]:
    """Judge one measurement: return the state after it and the message due, if any."""
    if cpu <= rule.threshold:
        below = now if state.below_since is None else state.below_since
        if state.firing and now - below < rule.keep_firing_s:
            return replace(state, below_since=below), None
        notice = Notice("resolved", state.value) if state.firing else None
        return AlertState(), notice
    since = now if state.above_since is None else state.above_since
    state = replace(state, above_since=since, below_since=None, value=cpu)
    if now - since < rule.for_s:
        return state, None
    due = state.notified_at is None or now - state.notified_at >= rule.repeat_interval_s
    notified = now if due else state.notified_at
    state = replace(state, firing=True, notified_at=notified)
    return state, Notice("firing", cpu) if due else None


def message(notice: Notice, cluster: str, channel: str) -> dict[str, Any]:
    """Slack message as Alertmanager 0.25 posts it: no text, everything in one attachment."""
    word = "FIRING:1" if notice.status == "firing" else "RESOLVED"
    return {
        "channel": channel,
        "username": "Alertmanager",
        "attachments": [
            {
                "title": f"[{word}] ClusterHighCPU (critical)",
                "title_link": f"{MONITORING}:9090/graph?g0.expr=cluster%3Acpu_percent+%3E+90&g0.tab=1",
                "text": f"*Cluster CPU is {notice.value:.1f}%* • alertname: `ClusterHighCPU` "
                f"• cluster: `{cluster}` • severity: `critical` ",
                "fallback": f"[{word}] ClusterHighCPU {cluster} (critical) "
                f"| {MONITORING}:9093/#/alerts?receiver=slack",
                "callback_id": "",
                "fields": [
                    {"title": "Cluster", "value": cluster, "short": True},
                    {"title": "Severity", "value": "critical", "short": True},
                ],
                "actions": [{"type": "button", "text": "Runbook", "url": RUNBOOK}],
                "footer": "",
                "color": "danger" if notice.status == "firing" else "good",
                "mrkdwn_in": ["fallback", "pretext", "text"],
            }
        ],
    }


class AlertLoop:
    """Measures once a second and posts what is due.

    As Alertmanager does, a post is tried again after 5xx or no answer, and given up on 4xx.

    `measure` gives CPU percent at a time, `now` the seconds since the epoch; nothing is posted
    while `silenced` names a silence.
    """

    def __init__(
        self,
        rule: AlertRule,
        cluster: str,
        measure: Callable[[float], float],
        now: Callable[[], float],
    ) -> None:
        self.rule = rule
        self.labels = {"alertname": "ClusterHighCPU", "cluster": cluster, "severity": "critical"}
        self.state = AlertState()
        self._measure = measure
        self._now = now
        self.silenced: Callable[[], list[str]] = list
        self._undelivered: list[Notice] = []

    async def tick(self, session: aiohttp.ClientSession, webhook_url: str) -> None:
        """Measure, then post what is due and what could not be posted before."""
        now = self._now()
        self.state, notice = step(self.state, self.rule, now, self._measure(now))
        if notice is not None and not self.silenced():
            self._undelivered.append(notice)
        while self._undelivered and await self._post(session, webhook_url, self._undelivered[0]):
            self._undelivered.pop(0)

    async def run(self, webhook_url: str, every_s: float = 1.0) -> None:
        """Tick until cancelled."""
        async with aiohttp.ClientSession(timeout=POST_TIMEOUT) as session:
            while True:
                await self.tick(session, webhook_url)
                await asyncio.sleep(every_s)

    async def _post(self, session: aiohttp.ClientSession, url: str, notice: Notice) -> bool:
        """Post one message; say whether it is dealt with."""
        body = message(notice, self.labels["cluster"], self.rule.channel)
        try:
            async with session.post(url, json=body) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        if not 200 <= status < 300:  # noqa: PLR2004 - the success range
            log.warning("alert message was not accepted: status %s", status or "none")
        return 200 <= status < 500  # noqa: PLR2004 - 4xx is final
