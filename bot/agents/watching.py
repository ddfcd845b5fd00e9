"""Promising to tell when something comes true, and seeing whether it has."""

import asyncio
import hashlib

from bot.agents.capacity import fits, free_in
from bot.agents.facts import Facts, QuestionFacts, UnsupportedFacts, WatchFacts
from bot.agents.memory import Memory
from bot.agents.targets import Choice, choose
from bot.domain.applications import RunningApplications
from bot.domain.cluster import ClusterMetrics
from bot.domain.conversation import (
    API,
    LASTS,
    MOST_OPEN,
    Query,
    Watch,
    Watched,
    WatchFor,
    WatchKind,
    Wish,
)
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import get_spark_jobs
from bot.tools.toolbox import Toolbox

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
