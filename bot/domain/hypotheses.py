"""Why a cluster is busy: competing explanations, each with what speaks for and against it, ranked.

That nothing is wrong is one of them. `knowledge/manual/runaway-rules.md` explains the rules for
single applications; the thresholds for the rest stand here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.applications import Application, ApplicationState, Basis, RunningApplications
from bot.domain.cluster import ClusterMetrics, NodeUsage, QueueUsage, Window
from bot.domain.core_usage import NodeCores, OutsideHeat, holds_idle, outside_heat, shown
from bot.domain.runaway import (
    CALM_CPU,
    GROWTH_FACTOR,
    LARGE_SHARE,
    RULES_FOR_RUNAWAY,
    Finding,
    Rule,
)

HIGH_CPU = 80.0  # percent; the usual alert threshold is above it
MANY_SHARE = 0.5  # of all cores, used by applications none of which stands out
MANY_COUNT = 5  # fewer are not many
STEADY = 1.25  # times the cores of 10 minutes before: has not grown


class Cause(StrEnum):
    """The explanations; of two equally likely ones the earlier one is told first."""

    BESIDE = "beside"  # most of the heat is outside the scheduler's containers
    RUNAWAY = "runaway"
    NODES = "nodes"
    RECOVERED = "recovered"
    NOTHING = "nothing"
    HEAVY = "heavy"
    IDLE = "idle"  # holds cores and uses next to none: never a cause of high CPU
    QUEUE = "queue"
    MANY = "many"
    OUTSIDE = "outside"


class Standing(StrEnum):
    """How far the evidence carries an explanation."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"


class Sign(StrEnum):
    """What a point of evidence is about; the comment says what `seen` and `limit` are."""

    SHARE = "share"  # an application's part of all cores, 0 to 1; the rule's limit
    LONG = "long"  # hours it has run; three times its usual length
    UNUSUAL = "unusual"  # cores now; what its name usually uses at this hour
    USUAL = "usual"  # the same, where the first is no more than it always is
    NEW = "new"  # days with samples of its name at this hour: too few to know what is usual
    GROWTH = "growth"  # cores; twice those of 10 minutes before
    QUEUE = "queue"  # its queue's use, 0 to 1; the queue's capacity
    STEADY = "steady"  # cores now; cores 10 minutes before
    WITHIN = "within"  # its queue's use, 0 to 1, within the queue's capacity
    RULES = "rules"  # the most rules that hold for one application; how many it takes
    CPU = "cpu"  # percent now; what counts as high
    PEAK = "peak"  # percent, the last hour's highest; what counts as high
    TOGETHER = "together"  # the part of all cores the unremarkable applications use, 0 to 1
    SPARK = "spark"  # the part of all cores all applications use, 0 to 1
    COUNT = "count"  # unremarkable applications
    LOST = "lost"  # nodes that should work and do not
    WAITING = "waiting"  # applications that wait
    OVER = "over"  # percent of the cluster a queue uses; its capacity
    BESIDE = "beside"  # cores outside of containers; all cores in use
    HOLDS = "holds"  # cores used; cores granted
    NONE_OVER = "none_over"  # queues over their capacity: none


