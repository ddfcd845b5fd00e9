"""The PromQL asked of Prometheus; every query can be replaced by a setting."""

from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Queries:
    """The PromQL asked; defaults are for node_exporter, Hadoop's jmx exporter, process-exporter.

    Percentages are 0 to 100, network is bytes per second, memory bytes, CPU cores. The two
    application queries give one series per application, whose id stands in any label value.
    """

    cpu: str = '100 - avg(rate(node_cpu_seconds_total{mode="idle"}[1m])) * 100'
    cpu_by_node: str = (
        '100 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[1m])) * 100'
    )
    memory: str = (
        "100 * (1 - sum(node_memory_MemAvailable_bytes) / sum(node_memory_MemTotal_bytes))"
    )
    memory_by_node: str = "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)"
    disk: str = (
        '100 * (1 - sum(node_filesystem_avail_bytes{fstype!~"tmpfs|overlay"})'
        ' / sum(node_filesystem_size_bytes{fstype!~"tmpfs|overlay"}))'
    )
    hdfs: str = "100 * sum(Hadoop_NameNode_CapacityUsed) / sum(Hadoop_NameNode_CapacityTotal)"
    network_in: str = 'sum(rate(node_network_receive_bytes_total{device!="lo"}[1m]))'
    network_out: str = 'sum(rate(node_network_transmit_bytes_total{device!="lo"}[1m]))'
    cores: str = 'count(node_cpu_seconds_total{mode="idle"})'
    application_cpu: str = (
        "sum by (groupname) (rate(namedprocess_namegroup_cpu_seconds_total"
        '{groupname=~"app(lication)?[-_].*"}[1m]))'
    )
    application_memory: str = (
        "sum by (groupname) (namedprocess_namegroup_memory_bytes"
        '{memtype="resident",groupname=~"app(lication)?[-_].*"})'
    )
    last_scrape: str = 'max(timestamp(node_cpu_seconds_total{mode="idle"}))'

    @classmethod
    def overridden(cls, given: Mapping[str, str | None]) -> "Queries":
        """Return the defaults with those given and not None in their place."""
        names = {each.name for each in fields(cls)}
        return cls(**{name: text for name, text in given.items() if name in names and text})
