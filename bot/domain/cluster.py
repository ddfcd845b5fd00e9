"""What a cluster's machines are doing at one time, and over a window of time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from bot.domain.alerts import AlertBoard
from bot.domain.applications import Basis
from bot.errors import Missing

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Gauge:
    """A percentage, 0 to 100, and whether it was measured or is only what was granted.

    `partial` when whoever told it said that machines are left out: shown, and never judged by.
    """

    percent: float
    basis: Basis = Basis.MEASURED
    partial: bool = False


class NodeState(StrEnum):
    """What a scheduler says of one of its machines; those retired on purpose are not members."""

    RUNNING = "running"
    UNHEALTHY = "unhealthy"  # it answers, and gets no work: a full disk, a failed health check
    LOST = "lost"  # it answers no more
    REBOOTED = "rebooted"  # it answered, and was sent away to register anew
    DRAINING = "draining"  # being retired: it finishes what it has
    UNKNOWN = "unknown"  # a state of no known meaning

    @property
    def faulty(self) -> bool:
        """Whether a machine that should work does not."""
        return self in {NodeState.UNHEALTHY, NodeState.LOST, NodeState.REBOOTED}


@dataclass(frozen=True, slots=True)
class NodeUsage:
    """One machine: percentages 0 to 100, None where unknown; `reason` is what it says is wrong.

    `names` are further names the same machine goes by. `cores` are those in use, `container_cores`
    the part of them that the scheduler's containers use.
    """

    name: str
    cpu_percent: float | None = None
    memory_percent: float | None = None
    state: NodeState = NodeState.RUNNING
    reason: str = ""
    names: frozenset[str] = frozenset()
    cores: float | None = None
    container_cores: float | None = None

    @property
    def healthy(self) -> bool:
        """Whether it can be given work."""
        return not self.state.faulty


@dataclass(frozen=True, slots=True)
class NodeCounts:
    """How many machines a scheduler has, all members together, and how many in each state."""

    members: int
    unhealthy: int = 0
    lost: int = 0
    rebooted: int = 0
    draining: int = 0
    unknown: int = 0

    @property
    def faulty(self) -> int:
        """How many should work and do not."""
        return self.unhealthy + self.lost + self.rebooted

    def __add__(self, other: "NodeCounts") -> "NodeCounts":
        """Return the counts of both schedulers' machines together."""
        return NodeCounts(
            *(getattr(self, each.name) + getattr(other, each.name) for each in fields(NodeCounts))
        )


def counted(nodes: Sequence[NodeUsage]) -> NodeCounts:
    """Return how many machines there are and in which states."""
    states = [node.state for node in nodes]
    return NodeCounts(
        members=len(states),
        unhealthy=states.count(NodeState.UNHEALTHY),
        lost=states.count(NodeState.LOST),
        rebooted=states.count(NodeState.REBOOTED),
        draining=states.count(NodeState.DRAINING),
        unknown=states.count(NodeState.UNKNOWN),
    )


def short_name(name: str) -> str:
    """Return a host without its domain; an address stays whole."""
    return name if name.replace(".", "").isdecimal() or ":" in name else name.partition(".")[0]


def host_names(name: str) -> frozenset[str]:
    """Return what people call a machine: its whole name and the part before the first dot."""
    folded = name.casefold()
    return frozenset({folded, short_name(folded)})


def all_names(nodes: Iterable[NodeUsage]) -> frozenset[str]:
    """Return every name these machines go by, whole and short, in lower case."""
    return frozenset(
        known for node in nodes for name in (node.name, *node.names) for known in host_names(name)
    )


@dataclass(frozen=True, slots=True)
class QueueUsage:
    """One scheduler queue, named by its path: percentages of the cluster, None where not told.

    Used may exceed capacity up to maximum.
    """

    name: str
    used_percent: float | None
    capacity_percent: float | None
    max_percent: float | None
    running: int | None = None
    pending: int | None = None

    @property
    def over_capacity(self) -> bool:
        """Whether it uses more than it is guaranteed, by figures as people read them."""
        if self.used_percent is None or self.capacity_percent is None:
            return False
        return round(self.used_percent) > round(self.capacity_percent)

    def holds(self, queue: str) -> bool:
        """Tell whether an application's queue is this one; older schedulers tell the leaf alone."""
        return queue in {self.name, self.name.rpartition(".")[2]}


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
class Reading(Generic[T]):
    """What one question of a cluster got: a value, which may be none, or why there is no answer."""

    value: T | None = None
    missing: Missing | None = None


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
    node_counts: NodeCounts | None = None
    queues: tuple[QueueUsage, ...] = ()
    applications_running: int | None = None
    applications_waiting: int | None = None
    last_hour: Window | None = None
    alerts: AlertBoard | None = None
    room: Room | None = None
    missing: tuple[Missing, ...] = ()

    @property
    def nodes_faulty(self) -> int | None:
        """How many machines should work and do not; None where no scheduler tells."""
        counts = self.node_counts
        if counts is None or (counts.unknown and not counts.faulty):
            return None
        return counts.faulty

    def cpu_of(self, nodes: Sequence[NodeUsage]) -> float | None:
        """Return CPU in percent of the hottest of these nodes, of the cluster where none tells it.

        None where the cluster's leaves machines out: by that nothing is judged.
        """
        known = [node.cpu_percent for node in nodes if node.cpu_percent is not None]
        if known:
            return max(known)
        return None if self.cpu is None or self.cpu.partial else self.cpu.percent
