"""An incident as it is kept: the facts of a closed investigation, and what a person made of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.applications import Basis
from bot.domain.language import Language
from bot.domain.runaway import Finding, RunawaySigns


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
