"""The PromQL asked of Prometheus, each query replaceable by a setting, and how answers are read."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.backends.shapes import application_in, mapping, moment, number, percent, rows, text
from bot.domain.cluster import NodeUsage, Window

LEAST_WINDOW_S = 60
INTERVALS = 4  # a rate needs two samples, and a scrape may be missed


@dataclass(frozen=True, slots=True)
class Dialect:
    """What every built-in query takes from the settings, and the queries that replace some.

    `selector` are label matchers put into each; `window` that of each rate, "auto" to have it
    follow the scrape interval; `node` is the label that names a machine.
    """

    selector: str = ""
    window: str = "auto"
    node: str = "instance"
    own: Mapping[str, str] = field(default_factory=dict)

    def on(self, names: Iterable[str]) -> "Dialect":
        """Return the built-in queries of some machines alone, by their names with or without port."""
        either = "|".join(re.escape(name) for name in sorted(names)).replace("\\", "\\\\")
        here = f'{self.node}=~"(?i:({either})(:[0-9]+)?)"'
        return replace(self, selector=",".join(filter(None, (self.own_selector, here))), own={})

    def cores_of(self, app_id: str, interval_s: float | None = None) -> str:
        """Return the query for the cores of one application, by containers or by processes."""
        window, some = self.rate_window(interval_s), app_id.partition("_")[2] or app_id
        burnt = self.of("namedprocess_namegroup_cpu_seconds_total", f'groupname="{app_id}"')
        per = f"groupname, {self.node}, mode"
        processes = f"sum(max by ({per}) (rate({burnt}[{window}])))"
        return f"sum({_containers(self, window, 'sum', some)}) or {processes}"

    def queries(self, interval_s: float | None = None) -> dict[str, str]:
        """Return the queries by name for scrapes so many seconds apart; None: that is not known."""
        return {**_built_in(self, self.rate_window(interval_s)), **self.own}

    def rate_window(self, interval_s: float | None = None) -> str:
        """Return the window of every built-in rate for scrapes so many seconds apart."""
        if self.window != "auto":
            return self.window
        seconds = max(LEAST_WINDOW_S, round(INTERVALS * (interval_s or 0)))
        return f"{seconds // 60}m" if seconds % 60 == 0 else f"{seconds}s"

    @property
    def own_selector(self) -> str:
        """The selector's matchers, without braces and commas around them."""
        return self.selector.strip(" {},")

    @property
    def interval(self) -> str:
        """The query for the seconds between two scrapes: the age of the oldest sample by their number."""
        one = self.of("node_cpu_seconds_total", 'mode="idle"', 'cpu="0"')
        oldest = f"min_over_time(timestamp({one})[10m:15s])"
        return f"quantile(0.5, (time() - {oldest}) / count_over_time({one}[10m]))"

    def of(self, metric: str, *matchers: str) -> str:
        """Return a metric with its matchers and the selector's."""
        every = ",".join(part for part in (*matchers, self.own_selector) if part)
        return f"{metric}{{{every}}}" if every else metric


def _built_in(dialect: Dialect, window: str) -> dict[str, str]:
    """Return what is asked of node_exporter, Hadoop's jmx exporter and process-exporter.

    Percentages are 0 to 100, network is bytes per second, memory bytes, CPU cores. The
    application queries give one series per application, whose id stands in any label value. Cores
    of containers are those of Hadoop's own /prom, of jmx_exporter or of cAdvisor.
    """
    of, node = dialect.of, dialect.node
    idle = of("node_cpu_seconds_total", 'mode="idle"')
    available, whole = of("node_memory_MemAvailable_bytes"), of("node_memory_MemTotal_bytes")
    disks = 'fstype!~"tmpfs|overlay"'
    free, size = of("node_filesystem_avail_bytes", disks), of("node_filesystem_size_bytes", disks)
    received, sent = (
        of(f"node_network_{way}_bytes_total", 'device!="lo"') for way in ("receive", "transmit")
    )
    groups = 'groupname=~"app(lication)?[-_].*"'
    burnt = of("namedprocess_namegroup_cpu_seconds_total", groups)
    resident = of("namedprocess_namegroup_memory_bytes", 'memtype="resident"', groups)
    used, capacity = (of(f"Hadoop_NameNode_Capacity{word}") for word in ("Used", "Total"))
    # What is scraped twice, by two jobs or two replicas, is counted once.
    return {
        "cpu": f"100 - avg(rate({idle}[{window}])) * 100",
        "cpu_by_node": f"100 - avg by ({node}) (rate({idle}[{window}])) * 100",
        "memory": f"100 * (1 - sum({available}) / sum({whole}))",
        "memory_by_node": f"100 * (1 - {available} / {whole})",
        "disk": f"100 * (1 - sum({free}) / sum({size}))",
        "hdfs": f"100 * sum({used}) / sum({capacity})",
        "network_in": f"sum(max by ({node}, device) (rate({received}[{window}])))",
        "network_out": f"sum(max by ({node}, device) (rate({sent}[{window}])))",
        "cores": f"count(count by ({node}, cpu) ({idle}))",
        "application_cpu": (
            f"sum by (groupname) (max by (groupname, {node}, mode) (rate({burnt}[{window}])))"
        ),
        "application_containers": _containers(dialect, window, "sum"),
        "application_container_count": _containers(dialect, window, "count"),
        "application_memory": f"sum by (groupname) (max by (groupname, {node}) ({resident}))",
        "last_scrape": f"max(timestamp({idle}))",
        "hostnames": of("node_uname_info"),
    }


def _containers(dialect: Dialect, window: str, together: str, some: str = "[0-9]+_[0-9]+") -> str:
    """Return YARN's containers summed or counted per application, by the first form that has it.

    `some` stands for the numbers of an application's id.

    NodeManagers hand a figure to one reader only, so a single scrape may hold no container: each
    is its mean over the window. An id may carry the epoch of a ResourceManager that took over.
    """
    hadoop = dialect.of(
        "", f'__name__=~"container_resource_container_.*{some}_.+_p_cpu_usage_percent_avg_percents"'
    )
    jmx = dialect.of(
        "",
        '__name__=~"(?i:hadoop_nodemanager_pcpuusagepercentavgpercents)"',
        f'name=~"ContainerResource_container_(e[0-9]+_)?{some}_.+"',
    )
    group = f'id=~".*/container_(e[0-9]+_)?{some}_[0-9]+_[0-9]+"'
    burnt = dialect.of("container_cpu_usage_seconds_total", group)
    forms = (
        (
            "containerresource",
            f"avg by (containerresource) (avg_over_time({hadoop}[{window}])) / 100",
        ),
        ("name", f"avg by (name) (avg_over_time({jmx}[{window}])) / 100"),
        ("id", f"sum by (id) (max by (id, cpu) (rate({burnt}[{window}])))"),
    )
    found = ".*container_(?:e[0-9]+_)?([0-9]+_[0-9]+)_[0-9]+_[0-9]+"
    return " or ".join(
        f'{together} by (app) (label_replace({cores}, "app", "application_$1", "{label}", "{found}"))'
        for label, cores in forms
    )


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
    found = data.get("result")
    told = [{"value": found}] if data.get("resultType") == "scalar" else rows(found)
    return tuple(Sample(mapping(row.get("metric")), *_pair(row.get("value"))) for row in told)


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
