"""Ends that no post told: the figure had been normal, or Alertmanager knows a younger alert."""

import asyncio
from datetime import datetime, timedelta

from bot.domain.alerts import Alert, AlertBoard, Metric
from bot.domain.cluster import Window
from bot.domain.hypotheses import HIGH_CPU
from bot.errors import BackendError
from bot.ports import ClusterHealth

STEPS = 60
SPELL = timedelta(minutes=10)  # below the limit for so long is normal


async def ended(health: ClusterHealth, alert: Alert, since: datetime) -> bool:
    """Tell whether an alert had ended after `since`; False where nobody knows."""
    step = max((alert.posted_at - since) / STEPS, timedelta(minutes=1))
    window, now = await asyncio.gather(_history(health, alert, since, step), health.now())
    if now.alerts is not None and _younger(now.alerts, alert, since):
        return True
    limit = alert.subject.threshold or HIGH_CPU
    return window is not None and _calm_spell(window, limit)


async def _history(
    health: ClusterHealth, alert: Alert, since: datetime, step: timedelta
) -> Window | None:
    if alert.subject.metric is not Metric.CPU or alert.subject.hosts:
        return None
    try:
        return await health.cpu(since, alert.posted_at, step)
    except BackendError:
        return None


def _younger(board: AlertBoard, alert: Alert, since: datetime) -> bool:
    """Tell whether the standing alert of that name began after the last post of the old one."""
    words = alert.identity.name.split()
    begun = [each.since for each in board.alerts if each.name.casefold() in words and each.since]
    return bool(begun) and min(begun) > since


def _calm_spell(window: Window, limit: float) -> bool:
    """Tell whether the figure stayed below its limit for a spell."""
    begun: datetime | None = None
    for at, percent in window.points:
        if percent >= limit:
            begun = None
        elif begun is None:
            begun = at
        elif at - begun >= SPELL:
            return True
    return False
