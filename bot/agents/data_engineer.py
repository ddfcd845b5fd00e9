"""Data Engineer: lists applications, looks at one, weighs a kill, proposes it; decides nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.agents.facts import (
    AuditFacts,
    CancelFacts,
    Detail,
    DetailFacts,
    Facts,
    ListFacts,
    QuestionFacts,
    Relief,
    Spare,
    SpareFacts,
    TotalFacts,
    UnreadableFacts,
    UnsupportedFacts,
    WhatIfFacts,
    Worth,
)
from bot.agents.memory import Memory, listing_of, stored_listing
from bot.agents.targets import Choice, Judged, choose, judged
from bot.domain.applications import Application, ApplicationRef, RunningApplications
from bot.domain.cluster import ClusterMetrics, QueueUsage, Room
from bot.domain.conversation import Intent, ListingRow, Query, Turn, Understanding, Wish
from bot.domain.core_usage import UsageSum, freed_points, holds_idle
from bot.domain.listings import MAX_ROWS, frozen, total_of, totals_per
from bot.domain.proposals import ProposalState
from bot.domain.runaway import Finding
from bot.domain.selection_resolver import Resolved, fitting, resolve
from bot.domain.selections import Field, Having, Measure
from bot.errors import BackendError, NotAllowedError
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import Jobs, get_spark_jobs
from bot.tools.kill_spark_job import KillFacts, KillWish, kill_spark_job
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
    only = query.only
    queue = only.value if isinstance(only, Having) and only.field is Field.QUEUE else None
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


def expected(
    rows: Sequence[ListingRow], snapshot: RunningApplications
) -> tuple[tuple[Relief, ...], tuple[ListingRow, ...]]:
    """Return the relief of each row that still runs, and the rows that do not."""
    running = {item.ref: item for item in snapshot.applications if not item.state.over}
    reliefs = tuple(
        Relief(row, running[row.ref], freed_points(running[row.ref], snapshot))
        for row in rows
        if row.ref in running
    )
    return reliefs, tuple(row for row in rows if row.ref not in running)


MOST_DETAILS = 3
LOOKED_BACK = timedelta(days=7)
MOVING = ("button", "move_card")  # of a reading: the card whose id follows is to be moved here
STOPPING = ("button", "cancel_watch")  # of a reading: the watch whose id follows is to end
MOST_NAMED = 10  # approvers told by name


@dataclass(frozen=True, slots=True)
class DataEngineer:
    """Answers list, detail, what_if, kill, audit, cancel, and wishes nobody here can fulfil."""

    tools: Toolbox

    async def __call__(self, state: Memory) -> Memory:
        """Find the facts the reading asks for."""
        intent = state["reading"].intent
        if intent is Intent.LIST:
            return await self._list(state)
        if intent is Intent.AUDIT:
            return {"facts": await self._audit(state)}
        if intent is Intent.UNSUPPORTED:
            return {"facts": await self._unsupported(state)}
        if intent is Intent.CANCEL:
            return {"facts": await self._cancel(state)}
        return {"facts": await self._chosen(state)}

    async def _list(self, memory: Memory) -> Memory:
        query = memory["reading"].query
        if query.spare:
            return await self._spare(memory)
        jobs = await get_spark_jobs(self.tools, query)
        if jobs.snapshot.failed and not jobs.rows:
            return {"facts": UnreadableFacts(jobs.snapshot.missing)}
        rows: Sequence[ListingRow] = jobs.rows
        if query.only is not None:
            shown = listing_of(memory)
            rows = fitting(query.only, rows, shown.rows if shown else (), jobs.snapshot.taken_at)
        history: tuple[UsageSum, ...] = ()  # owners' core-hours, where waste was asked for
        if query.by is Measure.WASTED:
            history = await self.tools.usage_sums(memory["turn"].said_at - LOOKED_BACK)
        if query.total or query.per is not None:
            summed = rows[: query.count] if query.only is None else rows  # "the top 5 together"
            totals = _totals(memory["reading"], summed, jobs.snapshot)
            return {"facts": replace(totals, history=history)}
        listing = frozen(rows, query, jobs.snapshot)
        unapplied = memory["reading"].unapplied
        facts = ListFacts(
            listing,
            query,
            len(rows),
            jobs.snapshot.missing,
            unapplied,
            jobs.snapshot.others,
            history,
        )
        found_now: Memory = {"facts": facts}
        if listing.rows:
            found_now["listing"] = stored_listing(listing)
        return found_now

    async def _spare(self, memory: Memory) -> Memory:
        facts = await could_be_given_up(memory, self.tools)
        found: Memory = {"facts": facts}
        if isinstance(facts, SpareFacts) and facts.listing.rows:
            found["listing"] = stored_listing(facts.listing)
        return found

    async def _chosen(self, memory: Memory) -> Facts:
        intent = memory["reading"].intent
        choice = await choose(memory, self.tools)
        if not isinstance(choice, Choice):
            return choice
        if intent is Intent.KILL:
            return await self._kill(memory, choice)
        if intent is Intent.WHAT_IF:
            return await self._what_if(choice)
        return await self._details(memory, choice)

    async def _kill(self, memory: Memory, choice: Choice) -> Facts:
        """Propose the kill; in the thread of another cluster's alert there is no card."""
        if elsewhere := memory.get("elsewhere"):
            return KillFacts(None, refused="elsewhere", values={"named": elsewhere})
        evidence = memory["reading"].evidence
        moving = evidence[2] if evidence[:2] == MOVING else ""
        wish = KillWish(memory["turn"], choice.rows, choice.listed_at, choice.shown, moving)
        found = await kill_spark_job(self.tools, wish)
        return UnreadableFacts(found.missing) if found.missing else found

    async def _what_if(self, choice: Choice) -> Facts:
        metrics, jobs = await asyncio.gather(
            get_cluster_metrics(self.tools), get_spark_jobs(self.tools, Query())
        )
        cpu_now = metrics.cpu.percent if metrics.cpu else None
        if jobs.snapshot.failed and not jobs.rows:
            return UnreadableFacts(jobs.snapshot.missing)
        reliefs, gone = expected(choice.rows, jobs.snapshot)
        points = [relief.points for relief in reliefs]
        known = [point for point in points if point is not None]
        complete = cpu_now is not None and len(known) == len(points)
        then = max(0.0, cpu_now - sum(known)) if cpu_now is not None and complete else None
        taken_at, before = jobs.snapshot.taken_at, metrics.room or Room()
        return WhatIfFacts(reliefs, cpu_now, then, taken_at, gone, before)

    async def _details(self, memory: Memory, choice: Choice) -> Facts:
        if len(choice.rows) > MOST_DETAILS:
            return QuestionFacts("which_one", candidates=choice.rows)
        try:
            seen, found = await asyncio.gather(
                judged(Query(), memory, self.tools),
                asyncio.gather(*(self.tools.applications.find(row.ref) for row in choice.rows)),
            )
        except BackendError as error:
            return UnreadableFacts((error.missing,))
        rises = await self.tools.risen([row.ref.id for row in choice.rows])
        return DetailFacts(
            tuple(
                replace(_detail(row, application, seen), rise=rises.get(row.ref.id))
                for row, application in zip(choice.rows, found, strict=True)
            ),
            seen.jobs.snapshot.taken_at,
            seen.jobs.snapshot.measurement,
        )

    async def _audit(self, memory: Memory) -> AuditFacts:
        """Tell of this thread; of every thread when a stretch of time was named."""
        turn, window, tools = memory["turn"], memory["reading"].window, self.tools
        since = turn.said_at - window if window is not None else None
        if since is not None:
            proposals = await tools.proposals.since(since)
        else:
            proposals = await tools.proposals.in_thread(turn.channel, turn.thread_ts)
        approvers = await tools.approvers()
        names = await tools.names(approvers[:MOST_NAMED])
        return AuditFacts(proposals, tools.deciding, names, approvers, since)

    async def _unsupported(self, memory: Memory) -> UnsupportedFacts:
        """Name the applications the wish is about, where they can be told."""
        reading = memory["reading"]
        wish = reading.wish or Wish.OTHER
        if reading.selection is None:
            return UnsupportedFacts(wish)
        choice = await choose(memory, self.tools)
        return UnsupportedFacts(wish, choice.rows if isinstance(choice, Choice) else ())

    async def _cancel(self, memory: Memory) -> CancelFacts:
        """Withdraw the thread's open cards; without one, end what is watched here."""
        turn, evidence = memory["turn"], memory["reading"].evidence
        if evidence[:2] == STOPPING:
            return CancelFacts((), watches=await self._stop_watching(turn, evidence[2]))
        proposals = await self.tools.proposals.in_thread(turn.channel, turn.thread_ts)
        withdrawn, kept = [], []
        for proposal in (each for each in proposals if each.state is ProposalState.PENDING):
            try:
                withdrawn.append(await self.tools.proposals.withdraw(proposal.id, turn.asker))
            except NotAllowedError:
                kept.append(proposal)
        ended = 0 if withdrawn or kept else await self._stop_watching(turn)
        return CancelFacts(
            tuple(item for item in withdrawn if item is not None), tuple(kept), ended
        )

    async def _stop_watching(self, turn: Turn, only: str = "") -> int:
        """End the thread's watches, or the one of this id; return how many ended."""
        if self.tools.watches is None:
            return 0
        standing = await self.tools.watches.in_thread(turn.channel, turn.thread_ts)
        chosen = [each.id for each in standing if only in {"", each.id}]
        return sum([await self.tools.watches.close(id_, "cancelled") for id_ in chosen])


def _totals(
    reading: Understanding, rows: Sequence[ListingRow], snapshot: RunningApplications
) -> TotalFacts:
    query = reading.query
    whole, cores = total_of("", rows, query.by), snapshot.total_cores
    return TotalFacts(
        query,
        whole,
        snapshot.taken_at,
        share=whole.cores / cores if cores and whole.cores is not None else None,
        granted=query.by is Measure.GRANTED or snapshot.measurement is None,
        per=totals_per(query.per, rows, query) if query.per is not None else (),
        missing=snapshot.missing,
        unapplied=reading.unapplied,
        measurement=snapshot.measurement,
        rows=tuple(rows[:MAX_ROWS]),
    )


def _detail(row: ListingRow, application: Application | None, seen: Judged) -> Detail:
    """Join its own fresh read with what the list measured."""
    if application is None or application.state.over:
        return Detail(row, application)
    snapshot = seen.jobs.snapshot
    listed = (item for item in snapshot.applications if item.ref == row.ref)
    now = next(listed, application)
    finding = next((item for item in seen.findings if item.application.ref == row.ref), None)
    return Detail(row, replace(now, attempt=application.attempt), snapshot.share(now), finding)
