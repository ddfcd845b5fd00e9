"""Passages of our documents or of the web, each with its source; incidents, kept as documents."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.domain.applications import Basis
from bot.domain.language import Language
from bot.domain.runaway import Finding, RunawaySigns
from bot.errors import Missing

FITS = 0.5
"""From this probability on that our documents answer, what was found is shown."""
SURE = 0.75
"""From this one on it is shown without a caution."""


class Collection(StrEnum):
    """Where a passage comes from."""

    MANUAL = "operation_manual"
    HISTORY = "operation_history"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved piece: `source` is `collection/file#heading` or a domain; score is 0 to 1.

    `sample` when it is of the pages the product ships, not of the team's own; `url` where a result
    of the web is.
    """

    collection: Collection
    source: str
    title: str
    heading: str
    text: str
    score: float
    dated: date | None = None
    sample: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave; `missing` says why it gave nothing, or less than it could.

    `strength` is how probable it is that our documents answer, from 0 to 1.
    """

    passages: tuple[Passage, ...] = ()
    missing: Missing | None = None
    strength: float = 0.0


@dataclass(frozen=True, slots=True)
class GuideNote:
    """One post of passages: what was searched for, from where, and what it showed.

    `search` is the text searched with, which may say more than the question did. `page` is
    0, or 1 for titles under an answer of another kind; `sources` are in the order shown, web domains among them. `recent` when the newest
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
class Document:
    """One document: `file` is its path under its folder, `text` its Markdown without front matter.

    `channel` is empty for everyone, else the Slack channel id it may be found from.
    """

    collection: Collection
    file: str
    title: str
    text: str
    dated: date | None = None
    language: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Culprit:
    """An application that stood out when the alert came; share is 0 to 1, `basis` that of cores."""

    name: str
    user: str
    queue: str
    cores: float
    share: float
    runaway: bool
    evidence: tuple[RunawaySigns, ...] = ()
    basis: str = Basis.MEASURED.value


def culprit(finding: Finding) -> Culprit:
    """Return what is remembered of a finding."""
    application = finding.application
    return Culprit(
        application.name,
        application.user,
        application.queue,
        finding.cores,
        finding.share,
        finding.runaway,
        finding.evidence,
        application.cores_basis.value,
    )


@dataclass(frozen=True, slots=True)
class IncidentFacts:
    """What is known of an incident when its alert closes; CPU is percent, None when unknown."""

    cluster: str
    alert_title: str
    opened_at: datetime
    closed_at: datetime
    culprits: tuple[Culprit, ...] = ()
    cpu_before: float | None = None
    cpu_end: float | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the culprits' names."""
        return tuple(each.name for each in self.culprits)


class IncidentState(StrEnum):
    """What a person made of an offered record."""

    OFFERED = "offered"
    KEPT = "kept"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Incident:
    """An offered record as stored: `id` is its investigation's.

    `decided_key` is the press that decided, so that its redelivery is told apart from a second.
    """

    id: str
    channel: str
    thread_ts: str
    language: Language
    private: bool
    facts: IncidentFacts
    state: IncidentState = IncidentState.OFFERED
    decided_by: str = ""
    decided_key: str = ""
