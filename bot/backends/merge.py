"""Puts the parts of one cluster together: measured figures win over granted ones."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.backends.usage import MachineUsage, SchedulerUsage
from bot.domain.applications import Basis
from bot.domain.cluster import ClusterMetrics, Gauge, NodeCounts, NodeUsage, Room
from bot.errors import FaultKind, Missing


def merged_metrics(
    cluster: str, taken_at: datetime, machines: MachineUsage, parts: Sequence[SchedulerUsage]
) -> ClusterMetrics:
    """Join the machines' figures with those of the schedulers."""
    nodes, strangers = _nodes(machines.nodes, [node for part in parts for node in part.nodes])
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
        nodes=nodes,
        node_counts=_counts(parts),
        queues=tuple(queue for part in parts for queue in part.queues),
        applications_running=_whole(part.running for part in parts),
        applications_waiting=_whole(part.waiting for part in parts),
        last_hour=machines.last_hour,
        room=_room(parts),
        missing=(
            *machines.missing,
            *(lack for part in parts for lack in part.missing),
            *strangers,
        ),
    )


def _cpu(machines: MachineUsage, parts: Sequence[SchedulerUsage]) -> Gauge | None:
    """Prefer Prometheus, then what YARN's nodes measure, then the share of cores granted."""
    if machines.cpu is not None:
        return Gauge(machines.cpu, partial=machines.cpu_partial)
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


def _counts(parts: Sequence[SchedulerUsage]) -> NodeCounts | None:
    known = [part.node_counts for part in parts if part.node_counts is not None]
    return sum(known[1:], known[0]) if known else None


def _nodes(
    measured: Sequence[NodeUsage], scheduled: Sequence[NodeUsage]
) -> tuple[tuple[NodeUsage, ...], tuple[Missing, ...]]:
    """Join nodes by name; a scheduler knows health, the machines know their use.

    The second value says so when both tell nodes and none has a counterpart.
    """
    whole = {name: at for at, node in enumerate(measured) for name in _names(node)}
    short = {name: at for at, name in _own_shorts(measured)}
    their_shorts = dict(_own_shorts(scheduled))
    joined, rest = list(measured), []
    met: set[int] = set()
    for at, node in enumerate(scheduled):
        place = next((whole[name] for name in _names(node) if name in whole), None)
        if place is None:
            place = short.get(their_shorts.get(at, ""))
        if place is None:
            rest.append(node)
            continue
        met.add(place)
        joined[place] = _with_cores(joined[place], node)
        if joined[place].healthy:  # of several managers on one machine the sick one tells
            joined[place] = replace(joined[place], state=node.state, reason=node.reason)
    if not measured:
        return tuple(rest), ()
    # With Prometheus, only the sick of those it does not know are news.
    every = (*joined, *(node for node in rest if not node.healthy))
    return every, () if met else _strangers(measured, rest)


def _with_cores(machine: NodeUsage, node: NodeUsage) -> NodeUsage:
    """Add a manager's cores: each of several on one machine sees all of it, and its own containers."""
    cores = [each for each in (machine.cores, node.cores) if each is not None]
    return replace(
        machine,
        cores=max(cores, default=None),
        container_cores=_total((machine.container_cores, node.container_cores)),
    )


def _strangers(
    measured: Sequence[NodeUsage], scheduled: Sequence[NodeUsage]
) -> tuple[Missing, ...]:
    if not scheduled:
        return ()
    detail = f"{measured[0].name} / {scheduled[0].name}"
    return (Missing("prometheus", FaultKind.UNMATCHED, detail, len(scheduled)),)


def _own_shorts(nodes: Sequence[NodeUsage]) -> list[tuple[int, str]]:
    """Return place and host without domain of each node; one that several share is nobody's."""
    found = [
        (at, name) for at, node in enumerate(nodes) for name in {_short(n) for n in _names(node)}
    ]
    shared = Counter(name for _, name in found)
    return [(at, name) for at, name in found if shared[name] == 1]


def _names(node: NodeUsage) -> tuple[str, ...]:
    return (node.name.casefold(), *(name.casefold() for name in sorted(node.names)))


def _short(name: str) -> str:
    """Return a host without its domain; an address stays whole."""
    return name if name.replace(".", "").isdecimal() or ":" in name else name.partition(".")[0]


def _total(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _whole(values: Iterable[int | None]) -> int | None:
    total = _total(values)
    return None if total is None else int(total)
