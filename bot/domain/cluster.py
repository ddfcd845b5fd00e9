"""What a cluster's machines are doing at one time, and over a window of time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.applications import Basis
from bot.domain.standing_alerts import AlertBoard
from bot.errors import Missing


@dataclass(frozen=True, slots=True)
class Gauge:
    """A percentage, 0 to 100, and whether it was measured or is only what was granted."""

    percent: float
    basis: Basis = Basis.MEASURED


@dataclass(frozen=True, slots=True)
class NodeUsage:
    """One machine: percentages 0 to 100, None where unknown."""

    name: str
    cpu_percent: float | None = None
    memory_percent: float | None = None
    healthy: bool = True


def host_names(name: str) -> frozenset[str]:
    """Return what people call a machine: its whole name and the part before the first dot."""
    folded = name.casefold()
    return frozenset({folded, folded.partition(".")[0]})


@dataclass(frozen=True, slots=True)
class QueueUsage:
    """One scheduler queue: percentages of the cluster; used may exceed capacity up to maximum."""

    name: str
    used_percent: float
    capacity_percent: float
    max_percent: float
    running: int = 0
    pending: int = 0

    @property
    def over_capacity(self) -> bool:
        """Whether it uses more than it is guaranteed, by figures as people read them."""
        return round(self.used_percent) > round(self.capacity_percent)


@dataclass(frozen=True, slots=True)
class Window:
    """CPU over a stretch of time, percent of all cores: lowest, mean, highest, and the points.

    `points` are (time, percent) in time order, at most 120 of them.
    """

    start: datetime
    end: datetime
    low: float
    mean: float
    high: float
    points: tuple[tuple[datetime, float], ...] = ()


@dataclass(frozen=True, slots=True)
class PastUsage:
    """What was measured around an earlier time; a part nobody measured is None or empty.

    `cpu` spans a few minutes on both sides of `at`; `cores` are those used by each application
    id at `at`. `missing` says what could not be read.
    """

    at: datetime
    cpu: Window | None = None
    memory_percent: float | None = None
    nodes: tuple[NodeUsage, ...] = ()
    cores: Mapping[str, float] = field(default_factory=dict)
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """What the schedulers have to give and have not given yet: cores, and memory in bytes."""

    cores_total: float | None = None
    cores_free: float | None = None
    memory_total: int | None = None
    memory_free: int | None = None


@dataclass(frozen=True, slots=True)
class ClusterMetrics:
    """Everything known of one cluster at `taken_at`; each part may be unknown, and then says why.

    Network figures are bytes per second over all nodes. `last_hour` is absent where no history
    is kept, `alerts` where no Alertmanager is asked, `room` where no scheduler tells. `missing` names each part that could not be
    read.
    """

    cluster: str
    taken_at: datetime
    cpu: Gauge | None = None
    memory: Gauge | None = None
    disk_percent: float | None = None
    hdfs_percent: float | None = None
    network_in: float | None = None
    network_out: float | None = None
    cores_total: float | None = None
    nodes: tuple[NodeUsage, ...] = ()
    nodes_lost: int | None = None
    queues: tuple[QueueUsage, ...] = ()
    applications_running: int | None = None
    applications_waiting: int | None = None
    last_hour: Window | None = None
    alerts: AlertBoard | None = None
    room: Room | None = None
    missing: tuple[Missing, ...] = ()
