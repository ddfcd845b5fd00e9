"""From a turn's typed facts to its evidence."""

from dataclasses import replace
from datetime import datetime

from bot.agents import facts as found
from bot.agents.model.evidence import ALL, Claim, Evidence, Figure, Subject, Unit
from bot.agents.model.explained import explanations
from bot.agents.templates.cluster import A_CHANGE
from bot.domain.applications import ApplicationRef, Basis, span
from bot.domain.cluster import ClusterMetrics
from bot.domain.conversation import Listing, ListingRow
from bot.domain.hypotheses import HIGH_CPU
from bot.domain.knowledge import Found
from bot.domain.runaway import Finding
from bot.texts import figures

GIB = figures.GIB


NODES, QUEUES, PASSAGES = 5, 5, 4
PASSAGE_LENGTH = 260
HOUR = 3600.0

Judged = dict[ApplicationRef, Finding]


def gathered(facts: found.Facts) -> Evidence:  # noqa: PLR0911 - one line per kind of fact
    """Return the evidence of facts a model may word; empty for those it may not."""
    match facts:
        case found.StatusFacts():
            return Evidence(_cluster(facts.metrics), _level(facts.metrics, ()))
        case found.CompareFacts():
            return _compared(facts.metrics, facts.before, facts.killed)
        case found.PastFacts():
            then = facts.past.cpu
            return _compared(facts.metrics, then.mean if then else None, ())
        case found.DiagnoseFacts():
            judged = {item.application.ref: item for item in facts.findings}
            rows = _rows(facts.listing, judged)
            return Evidence(
                (*_cluster(facts.metrics), *rows, *explanations(facts.hypotheses)),
                _level(facts.metrics, facts.findings),
            )
        case found.ListFacts():
            return Evidence((_counts(facts), *_rows(facts.listing, {})))
        case found.SpareFacts():
            known = {item.row.ref: item.finding for item in facts.spares if item.finding}
            return Evidence(_rows(facts.listing, known))
        case found.DetailFacts():
            return Evidence(
                tuple(
                    _row(_now(item), facts.read_at, {}, ())
                    for item in facts.details
                    if item.application is not None
                )
            )
        case found.WhatIfFacts():
            return _expected(facts)
        case found.GuideFacts():
            return documents(Found(facts.shown))
        case _:
            return Evidence()


def metrics_evidence(metrics: ClusterMetrics) -> Evidence:
    """Return the evidence in one read of the cluster."""
    return Evidence(_cluster(metrics), _level(metrics, None))


def jobs_evidence(listing: Listing) -> Evidence:
    """Return the evidence in one read of the applications; nothing in it is judged."""
    return Evidence(_rows(listing, {}))


def documents(*searched: Found | None) -> Evidence:
    """Return the passages found, the best of each search first."""
    lists = [found.passages for found in searched if found is not None]
    longest = max((len(passages) for passages in lists), default=0)
    mixed = [items[at] for at in range(longest) for items in lists if at < len(items)]
    return Evidence(
        passages=tuple((item.source, item.text[:PASSAGE_LENGTH]) for item in mixed[:PASSAGES])
    )


def _cluster(metrics: ClusterMetrics) -> tuple[Subject, ...]:
    cpu, memory, hour = metrics.cpu, metrics.memory, metrics.last_hour
    counts = metrics.node_counts
    known: list[Figure | None] = [
        _figure("cpu", cpu.percent if cpu else None, Unit.PERCENT, "cpu"),
        _figure("memory", memory.percent if memory else None, Unit.PERCENT, "memory"),
        _figure("disk", metrics.disk_percent, Unit.PERCENT, "disk"),
        _figure("hdfs", metrics.hdfs_percent, Unit.PERCENT, "hdfs"),
        _figure("nodes", counts.members if counts else len(metrics.nodes) or None, Unit.NODES, ALL),
        _figure("nodes out of order", metrics.nodes_faulty or None, Unit.NODES, "lost"),
        _figure("running", metrics.applications_running, Unit.JOBS, "running"),
        _figure("waiting", metrics.applications_waiting or None, Unit.JOBS, "waiting"),
    ]
    if hour is not None:
        known.append(_figure("cpu mean of the last hour", hour.mean, Unit.PERCENT, "mean"))
        known.append(_figure("cpu peak of the last hour", hour.high, Unit.PERCENT, "high"))
        known.append(_figure("window", HOUR, Unit.SECONDS))
    about = (("cpu is", cpu.basis.value if cpu else "unknown"),)
    cluster = Subject("cluster", (metrics.cluster,), _known(known), about=about)
    return (cluster, *_nodes(metrics), *_queues(metrics))


def _nodes(metrics: ClusterMetrics) -> tuple[Subject, ...]:
    ordered = sorted(metrics.nodes, key=lambda node: -(node.cpu_percent or 0.0))[:NODES]
    return tuple(
        Subject(
            "nodes",
            (node.name,),
            _known(
                [
                    _figure("cpu", node.cpu_percent, Unit.PERCENT, "cpu"),
                    _figure("memory", node.memory_percent, Unit.PERCENT, "memory"),
                ]
            ),
            _node_claims(at, node.cpu_percent),
        )
        for at, node in enumerate(ordered)
        if node.cpu_percent is not None
    )


def _node_claims(place: int, cpu: float) -> frozenset[Claim]:
    first = {Claim.MOST} if place == 0 else set()
    return frozenset(first | ({Claim.HIGH} if cpu >= HIGH_CPU else set()))


