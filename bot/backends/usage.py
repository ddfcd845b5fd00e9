"""What one system tells of a cluster, before the parts of several are put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.applications import Application
from bot.domain.cluster import NodeUsage, QueueUsage, Window
from bot.errors import Missing


@dataclass(frozen=True, slots=True)
class SchedulerList:
    """Everything a scheduler runs or lets wait, and the cores and bytes it has to give."""

    applications: Sequence[Application]
    cores_total: float | None = None
    memory_total: int | None = None
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class SchedulerUsage:
    """One read of a scheduler; anything it did not tell is None or empty.

    Cores are the scheduler's own (vcores for YARN), memory is bytes, `cpu_percent` is what the
    nodes measured, and `missing` names the parts that could not be read.
    """

    cores_total: float | None = None
    cores_granted: float | None = None
    memory_total: int | None = None
    memory_granted: int | None = None
    cpu_percent: float | None = None
    nodes: tuple[NodeUsage, ...] = ()
    nodes_lost: int | None = None
    queues: tuple[QueueUsage, ...] = ()
    running: int | None = None
    waiting: int | None = None
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class MachineUsage:
    """What the machines do; a part that is None is unknown, and `missing` says why."""

    cpu: float | None = None
    memory: float | None = None
    disk: float | None = None
    hdfs: float | None = None
    network_in: float | None = None
    network_out: float | None = None
    cores: float | None = None
    nodes: tuple[NodeUsage, ...] = ()
    last_hour: Window | None = None
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplicationUsage:
    """CPU in cores and memory in bytes by application id, and the cluster's cores."""

    cores: Mapping[str, float] = field(default_factory=dict)
    memory: Mapping[str, int] = field(default_factory=dict)
    cores_total: float | None = None
    missing: tuple[Missing, ...] = ()
