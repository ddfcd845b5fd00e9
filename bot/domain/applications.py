"""Applications: what YARN and Spark run, and people call jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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


class Shared(StrEnum):
    """What many people or an endless stream sit on: one kill ends the work of all of them."""

    SQL_SERVER = "sql_server"  # Thrift JDBC/ODBC, Kyuubi: every open connection
    CONNECT = "connect"  # Spark Connect: every remote session
    SESSION = "session"  # Livy, a notebook or a shell: somebody's unsaved state
    STREAM = "stream"  # runs for ever on purpose


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
    what the machines saw it use; either may be unknown, and so may the start. Its times are the
    cluster's own clock's, never to be compared with ours. `killed_by` is the account, other than
    our own, that the cluster names as its killer; "" where it names none. `hidden` when the
    scheduler keeps the figures from us for want of a right.
    """

    ref: ApplicationRef
    name: str
    user: str
    queue: str
    state: ApplicationState
    started_at: datetime | None
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
    hidden: bool = False
    shared: Shared | None = None

    @property
    def cores(self) -> float | None:
        """Cores it is ranked by: measured where known, else granted; None where neither is told."""
        if self.measured_cores is not None:
            return self.measured_cores
        return self.granted_cores

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

    def running_for(self, now: datetime) -> timedelta | None:
        """Return how long it has run, never negative; None where its start is not told."""
        return span(self.started_at, self.finished_at or now)


@dataclass(frozen=True, slots=True)
class RunningApplications:
    """One read of everything that runs or waits; `total_cores` and `total_memory` are the cluster's.

    `others` counts, by type, what else is there and is of a type that is not listed.
    """

    taken_at: datetime
    applications: Sequence[Application]
    total_cores: float | None = None
    total_memory: int | None = None
    missing: tuple[Missing, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> tuple[Missing, ...]:
        """Which parts could not be read, without what is left out by set-up."""
        return tuple(item for item in self.missing if not item.kind.lasting)

    def share(self, application: Application) -> float | None:
        """Return the application's part of all cores, 0 to 1, or None when the total is unknown."""
        cores = application.cores
        return cores / self.total_cores if self.total_cores and cores is not None else None


def span(start: datetime | None, end: datetime) -> timedelta | None:
    """Return the time from start to end, never negative; None where the start is not known."""
    return None if start is None else max(end - start, timedelta(0))


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