def _queues(metrics: ClusterMetrics) -> tuple[Subject, ...]:
    over = [queue for queue in metrics.queues if queue.over_capacity]
    return tuple(
        Subject(
            "queues over their capacity",
            (queue.name,),
            _known(
                [
                    _figure("used", queue.used_percent, Unit.PERCENT),
                    _figure("capacity", queue.capacity_percent, Unit.PERCENT),
                ]
            ),
            frozenset({Claim.HEAVY}),
        )
        for queue in over[:QUEUES]
    )


def _counts(facts: found.ListFacts) -> Subject:
    figures_ = (
        Figure("shown", len(facts.listing.rows), Unit.JOBS),
        Figure("matching", facts.matching, Unit.JOBS),
    )
    return Subject("list", (), figures_)


def _rows(listing: Listing, judged: Judged) -> tuple[Subject, ...]:
    known = (row for row in listing.rows if row.cores is not None)
    top = max(known, key=lambda row: row.cores or 0.0, default=None)
    return tuple(
        _row(row, listing.taken_at, judged, (Claim.MOST,) if row is top else ())
        for row in listing.rows
    )


def _row(row: ListingRow, at: datetime, judged: Judged, more: tuple[Claim, ...]) -> Subject:
    finding = judged.get(row.ref)
    claims = set(more)
    if finding is not None:
        killable = finding.runaway and not row.protected
        claims |= {Claim.HEAVY, Claim.RUNAWAY} if killable else {Claim.HEAVY}
    if row.protected:
        claims.add(Claim.PROTECTED)
    lasted = span(row.started_at, at)
    known = [
        _figure("rank", row.rank, Unit.RANK),
        _figure(_CORES[Basis(row.cores_basis)], row.cores, Unit.CORES),
        _figure("granted cores", _beside(row), Unit.CORES),
        _figure("share of all cores", _percent(row.share), Unit.PERCENT),
        _figure("memory", None if row.memory is None else row.memory / GIB, Unit.GIB, "memory"),
        _figure(
            "running for", lasted.total_seconds() if lasted is not None else None, Unit.SECONDS
        ),
    ]
    about = (("owner", row.user), ("queue", row.queue))
    return Subject("applications", (row.name, row.ref.id), _known(known), frozenset(claims), about)


_CORES = {
    Basis.MEASURED: "cores used",
    Basis.BOUND: "cores used at most",
    Basis.GRANTED: "cores granted, use not measured",
}


def _beside(row: ListingRow) -> float | None:
    """Return the granted cores where `cores` are others."""
    return None if row.cores_basis == Basis.GRANTED else row.granted_cores


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


def _compared(metrics: ClusterMetrics, before: float | None, killed: tuple[str, ...]) -> Evidence:
    cluster, *rest = _cluster(metrics)
    now = metrics.cpu.percent if metrics.cpu else None
    claims = set(_level(metrics, None))
    if before is not None and now is not None:
        moved = now - before
        claims.add(Claim.SAME if abs(moved) < A_CHANGE else Claim.DOWN if moved < 0 else Claim.UP)
        added = (
            Figure("cpu before", before, Unit.PERCENT, "cpu"),
            Figure("cpu change", moved, Unit.POINTS, "cpu"),
        )
        cluster = Subject(
            cluster.kind, cluster.names, (*cluster.figures, *added), cluster.claims, cluster.about
        )
    dead = tuple(
        Subject("killed applications", (name,), claims=frozenset({Claim.KILLED})) for name in killed
    )
    return Evidence((cluster, *rest, *dead), frozenset(claims))


def _expected(facts: found.WhatIfFacts) -> Evidence:
    cluster = Subject(
        "expectation",
        ("CPU",),
        _known(
            [
                _figure("cpu now", facts.cpu_now, Unit.PERCENT, "cpu"),
                _figure("cpu expected", facts.cpu_then, Unit.PERCENT, "cpu"),
                _figure("expected relief", _fall(facts), Unit.POINTS, "cpu"),
                _figure("applications", len(facts.reliefs), Unit.JOBS),
            ]
        ),
    )
    rows = [
        Subject(
            "applications",
            (relief.row.name, relief.row.ref.id),
            _known(
                [
                    _figure("rank", relief.row.rank, Unit.RANK),
                    _figure("cores in use", relief.cores, Unit.CORES),
                    _figure("expected relief", relief.points, Unit.POINTS),
                ]
            ),
            frozenset({Claim.PROTECTED} if relief.row.protected else ()),
            (("owner", relief.row.user),),
        )
        for relief in facts.reliefs
    ]
    return Evidence((cluster, *rows), frozenset({Claim.EXPECTED, Claim.DOWN}))


def _fall(facts: found.WhatIfFacts) -> float | None:
    if facts.cpu_now is None or facts.cpu_then is None:
        return None
    return facts.cpu_then - facts.cpu_now


def _level(metrics: ClusterMetrics, findings: tuple[Finding, ...] | None) -> frozenset[Claim]:
    """Return how busy may be said to be; `findings` None when nobody looked at applications."""
    if metrics.cpu is None or metrics.cpu.partial:
        return frozenset()
    claims = {Claim.LOST} if metrics.nodes_faulty else set()
    if metrics.cpu.percent >= HIGH_CPU:
        claims.add(Claim.HIGH)
        if findings == ():
            claims.add(Claim.SPREAD)
    elif not metrics.nodes_faulty and not findings:
        claims.add(Claim.CALM)
    return frozenset(claims)


def _figure(label: str, value: float | None, unit: Unit, topic: str = "") -> Figure | None:
    return None if value is None else Figure(label, float(value), unit, topic)


def _known(found_: list[Figure | None]) -> tuple[Figure, ...]:
    return tuple(figure for figure in found_ if figure is not None)


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100
