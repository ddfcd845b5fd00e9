"""Infra Engineer: how the cluster is, why it is busy, and whether it got better."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.agents.capacity import room, watch_over
from bot.agents.facts import (
    AlertFacts,
    CompareFacts,
    DiagnoseFacts,
    Facts,
    Mover,
    PastFacts,
    ResolvedFacts,
    Since,
    StatusFacts,
)
from bot.agents.judgement import judged, nodes_of
from bot.agents.memory import Memory, baseline_of, stored_culprits, stored_listing, stored_metrics
from bot.domain.alerts import Alert, AlertStatus, Metric, Scope
from bot.domain.applications import ApplicationState, RunningApplications
from bot.domain.cluster import ClusterMetrics, NodeUsage, PastUsage, all_names, host_names
from bot.domain.conversation import Intent, Query, Topic
from bot.domain.hypotheses import Situation, explain, from_the_first, told_since
from bot.domain.knowledge import culprit
from bot.domain.listings import frozen
from bot.domain.proposals import Proposal
from bot.domain.selections import Measure
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


_HOSTS = re.compile(r"[a-z0-9][a-z0-9._-]*[a-z0-9]")


@dataclass(frozen=True, slots=True)
class InfraEngineer:
    """Answers status, compare, diagnose, capacity and watch, and writes the first reply under an alert."""

    tools: Toolbox

    async def __call__(self, state: Memory) -> Memory:
        """Find the facts the reading asks for."""
        alert = state.get("alert")
        if alert is not None and alert.status is AlertStatus.RESOLVED:
            return await self._resolved(state)
        if alert is not None:
            return await self._alerted(state, alert)
        return await self._asked(state, state["reading"].intent)

    async def _asked(self, state: Memory, intent: Intent) -> Memory:
        if intent is Intent.DIAGNOSE:
            facts = await self._diagnosis(state, Query())
            return {
                **_noted(state, facts.metrics, facts),
                "listing": stored_listing(facts.listing),
            }
        if intent is Intent.COMPARE:
            return await self._compare(state)
        if intent is Intent.WATCH:
            return {"facts": await watch_over(state, self.tools)}
        if intent is Intent.CAPACITY:
            return {"facts": await room(state, self.tools)}
        metrics = await get_cluster_metrics(self.tools)
        asked = nodes_in(state["turn"].text, metrics.nodes)
        topics, since = state["reading"].topics, _since(state, metrics)
        return _noted(state, metrics, StatusFacts(metrics, topics, asked, since))

    async def _diagnosis(self, memory: Memory, query: Query) -> DiagnoseFacts:
        alert = memory.get("alert")
        seen = await judged(query, memory, self.tools)
        metrics, jobs = seen.metrics, seen.jobs
        listing = frozen(jobs.rows, query, jobs.snapshot)
        situation = Situation(
            metrics,
            jobs.snapshot,
            seen.findings,
            seen.earlier,
            alert is not None,
            seen.named,
            seen.here,
        )
        causes = explain(situation)
        named = [each.finding.application.ref.id for each in causes if each.finding is not None]
        return DiagnoseFacts(
            metrics,
            seen.findings,
            listing,
            jobs.snapshot.missing,
            alert,
            causes,
            _since(memory, metrics),
            await self.tools.risen(named),
        )

    async def _alerted(self, memory: Memory, alert: Alert) -> Memory:
        """Write the first reply under an alert, and remember the cluster as it was."""
        by_memory = alert.subject.metric is Metric.MEMORY
        query = Query(by=Measure.MEMORY) if by_memory else Query()
        hosts = [host for host in alert.subject.hosts if host not in _NO_MACHINE]
        memory = {**memory, "alert_hosts": hosts}
        facts = alert_facts(alert, await self._diagnosis(memory, query))
        diagnosis = facts.diagnosis
        found = _noted(memory, diagnosis.metrics, facts)
        found["alert_title"], found["alert_hosts"] = alert.title, hosts
        found["elsewhere"] = ""
        if alert.scope is Scope.FOREIGN:
            found["elsewhere"] = alert.elsewhere
            return found
        found["listing"] = stored_listing(diagnosis.listing)
        found["baseline"] = stored_metrics(diagnosis.metrics)
        found["culprits"] = stored_culprits(tuple(culprit(each) for each in diagnosis.findings))
        return found

    async def _compare(self, memory: Memory) -> Memory:
        turn, ago = memory["turn"], memory["reading"].ago
        if ago is not None:
            facts = await against(turn.said_at - ago, memory["reading"].topics, self.tools)
            return _noted(memory, facts.metrics, facts)
        metrics, proposals = await asyncio.gather(
            get_cluster_metrics(self.tools),
            self.tools.proposals.in_thread(turn.channel, turn.thread_ts),
        )
        return _noted(memory, metrics, _compared(metrics, proposals, baseline_of(memory)))

    async def _resolved(self, memory: Memory) -> Memory:
        turn, alert = memory["turn"], memory.get("alert")
        metrics, proposals = await asyncio.gather(
            get_cluster_metrics(self.tools),
            self.tools.proposals.in_thread(turn.channel, turn.thread_ts),
        )
        baseline = baseline_of(memory)
        facts = ResolvedFacts(
            metrics,
            before=baseline.cpu.percent if baseline and baseline.cpu else None,
            opened_at=baseline.taken_at if baseline else None,
            killed=tuple(each.name for proposal in proposals for each in proposal.killed),
            of_cpu=alert is None or alert.subject.metric in {Metric.CPU, Metric.LOAD},
        )
        return {**_noted(memory, metrics, facts), "high_since": None}


def nodes_in(text: str, nodes: tuple[NodeUsage, ...]) -> tuple[NodeUsage, ...]:
    """Return the nodes that a text names, by their whole or their short name."""
    words = set(_HOSTS.findall(text.casefold()))
    return tuple(node for node in nodes if words & host_names(node.name))


def alert_facts(alert: Alert, diagnosis: DiagnoseFacts) -> AlertFacts:
    """Return what the alert's hosts are to us, and whether a kill could help."""
    hosts = [host for host in alert.subject.hosts if host not in _NO_MACHINE]
    nodes = diagnosis.metrics.nodes
    known = nodes_of(hosts, nodes)
    ours = all_names(known)
    strangers = tuple(host for host in hosts if not host_names(host) & ours)
    subject, owned = alert.subject, alert.scope is Scope.OURS and not strangers
    return AlertFacts(
        alert,
        diagnosis,
        known,
        strangers,
        cluster_wide=bool(subject.cluster) or not nodes,
        may_kill=owned
        and (
            subject.metric in {Metric.CPU, Metric.LOAD}
            or (subject.metric is Metric.MEMORY and bool(subject.application))
        ),
    )


