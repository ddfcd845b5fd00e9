"""From a turn's typed facts, and what runs around them, to its evidence."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.agents import facts as found
from bot.agents.model.evidence import ALL, GRANTED_CORES, Evidence, Figure, Kind, Subject, Unit
from bot.agents.model.quantities import RANK, ROW, numbered, quantities
from bot.agents.templates.cluster import A_CHANGE
from bot.domain.applications import Basis, span
from bot.domain.cluster import ClusterMetrics, Room
from bot.domain.conversation import Listing, ListingRow
from bot.domain.hypotheses import HIGH_CPU, Cause, Hypothesis
from bot.domain.knowledge import Found
from bot.domain.proposals import Proposal, TargetState
from bot.domain.runaway import CALM_CPU, LARGE_SHARE, Finding
from bot.domain.selections import Measure
from bot.texts.figures import GIB
from bot.tools.get_spark_jobs import JobList

PASSAGES = 5
NODES = 20
LIMITS = (
    Figure("runaway from a share of all cores of", LARGE_SHARE * 100, Unit.PERCENT),
    Figure("high from", HIGH_CPU, Unit.PERCENT),
    Figure("critical from", 90.0, Unit.PERCENT),
    Figure("calm below", CALM_CPU, Unit.PERCENT),
    Figure("means and peaks are over", 3600.0, Unit.SECONDS),
)
CORES = {
    Basis.MEASURED: "cores used",
    Basis.BOUND: "cores used at most",
    Basis.GRANTED: GRANTED_CORES,
}
AMOUNTS = {Unit.CORES, Unit.GIB, Unit.SECONDS}
SPREAD = "spread over many jobs"


@dataclass(frozen=True, slots=True)
class Around:
    """What runs around a turn's facts: one read of machines and applications, and the thread's cards.

    `rows` are all that run, the heaviest first; `asked` is the question, whose names it is about.
    """

    metrics: ClusterMetrics | None = None
    rows: Sequence[ListingRow] = ()
    read_at: datetime | None = None
    proposals: tuple[Proposal, ...] = ()
    asked: str = ""


def gathered(facts: found.Facts, around: Around = Around()) -> Evidence:
    """Return the evidence of facts, of whatever kind: what they tell, and what runs around them."""
    killed, approved = _told_by_audit(around.proposals)
    large = around.rows[0].share or 0.0 if around.rows else 0.0
    cluster = _cluster(around.metrics, len(around.rows))
    if large >= LARGE_SHARE:  # that nothing stands out, only a diagnosis can tell
        cluster = tuple(_noted(each, SPREAD, holds=False) for each in cluster)
    more = Evidence(
        (
            *cluster,
            *_applications(around.rows, around.read_at),
            *_held(around.rows),
            _asked_for(around.asked),
            *(Subject(Kind.APPLICATION, (name,)) for name in sorted(killed)),
        ),
        trends=_trends(around.metrics, None),
        killed=killed,
        approved=approved,
        limits=LIMITS,
        times=_times(around.metrics),
    )
    own = _own(facts)
    found_ = own.joined(more)
    named = [row for row in around.rows if row.name in around.asked]
    owned = [row for row in around.rows if re.search(rf"\b{re.escape(row.user)}\b", around.asked)]
    asked = tuple(row.name for row in named or owned)
    only = own.listed if len(own.listed) == 1 else ()
    return replace(found_, about=asked or found_.about or only or _by_row(around))


def _by_row(around: Around) -> tuple[str, ...]:
    """Return the names of those a question means by their row or place: "number 5", "3번"."""
    text = numbered(around.asked)
    places = [int(found["n"] or found["e"] or found["o"]) for found in RANK.finditer(text)]
    places += [int(found[1] or found[2]) for found in ROW.finditer(text)]
    return tuple(around.rows[at - 1].name for at in places if 0 < at <= len(around.rows))


def wordable(facts: found.Facts) -> bool:
    """Tell whether a model may word facts: those that tell how it is, or what the documents say."""
    return not _own(facts).empty


def _own(facts: found.Facts) -> Evidence:
    """Return the evidence in facts themselves; empty for those that only people and code may word."""
    tell = OWN.get(type(facts))
    return tell(facts) if tell else Evidence()


def metrics_evidence(metrics: ClusterMetrics) -> Evidence:
    """Return the evidence in one read of the cluster."""
    subjects, trends = _cluster(metrics, None), _trends(metrics, None)
    return Evidence(subjects, trends=trends, times=_times(metrics), limits=LIMITS)


def looked_up(value: object) -> Evidence:
    """Return the evidence in what a read-only tool gave; nothing in it is judged."""
    match value:
        case ClusterMetrics():
            return metrics_evidence(value)
        case JobList():
            rows, at = value.listing.rows, value.listing.taken_at
            matching = Figure("matching", value.matching, Unit.JOBS)
            jobs = (_application(row, at, {}) for row in rows)  # ranks hold among all that run
            return Evidence((Subject(Kind.LIST, (), (matching,)), *jobs), limits=LIMITS)
        case Found():
            return documents(value)
        case _:
            return Evidence()


def documents(*searched: Found | None) -> Evidence:
    """Return the passages found, whole, the best of each search first."""
    lists = [found.passages for found in searched if found is not None]
    longest = max((len(passages) for passages in lists), default=0)
    mixed = [items[at] for at in range(longest) for items in lists if at < len(items)]
    return Evidence(passages=tuple((item.source, item.text) for item in mixed[:PASSAGES]))


def _told_by_audit(proposals: Iterable[Proposal]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names proved killed, and those whose kill somebody approved."""
    targets = [(target, proposal) for proposal in proposals for target in proposal.targets]
    killed = {target.name for target, _ in targets if target.state is TargetState.SUCCEEDED}
    approved = {target.name for target, proposal in targets if proposal.decided_at is not None}
    return frozenset(killed), frozenset(approved)


