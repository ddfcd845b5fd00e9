"""Applications: what YARN and Spark run, and people call jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.errors import Missing


class ApplicationState(StrEnum):
    """Where an application is in its life, the same words for YARN and Spark standalone."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    KILLED = "killed"

    @property
    def over(self) -> bool:
        """True when the application can no longer use anything."""
        return self not in {ApplicationState.WAITING, ApplicationState.RUNNING}


class Basis(StrEnum):
    """Whether a figure was measured on the machines or is what the scheduler granted."""

    MEASURED = "measured"
    GRANTED = "granted"


@dataclass(frozen=True, slots=True, order=True)
class ApplicationRef:
    """Names one application of one cluster; `backend` is `yarn` or `spark`."""

    cluster: str
    backend: str
    id: str


@dataclass(frozen=True, slots=True)
class Application:
    """An application as one read of its cluster showed it.

    Cores are CPU cores, memory is bytes. `granted_*` is what the scheduler gave, `measured_*`
    what the machines saw it use; either may be unknown. Its times are the cluster's own clock's,
    never to be compared with ours. `killed_by` is the account, other than our own, that the
    cluster names as its killer; "" where it names none.
    """

    ref: ApplicationRef
    name: str
    user: str
    queue: str
    state: ApplicationState
    started_at: datetime
    attempt: int = 1
    kind: str = "SPARK"
    granted_cores: float | None = None
    granted_memory: int | None = None
    measured_cores: float | None = None
    measured_memory: int | None = None
    containers: int | None = None
    finished_at: datetime | None = None
    diagnostics: str = ""
    killed_by: str = ""

    @property
    def cores(self) -> float:
        """Cores in use: measured where known, else granted, else 0."""
        if self.measured_cores is not None:
            return self.measured_cores
        return self.granted_cores or 0.0

    @property
    def memory(self) -> int | None:
        """Bytes in use: measured where known, else granted; None where neither is told."""
        if self.measured_memory is not None:
            return self.measured_memory
        return self.granted_memory

    @property
    def cores_basis(self) -> Basis:
        """Say where `cores` comes from."""
        return Basis.GRANTED if self.measured_cores is None else Basis.MEASURED

    def running_for(self, now: datetime) -> timedelta:
        """Return how long it has run, never negative."""
        return max((self.finished_at or now) - self.started_at, timedelta(0))


@dataclass(frozen=True, slots=True)
class RunningApplications:
    """One read of everything that runs or waits; `total_cores` and `total_memory` are the cluster's."""

    taken_at: datetime
    applications: Sequence[Application]
    total_cores: float | None = None
    total_memory: int | None = None
    missing: tuple[Missing, ...] = ()

    def share(self, application: Application) -> float | None:
        """Return the application's part of all cores, 0 to 1, or None when the total is unknown."""
        if not self.total_cores:
            return None
        return application.cores / self.total_cores


class KillOutcome(StrEnum):
    """What the answer to the one kill request proves, which is little."""

    ACCEPTED = "accepted"  # the cluster took it; only a later read proves the kill
    REFUSED = "refused"  # a no, which one more read has to bear out
    UNSENT = "unsent"  # nothing left this machine
    UNKNOWN = "unknown"  # timeout, 5xx, garbage: it may have been done


@dataclass(frozen=True, slots=True)
class KillAnswer:
    """The outcome of one kill request and one line saying what the cluster answered."""

    outcome: KillOutcome
    detail: str = ""