_NO_MACHINE = frozenset({"localhost", "127.0.0.1", "0.0.0.0"})  # noqa: S104 - a name in an alert


def _compared(
    metrics: ClusterMetrics, proposals: tuple[Proposal, ...], baseline: ClusterMetrics | None
) -> CompareFacts:
    """Compare with the time before the thread's last kill, else the alert, else the last hour."""
    for proposal in proposals:
        if killed := tuple(each.name for each in proposal.killed):
            at: datetime | None = proposal.decided_at or proposal.created_at
            return CompareFacts(metrics, Since.KILL, proposal.cpu_before, at, killed)
    if baseline is not None and baseline.cpu is not None:
        return CompareFacts(metrics, Since.ALERT, baseline.cpu.percent, baseline.taken_at)
    if metrics.last_hour is not None:
        hour = metrics.last_hour
        return CompareFacts(metrics, Since.LAST_HOUR, hour.mean, hour.start)
    return CompareFacts(metrics, Since.NOTHING, None, None)


def _since(memory: Memory, metrics: ClusterMetrics) -> datetime | None:
    """Return since when CPU is high; under an alert what was told first stays."""
    kept = memory.get("high_since") if memory.get("baseline") else None
    return told_since(metrics, datetime.fromisoformat(kept) if kept else None)


def _noted(memory: Memory, metrics: ClusterMetrics, facts: Facts) -> Memory:
    since = _since(memory, metrics)
    found: Memory = {"facts": facts, "metrics": stored_metrics(metrics)}
    if since is not None and not from_the_first(metrics.last_hour, since):
        found["high_since"] = since.isoformat()
    return found
