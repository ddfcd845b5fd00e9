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


class UnheardEnds:
    """Asks the figures' history and Alertmanager what became of an alert meanwhile."""

    def __init__(self, health: ClusterHealth) -> None:
        self._health = health

    async def ended(self, alert: Alert, since: datetime) -> bool:
        """Tell whether the alert had ended after `since`; False where nobody knows."""
        step = max((alert.posted_at - since) / STEPS, timedelta(minutes=1))
        window, board = await asyncio.gather(
            self._history(alert, since, step), self._board(), return_exceptions=False
        )
        if board is not None and _younger(board, alert, since):
            return True
        limit = alert.subject.threshold or HIGH_CPU
        return window is not None and _calm_spell(window, limit)

    async def _history(self, alert: Alert, since: datetime, step: timedelta) -> Window | None:
        if alert.subject.metric is not Metric.CPU or alert.subject.hosts:
            return None
        try:
            return await self._health.cpu(since, alert.posted_at, step)
        except BackendError:
            return None

    async def _board(self) -> AlertBoard | None:
        return (await self._health.now()).alerts


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
