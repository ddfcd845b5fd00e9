"""The configuration of every daemon of a real YARN on loopback, one folder a daemon.

No HDFS: the default file system is the machine's. Each NodeManager has an address of its own, as
a ResourceManager excludes hosts, not ports.
"""

import getpass
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.cluster import HOST

HOSTS = ("127.0.0.11", "127.0.0.12", "127.0.0.13")
ADMINISTRATOR = "bot"  # may see and kill everything
SICK_WORDS = "ERROR disk sdb: 41 reallocated sectors"
QUEUES = ("prod", "adhoc.science", "adhoc.team")
NODE_CORES, NODE_MB = 4, 4096
REALM = "LAB"
_LOG = """log4j.rootLogger=INFO, A
log4j.appender.A=org.apache.log4j.ConsoleAppender
log4j.appender.A.target=System.err
log4j.appender.A.layout=org.apache.log4j.PatternLayout
log4j.appender.A.layout.ConversionPattern=%d{ISO8601} %p %c: %m%n
"""
Pairs = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ManagerPorts:
    """Where one ResourceManager listens."""

    client: int
    scheduler: int
    tracker: int
    admin: int
    web: int


@dataclass(frozen=True, slots=True)
class NodePorts:
    """Where every NodeManager listens, each at an address of its own."""

    containers: int
    localizer: int
    web: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Folders, ports and how web callers prove who they are; `secret` is the folder of keytabs.

    `period` is how often a NodeManager measures its containers, in ms; -1, as it comes, is never.
    """

    folder: Path
    zookeeper: int
    managers: tuple[ManagerPorts, ManagerPorts]
    nodes: NodePorts
    secret: Path | None = None
    period: int = 2000

    @property
    def excluded(self) -> Path:
        """Return the file that lists the hosts taken out of service."""
        return self.folder / "excluded"

    def sick(self, node: int) -> Path:
        """Return the file whose presence makes a node's own health check fail."""
        return self.folder / f"node{node}" / "sick"

    def web(self, manager: int) -> str:
        """Return the address of a ResourceManager's web endpoints.

        By name behind Kerberos: a principal is of a host name.
        """
        host = "localhost" if self.secret else HOST
        return f"http://{host}:{self.managers[manager].web}"


def client_folder(layout: Layout) -> Path:
    """Write what a client such as spark-submit reads; return the folder."""
    return _written(layout, "client", _site(layout))


def zookeeper_folder(layout: Layout) -> Path:
    """Write ZooKeeper's, `zoo.cfg`, which keeps it on loopback; return the folder."""
    folder = _written(layout, "zookeeper", {})
    lines = {
        "tickTime": 2000,
        "dataDir": folder.parent / "data",
        "clientPort": layout.zookeeper,
        "clientPortAddress": HOST,
        "admin.enableServer": "false",  # would take port 8080 of every interface
    }
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    (folder / "zoo.cfg").write_text(text, encoding="utf-8")
    return folder


def manager_folder(layout: Layout, manager: int) -> Path:
    """Write a ResourceManager's; return the folder."""
    name = f"manager{manager}"
    return _written(layout, name, {**_site(layout), "yarn.resourcemanager.ha.id": f"rm{manager}"})


def node_folder(layout: Layout, node: int) -> Path:
    """Write a NodeManager's and its health check; return the folder."""
    own, host, ports = layout.folder / f"node{node}", HOSTS[node], layout.nodes
    own.mkdir(parents=True, exist_ok=True)
    check = own / "check.sh"
    check.write_text(f'#!/bin/sh\n[ -e "{layout.sick(node)}" ] && echo "{SICK_WORDS}"\nexit 0\n')
    check.chmod(0o755)
    pairs = {
        "yarn.nodemanager.hostname": host,
        "yarn.nodemanager.bind-host": host,
        "yarn.nodemanager.address": f"{host}:{ports.containers}",
        "yarn.nodemanager.localizer.address": f"{host}:{ports.localizer}",
        "yarn.nodemanager.webapp.address": f"{host}:{ports.web}",
        "yarn.nodemanager.resource.memory-mb": NODE_MB,
        "yarn.nodemanager.resource.cpu-vcores": NODE_CORES,
        "yarn.nodemanager.local-dirs": own / "local",
        "yarn.nodemanager.log-dirs": own / "logs",
        "yarn.nodemanager.container-metrics.period-ms": layout.period,
        "yarn.nodemanager.resource-monitor.interval-ms": 1000,
        "yarn.nodemanager.health-checker.interval-ms": 2000,
        "yarn.nodemanager.health-checker.scripts": "script",
        "yarn.nodemanager.health-checker.script.path": check,
        "yarn.nodemanager.health-checker.script.interval-ms": 2000,
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": 99,
        "yarn.nodemanager.vmem-check-enabled": "false",
        "yarn.nodemanager.env-whitelist": "JAVA_HOME,PATH",
    }
    return _written(layout, f"node{node}", {**_site(layout), **pairs})


