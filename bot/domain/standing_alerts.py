"""What an Alertmanager says: which alerts it holds, and which silences keep some of them quiet."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StandingAlert:
    """One alert that is firing; `quiet` when a silence or another alert keeps it from being posted."""

    name: str
    severity: str
    since: datetime | None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """One silence in force: what it matches, until when, who made it and why."""

    matches: str
    until: datetime | None
    by: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class AlertBoard:
    """Everything an Alertmanager holds now: alerts by severity and age, silences by their end."""

    alerts: tuple[StandingAlert, ...] = ()
    silences: tuple[Silence, ...] = ()

    @property
    def loud(self) -> tuple[StandingAlert, ...]:
        """The alerts nothing keeps quiet."""
        return tuple(each for each in self.alerts if not each.quiet)

    @property
    def quiet(self) -> tuple[StandingAlert, ...]:
        """The alerts that are kept quiet."""
        return tuple(each for each in self.alerts if each.quiet)
