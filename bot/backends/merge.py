"""Puts the parts of one cluster together: measured figures win over granted ones."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.backends.usage import MachineUsage, SchedulerUsage
from bot.domain.applications import Basis
from bot.domain.cluster import ClusterMetrics, Gauge, NodeUsage, Room


def merged_metrics(
    cluster: str, taken_at: datetime, machines: MachineUsage, parts: Sequence[SchedulerUsage]
) -> ClusterMetrics:
    """Join the machines' figures with those of the schedulers."""
    return ClusterMetrics(
        cluster=cluster,
        taken_at=taken_at,
        cpu=_cpu(machines, parts),
        memory=_memory(machines, parts),
        disk_percent=machines.disk,
        hdfs_percent=machines.hdfs,
        network_in=machines.network_in,
        network_out=machines.network_out,
        cores_total=machines.cores or _total(part.cores_total for part in parts),
        nodes=_nodes(machines.nodes, [node for part in parts for node in part.nodes]),
        nodes_lost=_whole(part.nodes_lost for part in parts),
        queues=tuple(queue for part in parts for queue in part.queues),
        applications_running=_whole(part.running for part in parts),
        applications_waiting=_whole(part.waiting for part in parts),
        last_hour=machines.last_hour,
        room=_room(parts),
        missing=(*machines.missing, *(lack for part in parts for lack in part.missing)),
    )


def _cpu(machines: MachineUsage, parts: Sequence[SchedulerUsage]) -> Gauge | None:
    """Prefer Prometheus, then what YARN's nodes measure, then the share of cores granted."""
    if machines.cpu is not None:
        return Gauge(machines.cpu)
    measured = [part.cpu_percent for part in parts if part.cpu_percent is not None]
    if len(measured) == 1 and len(parts) == 1:
        return Gauge(measured[0])
    return _granted(
        _total(part.cores_granted for part in parts), _total(part.cores_total for part in parts)
    )


def _memory(machines: MachineUsage, parts: Sequence[SchedulerUsage]) -> Gauge | None:
    if machines.memory is not None:
        return Gauge(machines.memory)
    return _granted(
        _total(part.memory_granted for part in parts), _total(part.memory_total for part in parts)
    )


def _granted(granted: float | None, whole: float | None) -> Gauge | None:
    if granted is None or not whole:
        return None
    return Gauge(min(100.0, 100 * granted / whole), Basis.GRANTED)


def _room(parts: Sequence[SchedulerUsage]) -> Room | None:
    """Return what is not granted; free is unknown unless every scheduler tells both figures."""
    if not parts:
        return None
    cores = [(part.cores_total, part.cores_granted) for part in parts]
    memory = [(part.memory_total, part.memory_granted) for part in parts]
    return Room(
        _total(whole for whole, _ in cores),
        _free(cores),
        _whole(whole for whole, _ in memory),
        None if (free := _free(memory)) is None else int(free),
    )


def _free(pairs: Sequence[tuple[float | None, float | None]]) -> float | None:
    known = [
        (whole, granted) for whole, granted in pairs if whole is not None and granted is not None
    ]
    if len(known) < len(pairs):
        return None
    return sum(max(0.0, whole - granted) for whole, granted in known)


def _nodes(measured: Sequence[NodeUsage], scheduled: Sequence[NodeUsage]) -> tuple[NodeUsage, ...]:
    """Join nodes by host name; a scheduler knows health, the machines know their use."""
    known = {_short(node.name): node for node in scheduled}
    joined = [
        replace(node, healthy=other.healthy)
        if (other := known.pop(_short(node.name), None)) is not None
        else node
        for node in measured
    ]
    # Without Prometheus the scheduler's nodes are all there is; with it, only the sick are news.
    rest = [node for node in known.values() if not measured or not node.healthy]
    return (*joined, *rest)


def _short(name: str) -> str:
    """Return a host without its domain, so that both spellings meet; an address stays whole."""
    return name if name.replace(".", "").isdecimal() else name.partition(".")[0].lower()


def _total(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _whole(values: Iterable[int | None]) -> int | None:
    total = _total(values)
    return None if total is None else int(total)
