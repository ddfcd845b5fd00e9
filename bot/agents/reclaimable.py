"""Which applications could be given up, and why: those out of hand first, then the heaviest.

It weighs and decides nothing; the owner is asked, or a card is proposed, by a person.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.agents.facts import Facts, QuestionFacts, Spare, SpareFacts, UnreadableFacts, Worth
from bot.agents.judgement import judged
from bot.agents.memory import Memory, listing_of
from bot.domain.applications import ApplicationRef, RunningApplications
from bot.domain.cluster import ClusterMetrics, QueueUsage
from bot.domain.conversation import ListingRow, Query
from bot.domain.core_usage import freed_points, holds_idle
from bot.domain.listings import frozen
from bot.domain.runaway import Finding
from bot.domain.selection_resolver import Resolved, resolve
from bot.domain.selections import Field, Having, Selection
from bot.tools.get_spark_jobs import Jobs
from bot.tools.toolbox import Toolbox

LITTLE = 3.0  # percentage points; an end that frees less hardly helps


async def could_be_given_up(memory: Memory, tools: Toolbox) -> Facts:
    """Return the candidates of the queue asked about, or of all that runs, in order of worth."""
    query, said_at = memory["reading"].query, memory["turn"].said_at
    seen = await judged(query, memory, tools)
    metrics, jobs = seen.metrics, seen.jobs
    if jobs.snapshot.failed and not jobs.rows:
        return UnreadableFacts(jobs.snapshot.missing)
    findings = {item.application.ref: item for item in seen.findings}
    queue = _queue_of(query.only)
    if query.this_queue:
        queue = _meant(memory, tuple(findings.values()), metrics.queues)
        if queue is None:
            names = sorted({row.queue for row in jobs.rows})
            return QuestionFacts("which_queue", {"names": ", ".join(names)})
    rows = _within(jobs, query, queue, said_at)
    idle = frozenset(
        item.ref
        for item in jobs.snapshot.applications
        if metrics.applications_waiting and holds_idle(item, seen.earlier.get(item.ref.id))
    )
    return _weighed(rows, (findings, idle), jobs.snapshot, query, (queue, metrics))


def _queue_of(only: Selection | None) -> str | None:
    return only.value if isinstance(only, Having) and only.field is Field.QUEUE else None


def _meant(memory: Memory, findings: Sequence[Finding], queues: Sequence[QueueUsage]) -> str | None:
    """Return the queue "this" means: the list's, the runaway's, or the only one over capacity."""
    listing = listing_of(memory)
    listed = {row.queue for row in listing.rows} if listing else set()
    wild = {item.application.queue for item in findings if item.runaway}
    over = {item.name for item in queues if item.over_capacity}
    for found in (listed, wild, over):
        if len(found) == 1:
            return found.pop()
    return None


def _within(jobs: Jobs, query: Query, queue: str | None, now: datetime) -> list[ListingRow]:
    """Return the rows of the queue, or those matching the question."""
    if queue is not None:
        short = queue.casefold().rpartition(".")[2]
        return [row for row in jobs.rows if row.queue.casefold().rpartition(".")[2] == short]
    if query.only is None:
        return list(jobs.rows)
    found = resolve(query.only, jobs.rows, now)
    return list(found.rows) if isinstance(found, Resolved) else []


def _weighed(
    rows: Sequence[ListingRow],
    judged_: tuple[dict[ApplicationRef, Finding], frozenset[ApplicationRef]],
    snapshot: RunningApplications,
    query: Query,
    place: tuple[str | None, ClusterMetrics],
) -> SpareFacts:
    findings, idle = judged_
    free = [row for row in rows if not row.protected]
    running = {item.ref: item for item in snapshot.applications}

    def wild(row: ListingRow) -> bool:
        finding = findings.get(row.ref)
        return finding is not None and finding.runaway

    # Stable: the heaviest stay first.
    ordered = sorted(free, key=lambda row: (row.ref not in idle, not wild(row)))
    listing = frozen(ordered, query, snapshot)
    spares = []
    for row in listing.rows:
        points = freed_points(running[row.ref], snapshot)
        worth = Worth.OWNER if points is None or points >= LITTLE else Worth.LITTLE
        worth = Worth.IDLE if row.ref in idle else worth
        spares.append(
            Spare(row, Worth.RUNAWAY if wild(row) else worth, points, findings.get(row.ref))
        )
    protected = tuple(row.name for row in rows if row.protected)
    queue, metrics = place
    return SpareFacts(
        listing, tuple(spares), metrics, queue, protected, len(free), snapshot.missing
    )
