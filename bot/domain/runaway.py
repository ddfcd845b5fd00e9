"""Which applications stand out, by rules a person can read, each with its evidence.

The thresholds stand here and nowhere else; `knowledge/manual/runaway-rules.md` explains them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from bot.domain.applications import (
    Application,
    ApplicationState,
    Basis,
    RunningApplications,
    outlines,
)
from bot.domain.cluster import ClusterMetrics, NodeUsage, QueueUsage
from bot.domain.core_usage import NodeCores, UsageBaseline

LARGE_SHARE = 0.15  # of all cores: worth naming, and one of the rules
LONG_FACTOR = 3.0  # times the median of the same name's own finished runs
LEAST_RUNS = 3  # finished runs before there is a usual length
UNUSUAL_FACTOR = 3.0  # times the median of the same name's own cores at this hour
USUAL_FACTOR = 1.5  # up to so many times its median, it uses what it always uses
LEAST_DAYS = 3  # days with samples before there are usual cores
GROWTH_WINDOW = timedelta(minutes=10)
GROWTH_FACTOR = 2.0  # cores against those of 10 minutes before
SMALLEST_SHARE = 0.10  # what is smaller is never judged
QUEUE_PART = 0.5  # of its queue's cores, when the queue is over its capacity
RULES_FOR_RUNAWAY = 2
CALM_CPU = 70.0  # percent; below it, and with nobody waiting, nothing is out of hand


class Rule(StrEnum):
    """The rules, by name."""

    SHARE = "share"
    LONG = "long"
    UNUSUAL = "unusual"
    GROWTH = "growth"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class RunawaySigns:
    """A rule that holds: the figure seen and the limit it passed.

    share and queue: 0 to 1 (queue: used over capacity) · long: hours · growth: cores ·
    unusual: cores, the limit being what is usual at this hour. `of` names the nodes a share is of,
    "" for the cluster.
    """

    rule: Rule
    seen: float
    limit: float
    of: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One application that stands out; `runaway` when at least two rules hold and cores are short.

    One that does what it always does at this hour is no runaway, whatever else holds. `habit` is
    None where no history is kept or it could not be read. `share` is of the cores of the nodes
    that `of` names, "" for the cluster.
    """

    application: Application
    share: float
    evidence: tuple[RunawaySigns, ...]
    runaway: bool
    habit: UsageBaseline | None = None
    of: str = ""

    @property
    def cores(self) -> float:
        """The cores it is judged by; what has no known cores is never judged."""
        return self.application.cores or 0.0

    @property
    def usual_cores(self) -> float | None:
        """What it usually uses at this hour; None without enough history to say so."""
        known = self.habit is not None and self.habit.days >= LEAST_DAYS
        return self.habit.cores if self.habit is not None and known else None

    @property
    def as_always(self) -> bool:
        """Whether it uses what it always uses at this hour, and has not run too long."""
        usual = self.usual_cores
        if usual is None or any(one.rule is Rule.LONG for one in self.evidence):
            return False
        return self.cores <= usual * USUAL_FACTOR


@dataclass(frozen=True, slots=True)
class Background:
    """What is known besides the present reading; each part may be empty.

    `habits` are those of each application's name and user, by application id; `earlier` the cores
    each application id used `GROWTH_WINDOW` before. `calm` when there are cores to spare: then a heavy
    application is heavy and nothing more. `here` is what is used on the nodes in question: shares
    are of their cores then.
    """

    queues: tuple[QueueUsage, ...] = ()
    habits: Mapping[str, UsageBaseline] | None = None
    earlier: Mapping[str, float] | None = None
    calm: bool = False
    here: NodeCores | None = None


def calm(metrics: ClusterMetrics, nodes: Sequence[NodeUsage] = ()) -> bool:
    """Tell whether there are cores to spare, on the nodes in question or anywhere.

    Then an application borrowing them hurts nobody.
    """
    cpu = metrics.cpu_of(nodes)
    return cpu is not None and not metrics.applications_waiting and cpu < CALM_CPU


