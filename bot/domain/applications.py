"""Applications: what YARN and Spark run, and people call jobs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar, overload

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
    BOUND = "bound"  # busy task slots: it uses at most so much
    GRANTED = "granted"


class Source(StrEnum):
    """What tells used cores, the best first."""

    QUERY = "query"  # PROMETHEUS_QUERY_APPLICATION_CPU
    CONTAINERS = "containers"  # container series in Prometheus
    PROCESSES = "processes"  # process-exporter, by way of Prometheus
    NODE_MANAGERS = "node_managers"  # read directly
    SLOTS = "slots"  # busy task slots of Spark: an upper bound


@dataclass(frozen=True, slots=True)
class Measurement:
    """How used cores were told: by what, as the mean over how long, on `read` of `of` nodes.

    Only nodes that run containers count. `read` and `of` are None where nodes are not told.
    """

    source: Source
    window: timedelta | None = None
    read: int | None = None
    of: int | None = None

    @property
    def basis(self) -> Basis:
        """What kind of figure the cores are."""
        return Basis.BOUND if self.source is Source.SLOTS else Basis.MEASURED

    @property
    def whole(self) -> bool:
        """Whether every node with containers was read, as far as is told."""
        return self.read is None or self.of is None or self.read >= self.of


@dataclass(frozen=True, slots=True, order=True)
class ApplicationRef:
    """Names one application of one cluster; `backend` is `yarn` or `spark`."""

    cluster: str
    backend: str
    id: str


@dataclass(frozen=True, slots=True)
class Application:
    """An application as one read of its cluster showed it.

    Cores are CPU cores, memory is bytes. `granted_*` is what the scheduler gave, `used_*` what
    the machines saw it use; either may be unknown, and so may the start. `basis` is that of the
    whole read, None for one looked at by itself; `partly` when its used cores leave out
    containers on nodes that were not read. Its times are the
    cluster's own clock's, never to be compared with ours. `killed_by` is the account, other than
    our own, that the cluster names as its killer; "" where it names none. `hidden` when the
    scheduler keeps the figures from us for want of a right; `tags` are comma-separated.
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
    used_cores: float | None = None
    used_memory: int | None = None
    containers: int | None = None
    finished_at: datetime | None = None
    diagnostics: str = ""
    killed_by: str = ""
    hidden: bool = False
    tags: str = ""
    basis: Basis | None = None
    partly: bool = False

    @property
    def cores(self) -> float | None:
        """Cores it is ranked and judged by, of the read's basis; None where they are not told."""
        return self.granted_cores if self.cores_basis is Basis.GRANTED else self.used_cores

    @property
    def memory(self) -> int | None:
        """Bytes in use: measured where known, else granted; None where neither is told."""
        if self.used_memory is not None:
            return self.used_memory
        return self.granted_memory

    @property
    def cores_basis(self) -> Basis:
        """Say where `cores` comes from."""
        return self.basis or (Basis.GRANTED if self.used_cores is None else Basis.MEASURED)

    def running_for(self, now: datetime) -> timedelta | None:
        """Return how long it has run, never negative; None where its start is not told."""
        return span(self.started_at, self.finished_at or now)


@dataclass(frozen=True, slots=True)
class RunningApplications:
    """One read of everything that runs or waits; `total_cores` and `total_memory` are the cluster's.

    `others` counts, by type, what else is there and is of a type that is not listed;
    `measurement` is None where nothing tells used cores.
    """

    taken_at: datetime
    applications: Sequence[Application]
    total_cores: float | None = None
    total_memory: int | None = None
    missing: tuple[Missing, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)
    measurement: Measurement | None = None

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


T = TypeVar("T")


class ApplicationSummary(NamedTuple):
    """What is known of every application before it is made; `cores` as `Application.cores`."""

    id: str
    state: ApplicationState
    cores: float | None


class Lazy(Sequence[T]):
    """Things by place; `make` gives the one at a place, which is kept from then on."""

    def __init__(self, count: int, make: Callable[[int], T]) -> None:
        self._places = range(count)
        self._make = make
        self._made: dict[int, T] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        """Return the one at an index, or those of a slice."""
        places = self._places[index]
        if isinstance(places, range):
            return tuple(self._at(place) for place in places)
        return self._at(places)

    def _at(self, place: int) -> T:
        found = self._made.get(place)
        if found is None:
            found = self._made[place] = self._make(place)
        return found


class LazyApplications(Lazy[Application]):
    """Applications made when they are looked at, and what is known of every one before."""

    def __init__(
        self, outlines: Sequence[ApplicationSummary], make: Callable[[int], Application]
    ) -> None:
        super().__init__(len(outlines), make)
        self.outlines = outlines


def outlines(applications: Sequence[Application]) -> Sequence[ApplicationSummary]:
    """Return the outlines by place; of a plain sequence they are read from its applications."""
    if isinstance(applications, LazyApplications):
        return applications.outlines
    return [ApplicationSummary(item.ref.id, item.state, item.cores) for item in applications]


def joined(parts: Iterable[Sequence[Application]]) -> Sequence[Application]:
    """Return the applications of several schedulers one after another; those of one as they are."""
    kept = [part for part in parts if part]
    return kept[0] if len(kept) == 1 else tuple(each for part in kept for each in part)