@dataclass(frozen=True, slots=True)
class Point:
    """One figure that speaks for or against; `name` where it is a queue's."""

    sign: Sign
    seen: float
    limit: float | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One explanation; `finding` is the application it names, where it names one."""

    cause: Cause
    standing: Standing
    speaks_for: tuple[Point, ...] = ()
    against: tuple[Point, ...] = ()
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What is weighed: one read of machines and applications, and what was judged of them.

    `earlier` are the cores each application id used 10 minutes before, empty when unknown;
    `alerted` is True under an alert, which says that CPU was high a moment ago; `nodes` are those
    it names, none for all, and `here` what is used on them, where that is told.
    """

    metrics: ClusterMetrics
    snapshot: RunningApplications
    findings: tuple[Finding, ...]
    earlier: Mapping[str, float]
    alerted: bool = False
    nodes: tuple[NodeUsage, ...] = ()
    here: NodeCores | None = None

    @property
    def named(self) -> str:
        """The nodes whose CPU is judged by, as people read them; "" for the cluster."""
        known = [node.name for node in self.nodes if node.cpu_percent is not None]
        return shown(known)

    @property
    def last_hour(self) -> Window | None:
        """The cluster's last hour, where the cluster is judged by."""
        return None if self.named else self.metrics.last_hour

    @property
    def outside(self) -> OutsideHeat | None:
        """What burns outside of containers, on the nodes looked at, where that is most of the heat."""
        return outside_heat(self.nodes or self.metrics.nodes) if self.high else None

    @property
    def cpu(self) -> float | None:
        """CPU in percent, of the hottest of the nodes; one that leaves machines out is no figure."""
        return self.metrics.cpu_of(self.nodes)

    @property
    def now(self) -> Point:
        """CPU as a point, where it is known."""
        return Point(Sign.CPU, self.cpu or 0.0, HIGH_CPU, self.named)

    @property
    def high(self) -> bool:
        """Whether CPU is high; an unknown one counts, for somebody asks why it is."""
        return self.cpu is None or self.cpu >= HIGH_CPU

    @property
    def running(self) -> tuple[Application, ...]:
        """What runs."""
        found = self.snapshot.applications
        return tuple(item for item in found if item.state is ApplicationState.RUNNING)

    def part(self, *applications: Application) -> float | None:
        """Return the part of the cores looked at that applications use together, 0 to 1."""
        if self.here is not None:
            return self.here.part(*(item.ref.id for item in applications))
        total = self.snapshot.total_cores
        known = [item.cores for item in applications if item.cores is not None]
        return sum(known) / total if total and len(known) == len(applications) else None


def explain(situation: Situation) -> tuple[Hypothesis, ...]:
    """Return every explanation there is evidence on, the likeliest first.

    What cannot be judged for want of figures is left out.
    """
    found = [
        *_beside(situation),
        *_applications(situation),
        *_idle(situation),
        *_nodes(situation),
        *_recovered(situation),
        *_nothing(situation),
        *_queues(situation),
        *_many(situation),
        *_outside(situation),
    ]
    standings, causes = list(Standing), list(Cause)
    return tuple(
        sorted(found, key=lambda item: (standings.index(item.standing), causes.index(item.cause)))
    )


def _applications(at: Situation) -> Iterator[Hypothesis]:
    """Yield one explanation for each that stands out, in the order judged; else none ran away."""
    wild = any(item.runaway for item in at.findings)
    for item in at.findings:
        rules = tuple(
            Point(Sign(one.rule.value), one.seen, one.limit, one.of) for one in item.evidence
        )
        if not any(point.sign is Sign.SHARE for point in rules):
            rules = (Point(Sign.SHARE, item.share, name=item.of), *rules)
        calm = tuple(_unremarkable(item, at))
        if item.runaway:
            yield Hypothesis(Cause.RUNAWAY, Standing.LIKELY, rules, calm, item)
            continue
        standing = Standing.LIKELY if at.high and not wild else Standing.POSSIBLE
        yield Hypothesis(Cause.HEAVY, standing, (*rules, *calm), _room(at), item)
    if not wild and at.running:
        most = max((len(item.evidence) for item in at.findings), default=0)
        few = (Point(Sign.RULES, most, RULES_FOR_RUNAWAY),)
        against = few if most < RULES_FOR_RUNAWAY else _room(at)
        yield Hypothesis(Cause.RUNAWAY, Standing.UNLIKELY, against=against)


def _unremarkable(item: Finding, at: Situation) -> Iterator[Point]:
    """Yield what speaks against a runaway: rules that were looked at and do not hold."""
    held = {one.rule for one in item.evidence}
    if item.as_always:
        yield Point(Sign.USUAL, item.cores, item.usual_cores)
    elif item.habit is not None and item.usual_cores is None:
        yield Point(Sign.NEW, item.habit.days)
    measured = item.application.cores_basis is Basis.MEASURED
    before = at.earlier.get(item.application.ref.id) if measured else None
    cores = item.cores
    if before and Rule.GROWTH not in held and cores < before * min(STEADY, GROWTH_FACTOR):
        yield Point(Sign.STEADY, cores, before)
    queue = next((one for one in at.metrics.queues if one.holds(item.application.queue)), None)
    if queue is None or queue.used_percent is None or queue.capacity_percent is None:
        return
    if not queue.over_capacity:
        used, capacity = queue.used_percent / 100, queue.capacity_percent / 100
        yield Point(Sign.WITHIN, used, capacity, queue.name)


