"""The present against an earlier time: the cluster, its nodes, and what its applications use."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from bot.agents.facts import Mover, PastFacts
from bot.domain.applications import ApplicationState, RunningApplications
from bot.domain.cluster import ClusterMetrics, PastUsage
from bot.domain.conversation import Query, Topic
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import get_spark_jobs
from bot.tools.toolbox import Toolbox

MOST_MOVERS = 5
MOST_NODES = 5
SMALLEST_MOVE = 1.0  # cores; less is noise
SMALLEST_SHIFT = 3.0  # percentage points of a node's CPU; less is noise


async def against(at: datetime, topics: tuple[Topic, ...], tools: Toolbox) -> PastFacts:
    """Read the present and an earlier time together, and return how they differ."""
    metrics, jobs, past = await asyncio.gather(
        get_cluster_metrics(tools), get_spark_jobs(tools, Query()), tools.usage_at(at)
    )
    return PastFacts(
        metrics,
        past,
        topics,
        movers(jobs.snapshot, past),
        shifted(metrics, past),
        ended(jobs.snapshot, past.cores),
    )


def movers(snapshot: RunningApplications, past: PastUsage) -> tuple[Mover, ...]:
    """Return the applications whose measured cores changed most, the largest change first.

    Without a measurement of either time nothing is said of an application.
    """
    if not past.cores:
        return ()
    found = []
    for item in snapshot.applications:
        if item.state is not ApplicationState.RUNNING or item.used_cores is None:
            continue
        started = item.started_at is None or item.started_at <= past.at
        before = past.cores.get(item.ref.id) if started else None
        if started and before is None:
            continue
        found.append(Mover(item.name, item.user, before, item.used_cores))
    found.sort(key=lambda one: -abs(_change(one)))
    return tuple(one for one in found if abs(_change(one)) >= SMALLEST_MOVE)[:MOST_MOVERS]


def _change(one: Mover) -> float:
    return one.now - (one.before or 0.0)


def shifted(metrics: ClusterMetrics, past: PastUsage) -> tuple[tuple[str, float, float], ...]:
    """Return the nodes whose CPU changed most: name, percent then, percent now."""
    then = {node.name: node.cpu_percent for node in past.nodes}
    found = [
        (node.name, before, node.cpu_percent)
        for node in metrics.nodes
        if node.cpu_percent is not None and (before := then.get(node.name)) is not None
    ]
    found.sort(key=lambda node: -abs(node[2] - node[1]))
    return tuple(node for node in found if abs(node[2] - node[1]) >= SMALLEST_SHIFT)[:MOST_NODES]


def ended(snapshot: RunningApplications, cores: Mapping[str, float]) -> tuple[int, float]:
    """Return how many applications used cores then and run no more, and how many cores."""
    if snapshot.failed:
        return (0, 0.0)
    running = {item.ref.id for item in snapshot.applications}
    over = [used for id_, used in cores.items() if id_ not in running and used > 0]
    return (len(over), sum(over))
