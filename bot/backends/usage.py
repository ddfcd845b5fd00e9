"""What one system tells of a cluster, or answers, before the parts of several are put together."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.applications import Application, KillAnswer, KillOutcome
from bot.domain.cluster import NodeCounts, NodeUsage, QueueUsage, Window
from bot.domain.core_usage import UsedCores
from bot.errors import Missing
from bot.ports import Left

SendRequest = Callable[[str, Left], Awaitable[KillAnswer]]  # the reason a cluster is told


@dataclass(frozen=True, slots=True)
class SchedulerList:
    """Everything a scheduler runs or lets wait, and the cores and bytes it has to give.

    `others` counts, by type, what runs or waits and is of a type that is not listed.
    """

    applications: Sequence[Application]
    cores_total: float | None = None
    memory_total: int | None = None
    missing: tuple[Missing, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SchedulerUsage:
    """One read of a scheduler; anything it did not tell is None or empty.

    Cores are the scheduler's own (vcores for YARN), memory is bytes, `cpu_percent` is what the
    nodes measured, and `missing` names the parts that could not be read. `settling` while the
    scheduler knows of no machine at all, as just after it took over.
    """

    cores_total: float | None = None
    cores_granted: float | None = None
    memory_total: int | None = None
    memory_granted: int | None = None
    cpu_percent: float | None = None
    nodes: tuple[NodeUsage, ...] = ()
    node_counts: NodeCounts | None = None
    queues: tuple[QueueUsage, ...] = ()
    running: int | None = None
    waiting: int | None = None
    settling: bool = False
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class MachineUsage:
    """What the machines do; a part that is None is unknown, and `missing` says why.

    `cpu_partial` when the server said that its CPU figure leaves some machines out.
    """

    cpu: float | None = None
    cpu_partial: bool = False
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
    """Cores used, None where nothing tells them, memory in bytes by id, and the cluster's cores."""

    used: UsedCores | None = None
    memory: Mapping[str, int] = field(default_factory=dict)
    cores_total: float | None = None
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class NodeManager:
    """One that runs containers: its web address, how many, and the cores they use together."""

    address: str
    containers: int
    cores: float = 0.0


def answer_at_once(outcome: KillOutcome, detail: str) -> SendRequest:
    """Return a kill that sends nothing, for its answer is known before."""

    async def send(_reason: str, _left: Left) -> KillAnswer:
        return KillAnswer(outcome, detail)

    return send