def _room(at: Situation) -> tuple[Point, ...]:
    """Return CPU as what speaks against, where it is known and not high."""
    return () if at.cpu is None or at.high else (at.now,)


def _nodes(at: Situation) -> Iterator[Hypothesis]:
    lost = at.metrics.nodes_faulty
    if lost is None:
        return
    point = Point(Sign.LOST, lost)
    if lost:
        yield Hypothesis(Cause.NODES, Standing.LIKELY, (point,))
    else:
        yield Hypothesis(Cause.NODES, Standing.UNLIKELY, against=(point,))


def _recovered(at: Situation) -> Iterator[Hypothesis]:
    """CPU was high, by the alert or by the last hour, and is not any more."""
    hour = at.last_hour
    peaked = hour is not None and hour.high >= HIGH_CPU
    if at.cpu is None or at.high or not (at.alerted or peaked):
        return
    now = at.now
    peak = (Point(Sign.PEAK, hour.high, HIGH_CPU),) if hour is not None else ()
    if hour is not None and not peaked:
        yield Hypothesis(Cause.RECOVERED, Standing.POSSIBLE, (now,), peak)
        return
    settled = Standing.LIKELY if at.cpu < CALM_CPU else Standing.POSSIBLE
    yield Hypothesis(Cause.RECOVERED, settled, (now, *peak))


def _nothing(at: Situation) -> Iterator[Hypothesis]:
    """Nothing is wrong: CPU is not high, every node responds and nobody waits."""
    if at.cpu is None or at.high:
        return
    hour, waiting = at.last_hour, at.metrics.applications_waiting or 0
    against = []
    if at.metrics.nodes_faulty:
        against.append(Point(Sign.LOST, at.metrics.nodes_faulty))
    if hour is not None and hour.high >= HIGH_CPU:
        against.append(Point(Sign.PEAK, hour.high, HIGH_CPU))
    standing = Standing.UNLIKELY if against else Standing.LIKELY
    if waiting:
        against.append(Point(Sign.WAITING, waiting))
    if standing is Standing.LIKELY and (waiting or at.cpu >= CALM_CPU):
        standing = Standing.POSSIBLE
    now = (at.now,)
    yield Hypothesis(Cause.NOTHING, standing, now, tuple(against))


def _queues(at: Situation) -> Iterator[Hypothesis]:
    """Yield a queue over its capacity that no runaway explains already."""
    if not at.metrics.queues:
        return
    told = {
        item.application.queue
        for item in at.findings
        if any(one.rule is Rule.QUEUE for one in item.evidence)
    }
    over = [item for item in at.metrics.queues if item.over_capacity]
    if not over:
        none = (Point(Sign.NONE_OVER, 0),)
        yield Hypothesis(Cause.QUEUE, Standing.UNLIKELY, against=none)
    for queue in over:
        if not any(queue.holds(name) for name in told):
            yield _queue(queue, at)


def _queue(queue: QueueUsage, at: Situation) -> Hypothesis:
    point = Point(Sign.OVER, queue.used_percent or 0.0, queue.capacity_percent, queue.name)
    if queue.pending:
        standing = Standing.POSSIBLE if at.findings else Standing.LIKELY
        waits = Point(Sign.WAITING, queue.pending)
        return Hypothesis(Cause.QUEUE, standing, (point, waits), _room(at))
    standing = Standing.POSSIBLE if at.high else Standing.UNLIKELY
    return Hypothesis(Cause.QUEUE, standing, (point,), _room(at))


