"""Platforms of the sandbox that only tests ask for."""

import json
from pathlib import Path

from bot.sandbox.platform.scenario import AppSpec, NodeSpec, QueueSpec, Scenario


def from_platform_json(path: Path) -> Scenario:
    """Read the small platform the evaluation questions are asked against (YARN only)."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    queues = sorted({app["queue"] for app in raw["applications"]})
    share = 100 / len(queues)
    return Scenario(
        cluster=raw["cluster"],
        nodes=NodeSpec(raw["nodes"], raw["vcores_per_node"], raw["memory_mb_per_node"]),
        queues=tuple(QueueSpec(queue, share, 100) for queue in queues),
        applications=tuple(
            AppSpec(**app, cores=app["vcores"], swing=0) for app in raw["applications"]
        ),
        prometheus=False,
    )


def many(applications: int = 10_000, nodes: int = 1_000) -> Scenario:
    """Build a large cluster of small, steady applications, for measuring at scale."""
    queues = ("prod", "etl", "ml", "adhoc")
    return Scenario(
        cluster="large",
        nodes=NodeSpec(count=nodes, vcores=32, memory_mb=131_072),
        queues=tuple(QueueSpec(queue, 25, 50) for queue in queues),
        applications=tuple(
            AppSpec(
                name=f"job_{number:05d}",
                user=f"user{number % 97:02d}",
                queue=queues[number % len(queues)],
                vcores=1 + number % 4,
                memory_mb=2048 * (1 + number % 4),
                cores=0.8 * (1 + number % 4),
                swing=0,
                max_nodes=1,
                minutes_running=200 + number % 600,
            )
            for number in range(applications)
        ),
    )