def _times(metrics: ClusterMetrics | None) -> tuple[str, ...]:
    return (metrics.taken_at.isoformat(timespec="minutes"),) if metrics else ()


def _cluster(metrics: ClusterMetrics | None, running: int | None) -> tuple[Subject, ...]:
    if metrics is None:
        return ()
    cpu, memory, hour, room = metrics.cpu, metrics.memory, metrics.last_hour, metrics.room
    counts = metrics.node_counts
    cores = metrics.cores_total or (room.cores_total if room else None)
    waiting, lost = metrics.applications_waiting, metrics.nodes_faulty
    known = [
        _figure("cpu", cpu.percent if cpu else None, Unit.PERCENT, "cpu"),
        _figure("memory", memory.percent if memory else None, Unit.PERCENT, "memory"),
        _figure("disk", metrics.disk_percent, Unit.PERCENT, "disk"),
        _figure("hdfs", metrics.hdfs_percent, Unit.PERCENT, "hdfs"),
        _figure("cores in all", cores, Unit.CORES),
        _figure("cores free", room.cores_free if room else None, Unit.CORES),
        *_rooms(room),
        _figure("nodes", counts.members if counts else len(metrics.nodes) or None, Unit.NODES, ALL),
        _figure("nodes out of order", lost, Unit.NODES, "lost"),
        _figure("running", metrics.applications_running or running, Unit.JOBS, "running"),
        _figure("waiting", waiting, Unit.JOBS, "waiting"),
        _figure("cpu mean of the last hour", hour.mean if hour else None, Unit.PERCENT, "mean"),
        _figure("cpu peak of the last hour", hour.high if hour else None, Unit.PERCENT, "high"),
    ]
    states = {} if lost is None else {"nodes out of order": lost > 0}
    if cpu is not None and not cpu.partial:
        states |= {"busy": cpu.percent >= HIGH_CPU, "calm": cpu.percent < CALM_CPU}
    if waiting is not None:
        states["somebody waits"] = waiting > 0
    cluster = Subject(Kind.CLUSTER, (metrics.cluster,), _known(known), states=states)
    return (cluster, *_nodes(metrics), *_queues(metrics))


def _rooms(room: Room | None) -> list[Figure | None]:
    """Return what the scheduler handed out, and the memory it has."""
    if room is None:
        return []
    cores, free = room.cores_total, room.cores_free
    total, spare = room.memory_total, room.memory_free
    granted = None if cores is None or free is None else cores - free
    used = None if total is None or spare is None else (total - spare) / GIB
    return [
        _figure(GRANTED_CORES, granted, Unit.CORES),
        _figure("memory in all", total / GIB if total else None, Unit.GIB, "memory"),
        _figure("memory granted", used, Unit.GIB, "memory"),
        _figure("memory free", None if spare is None else spare / GIB, Unit.GIB, "memory"),
    ]


