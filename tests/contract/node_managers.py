"""NodeManagers as a test sees them: their bodies are those recorded from real ones."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bot.backends.usage import NodeManager
from bot.backends.used_cores import NodeManagers

RECORDED = Path(__file__).parent / "fixtures" / "yarn"


def recorded(name: str) -> str:
    return (RECORDED / name).read_text()


def bean(container: str, cores: float, samples: int = 7, sampled: int = 1000) -> dict[str, Any]:
    """Return a container's bean as recorded with other figures; `samples` are the mean's."""
    body = json.loads(recorded("nm-jmx.json"))["beans"][0]
    return {
        **body,
        "name": f"Hadoop:service=NodeManager,name=ContainerResource_{container}",
        "PCpuUsagePercentAvgPercents": cores * 100,
        "PCpuUsagePercentINumUsage": samples,
        "PCpuUsagePercentNumUsage": sampled,
    }


@dataclass
class Cluster:
    """NodeManagers by address: what each answers to /jmx, what all answer to /prom."""

    jmx: dict[str, Any] = field(default_factory=dict)
    containers: Mapping[str, int] = field(default_factory=dict)
    prom: str | None = None
    asked: list[str] = field(default_factory=list)

    async def node_managers(self) -> tuple[NodeManager, ...]:
        return tuple(NodeManager(a, self.containers.get(a, 1)) for a in self.jmx)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.url.netloc.decode()}{request.url.path}")
        body = self.jmx[request.url.netloc.decode()]
        if request.url.path == "/prom":
            return httpx.Response(404) if self.prom is None else httpx.Response(200, text=self.prom)
        if body is None:
            raise httpx.ConnectError("down")
        return httpx.Response(200, json=body)

    def reader(self) -> NodeManagers:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.answer), trust_env=False)
        return NodeManagers(self.node_managers, client, "http", {"user.name": "bot"})
