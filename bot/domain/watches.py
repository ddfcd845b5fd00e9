"""Watches: promises to tell a thread, once, when something has come true."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.applications import ApplicationRef
from bot.domain.conversation import WatchFor
from bot.domain.language import Language

LASTS = timedelta(hours=12)
MOST_OPEN = 10  # in one thread


@dataclass(frozen=True, slots=True)
class Watched:
    """An application a watch is about."""

    ref: ApplicationRef
    name: str
    user: str


@dataclass(frozen=True, slots=True)
class Watch:
    """What is waited for, who asked, and until when; `id` is the turn's, so a repeat makes no second."""

    id: str
    channel: str
    thread_ts: str
    asker: str
    language: Language
    wanted: WatchFor
    applications: tuple[Watched, ...]
    made_at: datetime
    expires_at: datetime