def _held(rows: Sequence[ListingRow]) -> Iterable[Subject]:
    """Yield the queues in use with what their applications hold, and their places by that."""
    queues = {row.queue: [each for each in rows if each.queue == row.queue] for row in rows}
    cores = {name: sum(row.cores or 0.0 for row in held) for name, held in queues.items()}
    memory = {name: sum(row.memory or 0 for row in held) / GIB for name, held in queues.items()}
    for name, held in queues.items():
        figures = (
            Figure("cores of its applications", cores[name], Unit.CORES),
            Figure("memory of its applications", memory[name], Unit.GIB, "memory"),
            Figure("its applications", len(held), Unit.JOBS, ALL),
        )
        ranks = {
            measure: 1 + sum(each > of[name] for each in of.values())
            for measure, of in (
                (Measure.CPU, cores),
                (Measure.GRANTED, cores),
                (Measure.MEMORY, memory),
            )
        }
        yield Subject(Kind.QUEUE, (name, name.rpartition(".")[2]), figures, ranks=ranks)


def _asked_for(asked: str) -> Subject:
    """Return what a question says of cores and memory: what somebody needs is known from them alone."""
    told = (each for each in quantities(numbered(asked)) if len(each.units) == 1)
    figures = tuple(Figure(str(each.value), each.value, *each.units) for each in told)
    return Subject(Kind.REQUEST, (), tuple(one for one in figures if one.unit in AMOUNTS))


def _nodes(metrics: ClusterMetrics) -> tuple[Subject, ...]:
    ordered = sorted(metrics.nodes, key=lambda node: -(node.cpu_percent or 0.0))[:NODES]
    return tuple(
        Subject(
            Kind.NODE,
            (node.name,),
            _known(
                [
                    _figure("cpu", node.cpu_percent, Unit.PERCENT, "cpu"),
                    _figure("memory", node.memory_percent, Unit.PERCENT, "memory"),
                ]
            ),
            ranks={Measure.CPU: place},
            states={"out of order": not node.healthy},
        )
        for place, node in enumerate(ordered, start=1)
    )


def _queues(metrics: ClusterMetrics) -> tuple[Subject, ...]:
    return tuple(
        Subject(
            Kind.QUEUE,
            (queue.name, queue.name.rpartition(".")[2]),
            _known(
                [
                    _figure("used", queue.used_percent, Unit.PERCENT),
                    _figure("guaranteed", queue.capacity_percent, Unit.PERCENT),
                    _figure("at most", queue.max_percent, Unit.PERCENT),
                    _figure("waiting", queue.pending, Unit.JOBS, "waiting"),
                    _figure("running", queue.running, Unit.JOBS, "running"),
                ]
            ),
            states={"over its guarantee": queue.over_capacity},
        )
        for queue in metrics.queues
    )


def _trends(metrics: ClusterMetrics | None, before: float | None) -> frozenset[str]:
    """Return the ways CPU went, against an earlier figure and against the last hour's mean."""
    if metrics is None or metrics.cpu is None:
        return frozenset()
    hour = metrics.last_hour
    thens = (before,) if before is not None else (hour.mean,) if hour else ()
    moves = [metrics.cpu.percent - then for then in thens]
    return frozenset("same" if abs(by) < A_CHANGE else "up" if by > 0 else "down" for by in moves)


def _summed(facts: found.TotalFacts) -> Evidence:
    """Return what all that fits a question holds together, and each of them."""
    whole, rows = facts.whole, facts.rows
    share = None if facts.share is None else facts.share * 100
    figures = [
        _figure("matching", whole.count, Unit.JOBS),
        _figure("cores together", whole.cores, Unit.CORES),
        _figure("memory together", whole.memory and whole.memory / GIB, Unit.GIB, "memory"),
        _figure("share of all cores together", share, Unit.PERCENT),
    ]
    jobs = (_application(row, facts.taken_at, {}) for row in rows)
    return Evidence((Subject(Kind.LIST, (), _known(figures)), *jobs))