def _beside(at: Situation) -> Iterator[Hypothesis]:
    outside = at.outside
    if outside is not None:
        named = ", ".join(f"{name} {cores:.1f}" for name, cores in outside.nodes)
        point = Point(Sign.BESIDE, outside.cores, outside.whole, named)
        yield Hypothesis(Cause.BESIDE, Standing.LIKELY, (point,))


def _idle(at: Situation) -> Iterator[Hypothesis]:
    """Yield who holds cores and uses next to none, the most first, while others wait for some."""
    if not at.metrics.applications_waiting:
        return
    idle = [item for item in at.running if holds_idle(item, at.earlier.get(item.ref.id))]
    standing = Standing.POSSIBLE if at.high else Standing.LIKELY
    for item in sorted(idle, key=lambda item: -(item.granted_cores or 0.0))[:1]:
        point = Point(Sign.HOLDS, item.used_cores or 0.0, item.granted_cores, item.name)
        waits = Point(Sign.WAITING, at.metrics.applications_waiting)
        yield Hypothesis(Cause.IDLE, standing, (point, waits))


def _many(at: Situation) -> Iterator[Hypothesis]:
    """Many applications, none of which stands out, use the cores together."""
    standing_out = {item.application.ref for item in at.findings}
    rest = [item for item in at.running if item.ref not in standing_out]
    part = at.part(*rest)
    if part is None or not at.running or not at.high:
        return
    of = "" if at.here is None else at.here.shown
    together = Point(Sign.TOGETHER, part, name=of)
    if part >= MANY_SHARE and len(rest) >= MANY_COUNT:
        largest = max(at.part(item) or 0.0 for item in rest)
        points = (Point(Sign.COUNT, len(rest)), together, Point(Sign.SHARE, largest, LARGE_SHARE))
        crowded = Standing.POSSIBLE if at.findings else Standing.LIKELY
        yield Hypothesis(Cause.MANY, crowded, points)
    else:
        yield Hypothesis(Cause.MANY, Standing.UNLIKELY, against=(together,))


def _outside(at: Situation) -> Iterator[Hypothesis]:
    """Something no scheduler knows of uses the machines: the applications account for too little."""
    part = at.part(*at.running) if at.here is not None or not at.named else None
    measured = at.metrics.cpu is not None and at.metrics.cpu.basis is Basis.MEASURED
    granted = any(item.cores_basis is not Basis.MEASURED for item in at.running)
    if part is None or at.cpu is None or not at.high or not measured or granted or at.outside:
        return
    points = (at.now, Point(Sign.SPARK, part, name="" if at.here is None else at.here.shown))
    if part * 100 >= at.cpu / 2:
        yield Hypothesis(Cause.OUTSIDE, Standing.UNLIKELY, against=points[1:])
        return
    standing = Standing.POSSIBLE if at.findings else Standing.LIKELY
    yield Hypothesis(Cause.OUTSIDE, standing, points)


DIP = timedelta(minutes=5)  # what is lower for no longer than this is one stretch all the same
NEXT = timedelta(seconds=90)  # two samples this near: it rose after the first of them


def high_since(window: Window) -> datetime | None:
    """Return the minute from which CPU has been high until the last point; None when it is not."""
    since: datetime | None = None
    low: datetime | None = None  # since when it is lower
    before: datetime | None = None
    for at, percent in window.points:
        if percent < HIGH_CPU:
            low = low or at
        else:
            if since is None or (low is not None and at - low > DIP):
                since = before if before is not None and at - before <= NEXT else at
            low = None
        before = at
    return since.replace(second=0, microsecond=0) if since is not None and low is None else None


def from_the_first(window: Window | None, since: datetime) -> bool:
    """Tell whether it was high from the first point on: when it began is then unknown."""
    if window is None or not window.points:
        return False
    return since == window.points[0][0].replace(second=0, microsecond=0)


def told_since(metrics: ClusterMetrics, kept: datetime | None) -> datetime | None:
    """Return since when CPU is high, as the thread has told it before; None when it is not high."""
    window, now = metrics.last_hour, metrics.cpu
    if now is None or now.percent < HIGH_CPU or window is None:
        return None
    return kept or high_since(window)
