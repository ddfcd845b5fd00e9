"""Is there room: what the schedulers have not granted yet; and watches, which tell when there is."""

import asyncio
import hashlib

from bot.agents.facts import (
    CapacityFacts,
    Facts,
    QuestionFacts,
    QueueRoom,
    UnsupportedFacts,
    WatchFacts,
)
from bot.agents.memory import Memory, listing_of
from bot.agents.targets import Choice, choose
from bot.domain.applications import Application, RunningApplications
from bot.domain.cluster import ClusterMetrics, QueueUsage, Room
from bot.domain.conversation import (
    API,
    LASTS,
    MOST_OPEN,
    Need,
    Query,
    Watch,
    Watched,
    WatchFor,
    WatchKind,
    Wish,
)
from bot.domain.selection_resolver import Resolved, resolve
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import get_spark_jobs
from bot.tools.toolbox import Toolbox


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