def _listed(listing: Listing, figures: tuple[Figure, ...] = ()) -> Evidence:
    rows, at = listing.rows, listing.taken_at
    return Evidence(
        (Subject(Kind.LIST, (), figures), *(_application(row, at, {}) for row in rows)),
        listed=_names(rows),
        by=listing.by,
        times=(at.isoformat(timespec="minutes"),),
    )


def _diagnosed(facts: found.DiagnoseFacts) -> Evidence:
    first = next((each.finding for each in facts.hypotheses if each.finding is not None), None)
    rows = facts.listing.rows
    listed = _judged(_listed(facts.listing), facts.findings)
    known = metrics_evidence(facts.metrics)
    spread = not facts.findings and bool(rows) and rows[0].share is not None
    subjects = tuple(_noted(each, SPREAD, holds=spread) for each in known.subjects)
    return replace(
        listed.joined(replace(known, subjects=subjects)),
        about=(first.application.name,) if first else (),
        notes=tuple(map(_explanation, facts.hypotheses[:4])),
    )


def _noted(subject: Subject, state: str, *, holds: bool) -> Subject:
    """Return the cluster with a state noted on it; any other subject as it is."""
    if subject.kind is not Kind.CLUSTER:
        return subject
    return replace(subject, states={**subject.states, state: holds})


def _explanation(item: Hypothesis) -> str:
    named = f" ({item.finding.application.name})" if item.finding is not None else ""
    sides = [
        ", ".join(point.sign.value for point in side) for side in (item.speaks_for, item.against)
    ]
    cause = item.cause.value if item.cause is not Cause.OUTSIDE else "work outside Spark"
    return (
        f"explanation: {cause}{named}, {item.standing.value}; for: {sides[0]}; against: {sides[1]}"
    )


def _judged(evidence: Evidence, findings: Iterable[Finding]) -> Evidence:
    """Note on the applications whether they were found to stand out."""
    verdicts = {each.application.ref.id: each.runaway for each in findings}

    def noted(subject: Subject) -> Subject:
        if subject.kind is not Kind.APPLICATION:
            return subject
        runaway = any(verdicts.get(name, False) for name in subject.names)
        return replace(subject, states={**subject.states, "runaway": runaway})

    return replace(evidence, subjects=tuple(map(noted, evidence.subjects)))


def _applications(rows: Sequence[ListingRow], at: datetime | None) -> tuple[Subject, ...]:
    """Return what runs, each with its places by cores, memory and time."""
    kept = list(rows[:200])
    orders = {
        Measure.CPU: sorted(kept, key=lambda row: -(row.cores or 0)),
        Measure.GRANTED: sorted(kept, key=lambda row: -(row.granted_cores or row.cores or 0)),
        Measure.MEMORY: sorted(kept, key=lambda row: -(row.memory or 0)),
        Measure.DURATION: sorted(kept, key=lambda row: (row.started_at is None, row.started_at)),
    }
    places = {
        measure: {row.ref: place for place, row in enumerate(order, start=1)}
        for measure, order in orders.items()
    }
    return tuple(
        _application(row, at, {measure: places[measure][row.ref] for measure in places})
        for row in kept
    )


def _application(row: ListingRow, at: datetime | None, ranks: Mapping[Measure, int]) -> Subject:
    lasted = span(row.started_at, at) if at else None
    percent = None if row.share is None else row.share * 100
    beside = None if row.cores_basis == Basis.GRANTED else row.granted_cores
    known = [
        _figure(CORES[Basis(row.cores_basis)], row.cores, Unit.CORES),
        _figure("granted cores", beside, Unit.CORES),
        _figure("share of all cores", percent, Unit.PERCENT),
        _figure("cpu points a kill gives back at most", percent, Unit.POINTS),
        _figure("memory", None if row.memory is None else row.memory / GIB, Unit.GIB, "memory"),
        _figure("running for", lasted.total_seconds() if lasted else None, Unit.SECONDS),
    ]
    return Subject(
        Kind.APPLICATION,
        (row.name, row.ref.id),
        _known(known),
        row.user,
        row.queue,
        dict(ranks),
        {"protected": row.protected, "waiting": row.state != "running"},
    )