def _written(layout: Layout, name: str, site: Pairs) -> Path:
    folder = layout.folder / name / "conf"
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "core-site.xml": _core(layout),
        "yarn-site.xml": site,
        "capacity-scheduler.xml": _queues(),
    }
    for file, pairs in files.items():
        (folder / file).write_text(_xml(pairs), encoding="utf-8")
    (folder / "log4j.properties").write_text(_LOG)
    return folder


def _xml(pairs: Pairs) -> str:
    rows = "".join(
        f"  <property><name>{name}</name><value>{value}</value></property>\n"
        for name, value in pairs.items()
    )
    return f'<?xml version="1.0"?>\n<configuration>\n{rows}</configuration>\n'


def _core(layout: Layout) -> Pairs:
    filtered = "org.apache.hadoop.security.AuthenticationFilterInitializer"
    web = "hadoop.http.authentication"
    who: dict[str, object] = {f"{web}.type": "simple", f"{web}.simple.anonymous.allowed": "true"}
    if layout.secret:
        # Only the web endpoints: a secure NodeManager's own calls would need a setuid program.
        who = {
            f"{web}.type": "kerberos",
            f"{web}.kerberos.principal": f"HTTP/localhost@{REALM}",
            f"{web}.kerberos.keytab": layout.secret / "http.keytab",
            f"{web}.signature.secret.file": layout.secret / "signature",
        }
    return {
        "fs.defaultFS": "file:///",
        "hadoop.tmp.dir": layout.folder / "tmp",
        "hadoop.http.filter.initializers": filtered,  # reads ?user.name=
        "hadoop.prometheus.endpoint.enabled": "true",
        # Those who submit need no account on this machine.
        "hadoop.security.group.mapping": "org.apache.hadoop.security.NullGroupsMapping",
        **who,
    }


def _site(layout: Layout) -> Pairs:
    rm = "yarn.resourcemanager"
    package = "org.apache.hadoop.yarn.server.resourcemanager"
    pairs: dict[str, object] = {
        "yarn.acl.enable": "true",
        "yarn.admin.acl": f"{getpass.getuser()},{ADMINISTRATOR}",
        f"{rm}.ha.enabled": "true",
        f"{rm}.cluster-id": "lab",
        f"{rm}.ha.rm-ids": "rm0,rm1",
        f"{rm}.recovery.enabled": "true",
        f"{rm}.store.class": f"{package}.recovery.ZKRMStateStore",
        "hadoop.zk.address": f"{HOST}:{layout.zookeeper}",
        f"{rm}.zk-address": f"{HOST}:{layout.zookeeper}",  # what the election of 3.5 asks for
        "hadoop.zk.timeout-ms": 4000,
        f"{rm}.scheduler.class": f"{package}.scheduler.capacity.CapacityScheduler",
        f"{rm}.nodes.exclude-path": layout.excluded,
        f"{rm}.bind-host": HOST,
        f"{rm}.nm.liveness-monitor.interval-ms": 1000,
        f"{rm}.nodemanagers.heartbeat-interval-ms": 500,
        # How long who lost a ResourceManager waits before the next try; by default it is 30 s.
        "yarn.client.failover-sleep-base-ms": 10000,
        "yarn.client.failover-sleep-max-ms": 10000,
        "yarn.nm.liveness-monitor.expiry-interval-ms": 10000,
        "yarn.scheduler.minimum-allocation-mb": 256,
    }
    for number, ports in enumerate(layout.managers):
        pairs |= {
            f"{rm}.hostname.rm{number}": HOST,
            f"{rm}.address.rm{number}": f"{HOST}:{ports.client}",
            f"{rm}.scheduler.address.rm{number}": f"{HOST}:{ports.scheduler}",
            f"{rm}.resource-tracker.address.rm{number}": f"{HOST}:{ports.tracker}",
            f"{rm}.admin.address.rm{number}": f"{HOST}:{ports.admin}",
            f"{rm}.webapp.address.rm{number}": layout.web(number).removeprefix("http://"),
        }
    return pairs


def _queues() -> Pairs:
    """Return the capacity scheduler's: nobody but administrators and owners sees or kills."""
    root = "yarn.scheduler.capacity.root"
    resources = "org.apache.hadoop.yarn.util.resource"
    pairs: dict[str, object] = {
        "yarn.scheduler.capacity.resource-calculator": f"{resources}.DominantResourceCalculator",
        "yarn.scheduler.capacity.maximum-am-resource-percent": 0.8,
        f"{root}.acl_administer_queue": " ",
        f"{root}.acl_submit_applications": "*",
        f"{root}.queues": "prod,adhoc",
        f"{root}.adhoc.queues": "science,team",
    }
    shares = {"prod": 60, "adhoc": 40, "adhoc.science": 50, "adhoc.team": 50}
    for queue, share in shares.items():
        pairs |= {
            f"{root}.{queue}.capacity": share,
            f"{root}.{queue}.maximum-capacity": 100,
        }
    for queue in QUEUES:
        pairs |= {
            f"{root}.{queue}.user-limit-factor": 10,
            f"{root}.{queue}.maximum-am-resource-percent": 0.8,
        }
    return pairs
