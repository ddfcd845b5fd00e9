"""Alerts as people post them, whatever tool wrote the message."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AlertStatus(StrEnum):
    """Whether the alert says something is wrong or that it is over."""

    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert post.

    `key` is stable over repeats and the resolved post of the same alert group. `channel` and `ts`
    are where it was posted; `thread_ts` where it is answered.
    """

    key: str
    status: AlertStatus
    title: str
    text: str
    channel: str
    ts: str
    thread_ts: str
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class Investigation:
    """Our work on one alert group: where it is answered, since when, and whether it is open."""

    id: str
    alert_key: str
    channel: str
    thread_ts: str
    opened_at: datetime
    repeats: int = 1
    closed_at: datetime | None = None
