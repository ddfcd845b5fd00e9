"""Answers of Prometheus' HTTP API into figures: NaN is no figure, a little below 0 is 0."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.backends.identifiers import application_in
from bot.backends.shapes import amount, mapping, moment, number, percent, rows, text
from bot.domain.cluster import NodeUsage, Window

MOST_POINTS = 120
_PAIR = 2


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


def by_application(found: Sequence[Sample]) -> dict[str, float]:
    """Return the sum per application id found in any label; series without an id are left out."""
    total: defaultdict[str, float] = defaultdict(float)
    for sample in found:
        if sample.value is None:
            continue
        for label in sample.labels.values():
            app_id = application_in(label) if isinstance(label, str) else None
            if app_id is not None:
                total[app_id] += max(0.0, sample.value)
                break
    return dict(total)


def by_node(found: Sequence[Sample]) -> dict[str, float | None]:
    """Return percent per machine, named by the label `instance` without its port."""
    return {
        name: percent(sample.value)
        for sample in found
        if (name := host(text(sample.labels.get("instance")) or text(sample.labels.get("node"))))
    }


def host(instance: str) -> str:
    """Return an address without its port; an IPv6 address keeps its colons."""
    name, colon, port = instance.rpartition(":")
    return name.strip("[]") if colon and port.isdecimal() else instance


def node_usages(cpu: Sequence[Sample], memory: Sequence[Sample]) -> tuple[NodeUsage, ...]:
    """Join CPU and memory per machine, in the order Prometheus gave them."""
    cpus, memories = by_node(cpu), by_node(memory)
    return tuple(
        NodeUsage(name, cpu_percent=cpus.get(name), memory_percent=memories.get(name))
        for name in {**cpus, **memories}
    )


def age(last_scrape: Sequence[Sample]) -> timedelta | None:
    """Return how old the newest scrape was when asked, both times by Prometheus' own clock."""
    value = amount(only(last_scrape))
    if value is None or last_scrape[0].at is None:
        return None
    return timedelta(seconds=last_scrape[0].at - value)


def window(start: datetime, end: datetime, data: Mapping[str, Any]) -> Window | None:
    """Return CPU over time from a range answer of one series; None when it holds no sample.

    Raises ValueError for several series.
    """
    series = rows(data.get("result"))
    if len(series) > 1:
        raise ValueError(f"{len(series)} series where one is wanted")
    raw = series[0].get("values") if series else []
    pairs = [_pair(pair) for pair in raw] if isinstance(raw, list) else []
    points = tuple(
        (at, min(100.0, max(0.0, value)))
        for seconds, value in pairs
        if value is not None and (at := moment((seconds or 0) * 1000)) is not None
    )[-MOST_POINTS:]
    if not points:
        return None
    values = [value for _, value in points]
    mean = sum(values) / len(values)
    return Window(start, end, low=min(values), mean=mean, high=max(values), points=points)
