"""The Prometheus queries the stand-in answers, each with the figure of the model behind it.

There is no PromQL engine here. `QUERIES` maps the text of a query, whitespace apart, to a
series of the model; the names are those of node_exporter, Hadoop's NameNode through the jmx
exporter, and process-exporter grouping processes by application id.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .model import PlatformModel

Labels = dict[str, str]
Sample = tuple[Labels, float]
Figure = Callable[[PlatformModel, float], list[Sample]]

RATE_LOOKBACK_S = 60.0  # a rate over [1m] is empty a minute after the last scrape
LOOKBACK_S = 300.0  # Prometheus' default for a plain selector
SCRAPE_S = 1.0
LINE_BYTES_PER_S = 10_000_000_000 / 8
KEPT_S = 15 * 86_400.0  # Prometheus' default retention; what is older is forgotten

# percent of all cores not idle
CPU_PERCENT = '100 - avg(rate(node_cpu_seconds_total{mode="idle"}[1m])) * 100'
# the same per machine, label instance
CPU_PERCENT_BY_NODE = (
    '100 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[1m])) * 100'
)
# percent of memory in use, all machines and per machine
MEMORY_PERCENT = "100 * (1 - sum(node_memory_MemAvailable_bytes) / sum(node_memory_MemTotal_bytes))"
MEMORY_PERCENT_BY_NODE = "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)"
# percent of local disks in use
DISK_PERCENT = (
    '100 * (1 - sum(node_filesystem_avail_bytes{fstype!~"tmpfs|overlay"})'
    ' / sum(node_filesystem_size_bytes{fstype!~"tmpfs|overlay"}))'
)
# bytes per second over all machines
NETWORK_IN = (
    'sum(max by (instance, device) (rate(node_network_receive_bytes_total{device!="lo"}[1m])))'
)
NETWORK_OUT = (
    'sum(max by (instance, device) (rate(node_network_transmit_bytes_total{device!="lo"}[1m])))'
)
# percent of HDFS in use
HDFS_PERCENT = "100 * sum(Hadoop_NameNode_CapacityUsed) / sum(Hadoop_NameNode_CapacityTotal)"
# cores of all machines
CORES = 'count(count by (instance, cpu) (node_cpu_seconds_total{mode="idle"}))'
# cores burnt and bytes resident per application; label groupname is the application id
APPLICATION_CORES = (
    "sum by (groupname) (max by (groupname, instance, mode) "
    "(rate(namedprocess_namegroup_cpu_seconds_total"
    '{groupname=~"app(lication)?[-_].*"}[1m])))'
)
APPLICATION_MEMORY = (
    "sum by (groupname) (max by (groupname, instance) (namedprocess_namegroup_memory_bytes"
    '{memtype="resident",groupname=~"app(lication)?[-_].*"}))'
)
# seconds since the epoch of the newest scrape
LAST_SCRAPE = 'max(timestamp(node_cpu_seconds_total{mode="idle"}))'
# each machine's own name; label nodename
HOSTNAMES = "node_uname_info"
# seconds between two scrapes
SCRAPE_INTERVAL = (
    "quantile(0.5, (time() - min_over_time(timestamp("
    'node_cpu_seconds_total{mode="idle",cpu="0"})[10m:15s]))'
    ' / count_over_time(node_cpu_seconds_total{mode="idle",cpu="0"}[10m]))'
)


@dataclass(frozen=True, slots=True)
class Query:
    """A figure and for how many seconds it outlives the last scrape."""

    figure: Figure
    lookback_s: float = RATE_LOOKBACK_S


def normalised(query: str) -> str:
    """Return a query without whitespace: two spellings of one query are one."""
    return "".join(query.split())


def _single(value: Callable[[PlatformModel, float], float]) -> Figure:
    return lambda model, at: [({}, value(model, at))]


def _by_node(values: Callable[[PlatformModel, float], Iterable[float]], **labels: str) -> Figure:
    return lambda model, at: [
        ({"instance": f"{model.host(node)}:9100", **labels}, value)
        for node, value in enumerate(values(model, at))
    ]


def _by_application(values: Callable[[PlatformModel, float], dict[str, float]]) -> Figure:
    return lambda model, at: [({"groupname": app}, of) for app, of in values(model, at).items()]


def _node_cpu(model: PlatformModel, at: float) -> list[float]:
    return [100 * used / model.nodes.vcores for used in model.usage(at).nodes]


def _node_memory(model: PlatformModel, at: float) -> list[float]:
    whole = model.nodes.memory_mb * 2**20
    return [100 * used / whole for used in model.memory_per_node(at)]


def _memory(model: PlatformModel, at: float) -> float:
    return sum(_node_memory(model, at)) / model.nodes.count


def _disk(model: PlatformModel, at: float) -> float:
    return min(99.0, max(5.0, 58.0 + 0.4 * (at - model.epoch) / 3600))


def _network(factor: float) -> Figure:
    """Shuffles follow the CPU: a share of the line rate, and a little of its own motion."""

    def bytes_per_s(model: PlatformModel, at: float) -> float:
        line = model.nodes.count * LINE_BYTES_PER_S
        own = 1 + 0.08 * math.sin(at / 37.0 + factor)
        return line * factor * own * model.cpu_percent(at) / 100

    return _single(bytes_per_s)


def _hdfs(model: PlatformModel, at: float) -> float:
    return min(100.0, max(0.0, 68.0 + 0.3 * (at - model.epoch) / 3600))


def _application_memory(model: PlatformModel, at: float) -> dict[str, float]:
    granted = {row.id: row.granted(at)[1] for row in model.applications(at)}
    return {app: 0.8 * memory * 2**20 for app, memory in granted.items() if memory}


def _hostnames(model: PlatformModel, at: float) -> list[Sample]:
    rows = _by_node(lambda model, _at: [1.0] * model.nodes.count)(model, at)
    return [(each | {"nodename": model.host(n)}, one) for n, (each, one) in enumerate(rows)]


QUERIES: dict[str, Query] = {
    normalised(text): query
    for text, query in {
        CPU_PERCENT: Query(_single(PlatformModel.cpu_percent)),
        CPU_PERCENT_BY_NODE: Query(_by_node(_node_cpu)),
        MEMORY_PERCENT: Query(_single(_memory), LOOKBACK_S),
        MEMORY_PERCENT_BY_NODE: Query(_by_node(_node_memory, job="node"), LOOKBACK_S),
        DISK_PERCENT: Query(_single(_disk), LOOKBACK_S),
        NETWORK_IN: Query(_network(0.31)),
        NETWORK_OUT: Query(_network(0.27)),
        HDFS_PERCENT: Query(_single(_hdfs), LOOKBACK_S),
        CORES: Query(_single(lambda model, _at: float(model.total_cores)), LOOKBACK_S),
        APPLICATION_CORES: Query(_by_application(lambda model, at: model.usage(at).applications)),
        APPLICATION_MEMORY: Query(_by_application(_application_memory), LOOKBACK_S),
        LAST_SCRAPE: Query(_single(lambda _model, at: at), LOOKBACK_S),
        HOSTNAMES: Query(_hostnames, LOOKBACK_S),
        SCRAPE_INTERVAL: Query(_single(lambda _model, _at: SCRAPE_S)),
    }.items()
}


def evaluate(query: Query, model: PlatformModel, at: float, scraped_until: float) -> list[Sample]:
    """Return the samples of a moment: those of the newest scrape, empty when it is too old."""
    scrape = math.floor(min(at, scraped_until) / SCRAPE_S) * SCRAPE_S
    return [] if at - scrape > query.lookback_s else query.figure(model, scrape)
