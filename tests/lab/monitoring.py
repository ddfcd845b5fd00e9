"""Prometheus, its exporters and Alertmanager on loopback, with windows short enough for a test."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.lab.cluster import HOST
from tests.lab.expectations import until
from tests.lab.machine import ROOT, UNPACKED, Machine
from tests.lab.processes import Processes

CLUSTER = "lab"
ALERT = "ClusterHighCPU"
BOT_JOB = "dangjik"  # as the rules we ship name it
THRESHOLD = 30  # percent; low, as the CPU may be shared with others
WINDOW = "5s"
START_S = 60.0
SHIPPED_RULES = ROOT / "deploy" / "prometheus" / "dangjik-rules.yaml"
CPU = f'100 - avg(rate(node_cpu_seconds_total{{mode="idle"}}[{WINDOW}])) * 100'
QUERIES = {
    "PROMETHEUS_QUERY_CPU": CPU,
    "PROMETHEUS_QUERY_CPU_BY_NODE": CPU.replace("avg(", "avg by (instance) ("),
    "PROMETHEUS_QUERY_APPLICATION_CPU": (
        f"sum by (groupname) (rate(namedprocess_namegroup_cpu_seconds_total[{WINDOW}]))"
    ),
}
_SUMMARY = {
    "ko": '클러스터 CPU 사용률 {{ printf "%.1f" $value }}%',
    "en": 'Cluster CPU is {{ printf "%.1f" $value }}%',
}


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each of them listens, and where the bot tells of itself.

    node_exporter listens on each of `hosts`, as if each were a machine.
    """

    prometheus: int
    alertmanager: int
    nodes: int
    processes: int
    bot: int
    hosts: Sequence[str] = (HOST,)