def _now(item: found.Detail) -> ListingRow:
    """Return a listed row with the figures of now, which are those shown."""
    if item.application is None:
        return item.row
    now = item.application
    return replace(
        item.row,
        cores=now.cores,
        cores_basis=now.cores_basis.value,
        granted_cores=now.granted_cores,
        memory=now.memory,
        share=item.share,
    )


def _detailed(facts: found.DetailFacts) -> Evidence:
    rows = [_now(item) for item in facts.details if item.application is not None]
    judged = [item.finding for item in facts.details if item.finding is not None]
    subjects = tuple(_application(row, facts.read_at, {}) for row in rows)
    return _judged(Evidence(subjects, about=_names(rows)), judged)


def _offered(facts: found.SpareFacts) -> Evidence:
    return _judged(_listed(facts.listing), [item.finding for item in facts.spares if item.finding])


def _shown(facts: found.ListFacts) -> Evidence:
    shown = Figure("shown", len(facts.listing.rows), Unit.JOBS)
    return _listed(facts.listing, (shown, Figure("matching", facts.matching, Unit.JOBS)))


def _since(facts: found.PastFacts) -> Evidence:
    then = facts.past.cpu
    return _compared(facts.metrics, then.mean if then else None, ())


def _names(rows: Iterable[ListingRow]) -> tuple[str, ...]:
    return tuple(row.name for row in rows)


def _compared(metrics: ClusterMetrics, before: float | None, killed: tuple[str, ...]) -> Evidence:
    known = metrics_evidence(metrics)
    cluster, *rest = known.subjects
    if before is not None and metrics.cpu is not None:
        added = (
            Figure("cpu before", before, Unit.PERCENT, "cpu"),
            Figure("cpu change", metrics.cpu.percent - before, Unit.POINTS, "cpu"),
        )
        cluster = replace(cluster, figures=(*cluster.figures, *added))
    trends = _trends(metrics, before)
    dead = (Subject(Kind.APPLICATION, (name,)) for name in killed)
    return replace(known, subjects=(cluster, *rest, *dead), trends=trends, killed=frozenset(killed))


def _expected(facts: found.WhatIfFacts) -> Evidence:
    now, then = facts.cpu_now, facts.cpu_then
    rows = tuple(relief.row for relief in facts.reliefs)
    shares = [row.share * 100 for row in rows if row.share is not None]
    fall = None if now is None or then is None else now - then
    known = [
        _figure("cpu points given back at most", sum(shares) or None, Unit.POINTS, "cpu"),
        _figure("cpu", now, Unit.PERCENT, "cpu"),
        _figure("cpu expected", then, Unit.PERCENT, "cpu"),
        _figure("expected fall", fall, Unit.POINTS, "cpu"),
    ]
    subjects = tuple(_application(row, facts.read_at, {}) for row in rows)
    falls = any(relief.points is None or relief.points > 0 for relief in facts.reliefs)
    return Evidence(
        (Subject(Kind.CLUSTER, (), _known(known)), *subjects),
        about=_names(rows),
        expected="down" if falls else "same",
    )


def _figure(label: str, value: float | None, unit: Unit, topic: str = "") -> Figure | None:
    return None if value is None else Figure(label, float(value), unit, topic)


def _known(found_: list[Figure | None]) -> tuple[Figure, ...]:
    return tuple(figure for figure in found_ if figure is not None)


OWN: Mapping[type, Callable[[Any], Evidence]] = {
    found.StatusFacts: lambda facts: metrics_evidence(facts.metrics),
    found.CompareFacts: lambda facts: _compared(facts.metrics, facts.before, facts.killed),
    found.PastFacts: _since,
    found.DiagnoseFacts: _diagnosed,
    found.ListFacts: _shown,
    found.TotalFacts: _summed,
    found.SpareFacts: _offered,
    found.DetailFacts: _detailed,
    found.WhatIfFacts: _expected,
    found.CapacityFacts: lambda facts: replace(metrics_evidence(facts.metrics), about=facts.freed),
    found.DraftFacts: lambda facts: replace(
        metrics_evidence(facts.metrics), about=_names(facts.chosen)
    ),
    found.GuideFacts: lambda facts: documents(Found(facts.shown)),
}
