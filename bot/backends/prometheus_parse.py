"""Answers of Prometheus' HTTP API into figures: NaN is no figure, a little below 0 is 0."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.backends.shapes import application_in, mapping, moment, number, percent, rows, text
from bot.domain.cluster import NodeUsage, Window

MOST_POINTS = 120
_PAIR = 2
_USUAL = (
    "instance",
    "node",
    "nodename",
    "host",
    "hostname",
    "kubernetes_node",
    "exported_instance",
)
_LEAST_CORES = -0.5  # extrapolation over a short window
_MOST_CORES = 1e6  # where nobody tells how many there are
_OVERSHOOT = 1.1  # the same


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of an instant answer: when, in seconds since the epoch, and how much.

    `value` is None for NaN and infinities, `at` for a sample without a time.
    """

    labels: Mapping[str, Any]
    at: float | None
    value: float | None


def samples(data: Mapping[str, Any]) -> tuple[Sample, ...]:
    """Return the samples of an instant answer: a vector, or a scalar as one sample."""
    if data.get("resultType") == "scalar":
        return (_sample({"value": data.get("result")}),)
    return tuple(_sample(row) for row in rows(data.get("result")))


def _sample(row: Mapping[str, Any]) -> Sample:
    at, value = _pair(row.get("value"))
    return Sample(mapping(row.get("metric")), at, value)


def _pair(pair: Any) -> tuple[float | None, float | None]:
    if not isinstance(pair, list) or len(pair) != _PAIR:
        return None, None
    return number(pair[0]), number(pair[1])


def only(found: Sequence[Sample]) -> float | None:
    """Return the value of the one sample there should be; None for none or several."""
    return found[0].value if len(found) == 1 else None


def by_application(
    found: Sequence[Sample], bound: Callable[[Any], float | None]
) -> dict[str, float]:
    """Return the sum per application id found in any label; series without an id are left out.

    One of whose series `bound` makes no figure has none: a part would pass for the whole.
    """
    total: defaultdict[str, float] = defaultdict(float)
    broken = set()
    for sample in found:
        for label in sample.labels.values():
            app_id = application_in(label) if isinstance(label, str) else None
            if app_id is not None:
                value = bound(sample.value)
                total[app_id] += value or 0.0
                broken |= {app_id} if value is None else set()
                break
    return {app_id: value for app_id, value in total.items() if app_id not in broken}


def cores(most: float | None) -> Callable[[Any], float | None]:
    """Return the bound of cores in use: not below 0 but by extrapolation, nor over what there is."""

    def bound(value: Any) -> float | None:
        found = number(value)
        if found is None or found < _LEAST_CORES or found > (most or _MOST_CORES) * _OVERSHOOT:
            return None
        return max(0.0, found)

    return bound


def instances(found: Sequence[Sample], label: str) -> list[str]:
    """Return what each series calls its machine: by the label, by usual ones, or by its only one."""
    names = []
    for sample in found:
        labels = {key: text(value) for key, value in sample.labels.items() if key != "__name__"}
        known = next((labels[key] for key in (label, *_USUAL) if labels.get(key)), "")
        names.append(known or (next(iter(labels.values())) if len(labels) == 1 else ""))
    return names


def by_node(found: Sequence[Sample], label: str = "instance") -> dict[str, float | None]:
    """Return percent per machine, named as its label has it."""
    return {
        name: percent(sample.value)
        for name, sample in zip(instances(found, label), found, strict=True)
        if name
    }


def host(instance: str) -> str:
    """Return an address without its port; an IPv6 address keeps its colons."""
    name, colon, port = instance.rpartition(":")
    return name.strip("[]") if colon and name and port.isdecimal() else instance


def node_usages(
    cpu: Sequence[Sample],
    memory: Sequence[Sample],
    called: Sequence[Sample] = (),
    label: str = "instance",
) -> tuple[NodeUsage, ...]:
    """Join CPU and memory per machine, in the order Prometheus gave them.

    `called` are node_exporter's own host names by instance. A port is left out of a name unless
    several machines stand behind one address.
    """
    cpus, memories = by_node(cpu, label), by_node(memory, label)
    hostnames = {
        text(sample.labels.get("instance")): text(sample.labels.get("nodename"))
        for sample in called
    }
    every = {**cpus, **memories}
    shared = Counter(host(name) for name in every)
    return tuple(
        NodeUsage(
            name if shared[host(name)] > 1 else host(name),
            cpu_percent=cpus.get(name),
            memory_percent=memories.get(name),
            names=frozenset({hostnames[name]} if hostnames.get(name) else ()),
        )
        for name in every
    )


def seconds(window: str) -> timedelta:
    """Return a PromQL window of whole units, e.g. `90s`, `5m`, as a span."""
    units = {"s": 1, "m": 60, "h": 3600}
    return timedelta(seconds=int(window[:-1]) * units[window[-1]])


def age(last_scrape: Sequence[Sample]) -> timedelta | None:
    """Return how old the newest scrape was when asked, both times by Prometheus' own clock."""
    value = number(only(last_scrape))
    if value is None or last_scrape[0].at is None:
        return None
    return timedelta(seconds=last_scrape[0].at - value)


def series(data: Mapping[str, Any]) -> list[tuple[datetime, float]]:
    """Return the cores of the one series of a range answer over time; none of several."""
    found = rows(data.get("result"))
    return _points(found, cores(None)) if len(found) == 1 else []


def _points(
    found: Sequence[Mapping[str, Any]], bound: Callable[[Any], float | None]
) -> list[tuple[datetime, float]]:
    """Return the first series of a range answer over time, without what `bound` makes none."""
    raw = found[0].get("values") if found else []
    pairs = [_pair(pair) for pair in raw] if isinstance(raw, list) else []
    return [
        (at, value)
        for seconds, told in pairs
        if (value := bound(told)) is not None and (at := moment((seconds or 0) * 1000)) is not None
    ]


def window(start: datetime, end: datetime, data: Mapping[str, Any]) -> Window | None:
    """Return CPU over time from a range answer of one series; None when it holds no sample.

    Raises ValueError for several series.
    """
    found = rows(data.get("result"))
    if len(found) > 1:
        raise ValueError(f"{len(found)} series where one is wanted")
    points = tuple(_points(found, percent))[-MOST_POINTS:]
    if not points:
        return None
    values = [value for _, value in points]
    mean = sum(values) / len(values)
    return Window(start, end, low=min(values), mean=mean, high=max(values), points=points)
