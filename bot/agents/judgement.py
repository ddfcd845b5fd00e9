"""The running applications, judged against all that is known around them."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.agents.memory import Memory, baseline_of, culprits_of
from bot.domain.cluster import ClusterMetrics, NodeUsage, all_names, host_names
from bot.domain.conversation import Query
from bot.domain.core_usage import NodeCores
from bot.domain.knowledge import Culprit
from bot.domain.runaway import GROWTH_WINDOW, Background, Finding, calm, judge
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import Jobs, get_spark_jobs
from bot.tools.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class Judged:
    """The cluster, its applications, what stands out, and the cores each id used before.

    `named` are our nodes that the thread's alert names, `here` what is used on them, where told.
    """

    metrics: ClusterMetrics
    jobs: Jobs
    findings: tuple[Finding, ...]
    earlier: Mapping[str, float]
    named: tuple[NodeUsage, ...] = ()
    here: NodeCores | None = None


async def judged(query: Query, memory: Memory, tools: Toolbox) -> Judged:
    """Read the cluster and judge what runs; what cannot be read is missing from the metrics.

    Under an alert the time before it is what the present is compared with, however long ago: what
    ran away then is not tame for having stopped to grow.
    """
    baseline = baseline_of(memory)
    at = baseline.taken_at if baseline is not None else memory["turn"].said_at
    metrics, jobs, earlier = await asyncio.gather(
        get_cluster_metrics(tools), get_spark_jobs(tools, query), tools.cores_at(at - GROWTH_WINDOW)
    )
    named = nodes_of(memory.get("alert_hosts", ()), metrics.nodes)
    if len(named) == len(metrics.nodes):  # all of them are the cluster
        named = ()
    here = await tools.cores_on(named) if jobs.snapshot.measurement is not None else None
    habits = await tools.usual(jobs.snapshot, here)
    background = Background(metrics.queues, habits, earlier, calm(metrics, named), here)
    findings = judge(jobs.snapshot, background)
    if not background.calm:
        findings = still_wild(findings, culprits_of(memory))
    return Judged(metrics, jobs, findings, earlier, named, here)


def nodes_of(hosts: Iterable[str], nodes: tuple[NodeUsage, ...]) -> tuple[NodeUsage, ...]:
    """Return those of the nodes that hosts, as an alert names them, are."""
    names = {name for host in hosts for name in host_names(host)}
    return tuple(node for node in nodes if names & all_names((node,)))


def still_wild(findings: tuple[Finding, ...], culprits: tuple[Culprit, ...]) -> tuple[Finding, ...]:
    """Keep the verdict the alert began with, also on what was started again under its name."""
    wild = {(each.name, each.user): each for each in culprits if each.runaway}

    def kept(finding: Finding) -> Finding:
        before = wild.get((finding.application.name, finding.application.user))
        if before is None or finding.runaway or finding.as_always:
            return finding
        held = {sign.rule for sign in finding.evidence}
        signs = (*finding.evidence, *(sign for sign in before.evidence if sign.rule not in held))
        return replace(finding, evidence=signs, runaway=True)

    return tuple(sorted(map(kept, findings), key=lambda item: (not item.runaway, -item.share)))
