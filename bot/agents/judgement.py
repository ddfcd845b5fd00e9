"""The running applications, judged against all that is known around them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.cluster import ClusterMetrics
from bot.domain.conversation import Query
from bot.domain.runaway import GROWTH_WINDOW, Background, Finding, calm, judge
from bot.tools.toolbox import Jobs, Toolbox


@dataclass(frozen=True, slots=True)
class Judged:
    """The cluster, its applications, what stands out, and the cores each id used 10 minutes before."""

    metrics: ClusterMetrics
    jobs: Jobs
    findings: tuple[Finding, ...]
    earlier: Mapping[str, float]


async def judged(query: Query, at: datetime, tools: Toolbox) -> Judged:
    """Read the cluster and judge what runs; what cannot be read is missing from the metrics."""
    metrics, jobs, earlier = await asyncio.gather(
        tools.get_cluster_metrics(), tools.get_spark_jobs(query), tools.cores_at(at - GROWTH_WINDOW)
    )
    habits = await tools.usual(jobs.snapshot)
    background = Background(metrics.queues, habits, earlier, calm(metrics))
    return Judged(metrics, jobs, judge(jobs.snapshot, background), earlier)