def large(snapshot: RunningApplications, here: NodeCores | None = None) -> tuple[Application, ...]:
    """Return the running applications that are large enough to be judged, in no order."""
    total = here.whole if here is not None else _total(snapshot)
    return tuple(
        snapshot.applications[place]
        for place, outline in enumerate(outlines(snapshot.applications))
        if total
        and outline.state is ApplicationState.RUNNING
        and (cores := outline.cores if here is None else here.cores.get(outline.id)) is not None
        and cores / total >= SMALLEST_SHARE
    )


def judge(snapshot: RunningApplications, background: Background) -> tuple[Finding, ...]:
    """Return what stands out, runaway ones first, then by share; empty when nothing does."""
    findings = [_finding(item, snapshot, background) for item in large(snapshot, background.here)]
    standing_out = [item for item in findings if item.runaway or item.share >= LARGE_SHARE]
    return tuple(sorted(standing_out, key=lambda item: (not item.runaway, -item.share)))


def _total(snapshot: RunningApplications) -> float:
    known = outlines(snapshot.applications)
    return snapshot.total_cores or sum(outline.cores or 0.0 for outline in known)


def _finding(item: Application, snapshot: RunningApplications, background: Background) -> Finding:
    habit, here = (background.habits or {}).get(item.ref.id), background.here
    share = (item.cores or 0.0) / _total(snapshot) if here is None else here.part(item.ref.id)
    of = "" if here is None else here.shown
    found = (
        RunawaySigns(Rule.SHARE, share, LARGE_SHARE, of) if share >= LARGE_SHARE else None,
        _unusual(item, habit),
        _long(item, snapshot, habit),
        _growth(item, background),
        _queue(item, snapshot, background),
    )
    evidence = tuple(piece for piece in found if piece is not None)
    finding = Finding(item, share, evidence, runaway=False, habit=habit, of=of)
    wild = len(evidence) >= RULES_FOR_RUNAWAY and not background.calm and not finding.as_always
    return replace(finding, runaway=wild)


def _unusual(item: Application, habit: UsageBaseline | None) -> RunawaySigns | None:
    if habit is None or not habit.cores or habit.days < LEAST_DAYS:
        return None
    if item.cores is None or item.cores < habit.cores * UNUSUAL_FACTOR:
        return None
    return RunawaySigns(Rule.UNUSUAL, item.cores, habit.cores)


def _long(
    item: Application, snapshot: RunningApplications, habit: UsageBaseline | None
) -> RunawaySigns | None:
    if habit is None or not habit.length or habit.runs < LEAST_RUNS:
        return None
    limit = habit.length * LONG_FACTOR
    length = item.running_for(snapshot.taken_at)
    if length is None or length < limit:
        return None
    return RunawaySigns(Rule.LONG, length.total_seconds() / 3600, limit.total_seconds() / 3600)


def _growth(item: Application, background: Background) -> RunawaySigns | None:
    before = (background.earlier or {}).get(item.ref.id)
    if item.cores_basis is not Basis.MEASURED:
        return None
    if not before or item.cores is None or item.cores < before * GROWTH_FACTOR:
        return None
    return RunawaySigns(Rule.GROWTH, item.cores, before * GROWTH_FACTOR)


def _queue(
    item: Application, snapshot: RunningApplications, background: Background
) -> RunawaySigns | None:
    queue = next((queue for queue in background.queues if queue.holds(item.queue)), None)
    if queue is None or not queue.over_capacity:
        return None
    whole = sum(other.cores or 0.0 for other in snapshot.applications if other.queue == item.queue)
    if not whole or (item.cores or 0.0) / whole < QUEUE_PART:
        return None
    used, capacity = queue.used_percent or 0.0, queue.capacity_percent or 0.0
    return RunawaySigns(Rule.QUEUE, used / 100, capacity / 100)
