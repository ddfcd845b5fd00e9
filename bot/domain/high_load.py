"""Since when CPU is high: one answer, whenever it is asked."""

from datetime import datetime, timedelta

from bot.domain.cluster import ClusterMetrics, Window
from bot.domain.hypotheses import HIGH_CPU

DIP = timedelta(minutes=5)  # what is lower for no longer than this is one stretch all the same
NEXT = timedelta(seconds=90)  # two samples this near: it rose after the first of them


def high_since(window: Window) -> datetime | None:
    """Return the minute from which CPU has been high until the last point; None when it is not."""
    since: datetime | None = None
    low: datetime | None = None  # since when it is lower
    before: datetime | None = None
    for at, percent in window.points:
        if percent < HIGH_CPU:
            low = low or at
        else:
            if since is None or (low is not None and at - low > DIP):
                since = before if before is not None and at - before <= NEXT else at
            low = None
        before = at
    return since.replace(second=0, microsecond=0) if since is not None and low is None else None


def from_the_first(window: Window | None, since: datetime) -> bool:
    """Tell whether it was high from the first point on: when it began is then unknown."""
    if window is None or not window.points:
        return False
    return since == window.points[0][0].replace(second=0, microsecond=0)


def told_since(metrics: ClusterMetrics, kept: datetime | None) -> datetime | None:
    """Return since when CPU is high, as the thread has told it before; None when it is not high."""
    window, now = metrics.last_hour, metrics.cpu
    if now is None or now.percent < HIGH_CPU or window is None:
        return None
    return kept or high_since(window)
