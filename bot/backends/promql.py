"""The PromQL asked of Prometheus; every query can be replaced by a setting."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

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
        return self.window if self.window != "auto" else _window(interval_s)

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


def _window(interval_s: float | None) -> str:
    seconds = max(LEAST_WINDOW_S, round(INTERVALS * (interval_s or 0)))
    return f"{seconds // 60}m" if seconds % 60 == 0 else f"{seconds}s"


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
