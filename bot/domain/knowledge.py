"""Passages: pieces of our documents or of the web, each with its source."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.domain.language import Language


class Collection(StrEnum):
    """Where a passage comes from."""

    MANUAL = "operation_manual"
    HISTORY = "operation_history"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved piece: `source` is `collection/file#heading` or a domain; score is 0 to 1."""

    collection: Collection
    source: str
    title: str
    heading: str
    text: str
    score: float
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class GuideNote:
    """One post of passages: what was searched for, from where, and what it showed.

    `search` is the text searched with, which may say more than the question did. `page` counts
    from 0; `sources` are in the order shown, web domains among them. `recent` when the newest
    incidents came first.
    """

    id: str
    channel: str
    thread_ts: str
    language: Language
    search: str
    history_only: bool
    page: int
    sources: tuple[str, ...]
    recent: bool = False


@dataclass(frozen=True, slots=True)
class GuideFigures:
    """Guide answers over a time: how many, and how many votes for and against."""

    answers: int = 0
    helpful: int = 0
    unhelpful: int = 0


@dataclass(frozen=True, slots=True)
class IncidentDocument:
    """A past incident as a document: Markdown without front matter.

    `channel` is empty for everyone, else the one channel it may be found from.
    """

    file: str
    title: str
    text: str
    dated: date
    language: Language
    channel: str = ""
