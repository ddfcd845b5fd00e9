"""Infra Engineer: how the cluster is, why it is busy, whether it got better, what room is left; and watches."""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.agents.facts import (
    AlertFacts,
    CapacityFacts,
    CompareFacts,
    DiagnoseFacts,
    Facts,
    Mover,
    PastFacts,
    QuestionFacts,
    QueueRoom,
    ResolvedFacts,
    Since,
    StatusFacts,
    UnsupportedFacts,
    WatchFacts,
)
from bot.agents.memory import (
    Memory,
    baseline_of,
    listing_of,
    stored_culprits,
    stored_listing,
    stored_metrics,
)
from bot.agents.targets import Choice, choose, judged, nodes_of
from bot.domain.alerts import Alert, AlertStatus, Metric, Scope
from bot.domain.applications import Application, ApplicationState, RunningApplications
from bot.domain.cluster import (
    ClusterMetrics,
    NodeUsage,
    PastUsage,
    QueueUsage,
    Room,
    all_names,
    host_names,
)
from bot.domain.conversation import (
    API,
    LASTS,
    MOST_OPEN,
    Intent,
    Need,
    Query,
    Topic,
    Watch,
    Watched,
    WatchFor,
    WatchKind,
    Wish,
)
from bot.domain.hypotheses import Situation, explain, from_the_first, told_since
from bot.domain.knowledge import culprit
from bot.domain.listings import frozen
from bot.domain.proposals import Proposal
from bot.domain.selection_resolver import Resolved, resolve
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


# Is there room: what the schedulers have not granted yet.


async def room(memory: Memory, tools: Toolbox) -> CapacityFacts:
    """Return what is free; what the chosen applications hold counts as free, too."""
    reading = memory["reading"]
    metrics = await get_cluster_metrics(tools)
    freed = await _freed(memory, tools)
    told = metrics.room or Room()
    free = Need(
        _plus(told.cores_free, sum(item.granted_cores or 0.0 for item in freed)),
        _bytes(_plus(told.memory_free, sum(item.granted_memory or 0 for item in freed))),
    )
    total = Need(told.cores_total, told.memory_total)
    queues = tuple(_queue(queue, free, total) for queue in metrics.queues)
    names = tuple(item.name for item in freed)
    return CapacityFacts(reading.need or Need(), free, total, queues, metrics, names)


async def _freed(memory: Memory, tools: Toolbox) -> tuple[Application, ...]:
    """Return the applications whose end is to be counted in, as they run now."""
    selection, listing = memory["reading"].selection, listing_of(memory)
    if selection is None or listing is None:
        return ()
    found = resolve(selection, listing.rows, memory["turn"].said_at)
    if not isinstance(found, Resolved):
        return ()
    jobs = await get_spark_jobs(tools, Query())
    refs = {row.ref for row in found.rows}
    return tuple(item for item in jobs.snapshot.applications if item.ref in refs)


def free_in(metrics: ClusterMetrics, need: Need) -> Need:
    """Return what is free for a need: in its queue, or in all; unknown where the queue is."""
    told = metrics.room or Room()
    free, total = Need(told.cores_free, told.memory_free), Need(told.cores_total, told.memory_total)
    if need.queue is None:
        return free
    queues = tuple(_queue(queue, free, total) for queue in metrics.queues)
    found = _called(queues, need.queue)
    return found.most if found is not None else Need()


def fits(need: Need, free: Need) -> bool | None:
    """Tell whether the need fits; None when a figure it takes is unknown."""
    pairs = ((need.cores, free.cores), (need.memory, free.memory))
    wanted = [(want, have) for want, have in pairs if want is not None]
    if not wanted:  # any room at all
        return None if free.cores is None else free.cores >= 1
    if any(have is None for _, have in wanted):
        return None
    return all(have is not None and want <= have for want, have in wanted)


def room_of(facts: CapacityFacts, name: str) -> QueueRoom | None:
    """Return the room of a queue called by its path, or by an end of it that is no other's."""
    return _called(facts.queues, name)


def _called(queues: tuple[QueueRoom, ...], name: str) -> QueueRoom | None:
    said = name.casefold()
    known = {each.name.casefold(): each for each in queues}
    end = said.rpartition(".")[2]
    ends = [each for path, each in known.items() if path.rpartition(".")[2] == end]
    return known.get(said) or (ends[0] if len(ends) == 1 else None)


def _queue(queue: QueueUsage, free: Need, total: Need) -> QueueRoom:
    """Return what a queue may get: at most what is free, of which its guarantee is its own."""
    return QueueRoom(
        queue.name,
        _part(queue.capacity_percent, queue.used_percent, free, total),
        _part(queue.max_percent, queue.used_percent, free, total),
    )