class Monitoring:
    """The whole stack; `url` is Prometheus' address, `alertmanager_url` Alertmanager's."""

    def __init__(self, machine: Machine, processes: Processes, folder: Path, ports: Ports) -> None:
        self._machine = machine
        self._processes = processes
        self._folder = folder
        self.ports = ports
        # The unpacked Alertmanager finds its templates below the folder it runs in.
        self._below = UNPACKED / "usr" if UNPACKED.exists() else folder
        self.url = f"http://{HOST}:{ports.prometheus}"
        self.alertmanager_url = f"http://{HOST}:{ports.alertmanager}"

    @property
    def settings(self) -> Mapping[str, str]:
        """Return the bot's settings for it."""
        return {
            "PROMETHEUS_URL": self.url,
            "ALERTMANAGER_URL": self.alertmanager_url,
            "HEALTH_PORT": str(self.ports.bot),
            **QUERIES,
        }

    async def start(self, client: httpx.AsyncClient, webhook: str, proc: Path) -> None:
        """Start everything, alerts going to `webhook`; `proc` is what node_exporter reads.

        Raises LabError.
        """
        self._folder.mkdir(parents=True)
        self._write_all(webhook)
        ready = {}
        for name, (arguments, address) in self._commands(proc).items():
            command: list[str | Path] = [self._machine.programs[name], *arguments]
            await self._processes.start(name, command, {}, folder=self._below)
            ready[name] = f"http://{address}"
        await asyncio.gather(*(self._ready(client, *each) for each in ready.items()))

    async def query(self, client: httpx.AsyncClient, promql: str) -> list[dict[str, Any]]:
        """Return an instant query's series."""
        reply = await client.get(f"{self.url}/api/v1/query", params={"query": promql})
        found: list[dict[str, Any]] = reply.json()["data"]["result"]
        return found

    async def rules(self, client: httpx.AsyncClient) -> list[dict[str, Any]]:
        """Return every rule loaded, with its health and state."""
        groups = (await client.get(f"{self.url}/api/v1/rules")).json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    async def cpu(self, client: httpx.AsyncClient) -> float | None:
        """Return the cluster's CPU in percent; None where there is no sample yet."""
        found = await self.query(client, CPU)
        return float(found[0]["value"][1]) if found else None

    async def alerts(self, client: httpx.AsyncClient) -> list[dict[str, Any]]:
        """Return the cluster's alerts, pending or firing, of Prometheus and Alertmanager."""
        told = (await client.get(f"{self.url}/api/v1/alerts")).json()["data"]["alerts"]
        kept = (await client.get(f"{self.alertmanager_url}/api/v2/alerts")).json()
        return [each for each in (*told, *kept) if each["labels"]["alertname"] == ALERT]

    async def speak(self, client: httpx.AsyncClient, language: str) -> None:
        """Write the alert in a language from now on."""
        self._write("rules.yml", _rules(_SUMMARY[language]))
        (await client.post(f"{self.url}/-/reload")).raise_for_status()

    async def _ready(self, client: httpx.AsyncClient, name: str, address: str) -> None:
        async def answers() -> bool:
            self._processes.check(name)
            return (await client.get(address)).is_success

        await until(f"{name} is ready", answers, START_S)

    def _commands(self, proc: Path) -> dict[str, tuple[list[str], str]]:
        """Return arguments and the address that tells of readiness by Debian package."""
        ports, here = self.ports, self._folder
        collectors = ("cpu", "meminfo", "loadavg", "filesystem", "netdev")
        return {
            "prometheus": (
                [
                    f"--config.file={here / 'prometheus.yml'}",
                    f"--storage.tsdb.path={here / 'series'}",
                    f"--web.listen-address={HOST}:{ports.prometheus}",
                    "--web.enable-lifecycle",
                ],
                f"{HOST}:{ports.prometheus}/-/ready",
            ),
            "prometheus-alertmanager": (
                [
                    f"--config.file={here / 'alertmanager.yml'}",
                    f"--storage.path={here / 'alerts'}",
                    f"--web.listen-address={HOST}:{ports.alertmanager}",
                    "--cluster.listen-address=",  # would open 0.0.0.0:9094
                ],
                f"{HOST}:{ports.alertmanager}/-/ready",
            ),
            "prometheus-node-exporter": (
                [
                    *(f"--web.listen-address={host}:{ports.nodes}" for host in ports.hosts),
                    f"--path.procfs={proc}",
                    "--collector.disable-defaults",
                    *(f"--collector.{name}" for name in collectors),
                ],
                f"{ports.hosts[0]}:{ports.nodes}/metrics",
            ),
            "prometheus-process-exporter": (
                [
                    "-config.path",
                    str(here / "processes.yml"),
                    "-web.listen-address",
                    f"{HOST}:{ports.processes}",
                    "-threads=false",
                    "-gather-smaps=false",
                ],
                f"{HOST}:{ports.processes}/metrics",
            ),
        }

    def _write_all(self, webhook: str) -> None:
        ports = self.ports
        targets = {
            "node": _targets(ports.nodes, ports.hosts),
            "process": _targets(ports.processes),
            BOT_JOB: _targets(ports.bot),
        }
        self._write(
            "prometheus.yml",
            {
                "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                "rule_files": ["rules.yml", str(SHIPPED_RULES)],
                "alerting": {"alertmanagers": [_targets(ports.alertmanager)]},
                "scrape_configs": [{"job_name": name, **where} for name, where in targets.items()],
            },
        )
        self._write("rules.yml", _rules(_SUMMARY["ko"]))
        self._write("alertmanager.yml", _routes(webhook))
        # As docs/clusters.md tells people to; an executor's Python workers count with it.
        pattern = r"(?P<app>app-\d{14}-\d{4,}|application_\d{10,}_\d{4,})"
        group = {"name": "{{.Matches.app}}", "cmdline": [pattern]}
        self._write("processes.yml", {"process_names": [group]})

    def _write(self, name: str, content: Any) -> None:
        text = json.dumps(content, ensure_ascii=False, indent=1)  # which is YAML, too
        (self._folder / name).write_text(text, encoding="utf-8")


def _targets(port: int, hosts: Sequence[str] = (HOST,)) -> dict[str, Any]:
    return {"static_configs": [{"targets": [f"{host}:{port}" for host in hosts]}]}


def _rules(summary: str) -> dict[str, Any]:
    rule = {
        "alert": ALERT,
        "expr": f"{CPU} > {THRESHOLD}",
        "for": "5s",
        "labels": {"severity": "critical", "cluster": CLUSTER},
        "annotations": {"summary": summary},
    }
    return {"groups": [{"name": "cluster", "rules": [rule]}]}


def _routes(webhook: str) -> dict[str, Any]:
    slack = {
        "api_url": webhook,
        "channel": "#data-oncall",
        "send_resolved": True,
        "text": "{{ .CommonAnnotations.summary }}",
    }
    return {
        "route": {
            "receiver": "slack",
            # The bot's own alerts go elsewhere than through the bot.
            "routes": [
                {"receiver": "nobody", "matchers": [each]}
                for each in ('alertname =~ "Dangjik.*"', 'to = "nobody"')
            ],
            "group_by": ["alertname", "cluster"],
            "group_wait": "1s",
            "group_interval": "2s",
            "repeat_interval": "1h",
        },
        "receivers": [{"name": "slack", "slack_configs": [slack]}, {"name": "nobody"}],
    }