def _part(most: float | None, used: float | None, free: Need, total: Need) -> Need:
    if most is None or used is None:
        return Need(None, None)
    percent = most - used
    cores, memory = (
        _least(percent, free.cores, total.cores),
        _least(percent, free.memory, total.memory),
    )
    return Need(cores, _bytes(memory))


def _least(percent: float, free: float | None, total: float | None) -> float | None:
    if free is None or total is None:
        return None
    return min(free, max(0.0, percent) / 100 * total)


def _plus(known: float | None, more: float) -> float | None:
    return None if known is None else known + more


def _bytes(value: float | None) -> int | None:
    return None if value is None else int(value)


# Promising to tell when something comes true, and seeing whether it has.


OF_APPLICATIONS = {WatchKind.ENDED, WatchKind.RELAUNCHED}
USUAL = {
    WatchKind.CPU_BELOW: 80.0,
    WatchKind.CPU_ABOVE: 90.0,
    WatchKind.MEMORY_BELOW: 80.0,
    WatchKind.MEMORY_ABOVE: 90.0,
}  # percent, where none was said


async def watch_over(memory: Memory, tools: Toolbox) -> Facts:
    """Keep a watch, unless what is waited for is so already."""
    reading, turn = memory["reading"], memory["turn"]
    wanted = reading.watch
    if turn.channel.startswith(API):  # nothing can be told there unasked
        return UnsupportedFacts(Wish.OTHER)
    if wanted is None or tools.watches is None:
        return QuestionFacts("not_understood")
    applications: tuple[Watched, ...] = ()
    if wanted.kind in OF_APPLICATIONS:
        choice = await choose(memory, tools)
        if not isinstance(choice, Choice):
            return choice
        applications = tuple(Watched(row.ref, row.name, row.user) for row in choice.rows)
    watch = Watch(
        hashlib.sha256(turn.id.encode()).hexdigest()[:16],
        turn.channel,
        turn.thread_ts,
        turn.asker,
        turn.language,
        _with_percent(wanted),
        applications,
        turn.said_at,
        turn.said_at + LASTS,
    )
    metrics, jobs = await asyncio.gather(get_cluster_metrics(tools), get_spark_jobs(tools, Query()))
    if came_true(watch, metrics, jobs.snapshot):
        return WatchFacts(watch, metrics, already=True)
    if len(await tools.watches.in_thread(turn.channel, turn.thread_ts)) >= MOST_OPEN:
        return WatchFacts(watch, metrics, full=True)
    await tools.watches.add(watch)
    return WatchFacts(watch, metrics)


def came_true(watch: Watch, metrics: ClusterMetrics, snapshot: RunningApplications) -> bool:
    """Tell whether what is waited for is so; a figure that is missing is no figure."""
    kind, percent = watch.wanted.kind, watch.wanted.percent or 0.0
    match kind:
        case WatchKind.CPU_BELOW | WatchKind.CPU_ABOVE:
            seen = metrics.cpu.percent if metrics.cpu else None
        case WatchKind.MEMORY_BELOW | WatchKind.MEMORY_ABOVE:
            seen = metrics.memory.percent if metrics.memory else None
        case WatchKind.ROOM:
            return fits(watch.wanted.need, free_in(metrics, watch.wanted.need)) is True
        case WatchKind.ENDED:
            left = {item.ref for item in snapshot.applications if not item.state.over}
            gone = not any(each.ref in left for each in watch.applications)
            return gone and not snapshot.missing
        case WatchKind.RELAUNCHED:
            return bool(started_again(watch, snapshot))
    below = kind in {WatchKind.CPU_BELOW, WatchKind.MEMORY_BELOW}
    return seen is not None and (seen < percent if below else seen > percent)


def started_again(watch: Watch, snapshot: RunningApplications) -> tuple[str, ...]:
    """Return the ids that run under a watched name and owner and are newer than the watch."""
    known = {each.ref for each in watch.applications}
    names = {(each.name, each.user) for each in watch.applications}
    return tuple(
        item.ref.id
        for item in snapshot.applications
        if (item.name, item.user) in names
        and item.ref not in known
        and item.started_at is not None
        and item.started_at >= watch.made_at
    )


def _with_percent(wanted: WatchFor) -> WatchFor:
    if wanted.percent is not None or wanted.kind not in USUAL:
        return wanted
    return WatchFor(wanted.kind, USUAL[wanted.kind], wanted.need)
