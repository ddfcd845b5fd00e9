"""Data Engineer: lists applications, looks at one, weighs a kill, proposes it; decides nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.agents.facts import (
    AuditFacts,
    CancelFacts,
    Detail,
    DetailFacts,
    Facts,
    ListFacts,
    QuestionFacts,
    SpareFacts,
    TotalFacts,
    UnreadableFacts,
    UnsupportedFacts,
    WhatIfFacts,
)
from bot.agents.judgement import Judged, judged
from bot.agents.memory import Memory, listing_of, stored_listing
from bot.agents.reclaimable import could_be_given_up
from bot.agents.targets import Choice, choose
from bot.agents.what_if import expected
from bot.domain.applications import Application, RunningApplications
from bot.domain.conversation import Intent, ListingRow, Query, Turn, Understanding, Wish
from bot.domain.core_usage import UsageSum
from bot.domain.listings import frozen, total_of, totals_per
from bot.domain.proposals import ProposalState
from bot.domain.selection_resolver import fitting
from bot.domain.selections import Measure
from bot.errors import BackendError, NotAllowedError
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import get_spark_jobs
from bot.tools.kill_spark_job import KillFacts, KillWish, kill_spark_job
from bot.tools.toolbox import Toolbox

MOST_DETAILS = 3
LOOKED_BACK = timedelta(days=7)
MOVING = ("button", "move_card")  # of a reading: the card whose id follows is to be moved here
STOPPING = ("button", "cancel_watch")  # of a reading: the watch whose id follows is to end
MOST_NAMED = 10  # approvers told by name


class DataEngineer:
    """Answers list, detail, what_if, kill, audit, cancel, and wishes nobody here can fulfil."""

    def __init__(self, tools: Toolbox) -> None:
        self._tools = tools

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
        jobs = await get_spark_jobs(self._tools, query)
        if jobs.snapshot.failed and not jobs.rows:
            return {"facts": UnreadableFacts(jobs.snapshot.missing)}
        rows: Sequence[ListingRow] = jobs.rows
        if query.only is not None:
            shown = listing_of(memory)
            rows = fitting(query.only, rows, shown.rows if shown else (), jobs.snapshot.taken_at)
        history = await self._wasted(query, memory["turn"])
        if query.total or query.per is not None:
            totals = _totals(memory["reading"], rows, jobs.snapshot)
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

    async def _wasted(self, query: Query, turn: Turn) -> tuple[UsageSum, ...]:
        """Return the owners' core-hours of the last days, where waste was asked for."""
        if query.by is not Measure.WASTED:
            return ()
        return await self._tools.usage_sums(turn.said_at - LOOKED_BACK)

    async def _spare(self, memory: Memory) -> Memory:
        facts = await could_be_given_up(memory, self._tools)
        found: Memory = {"facts": facts}
        if isinstance(facts, SpareFacts) and facts.listing.rows:
            found["listing"] = stored_listing(facts.listing)
        return found

    async def _chosen(self, memory: Memory) -> Facts:
        intent = memory["reading"].intent
        choice = await choose(memory, self._tools)
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
        found = await kill_spark_job(self._tools, wish)
        return UnreadableFacts(found.missing) if found.missing else found

    async def _what_if(self, choice: Choice) -> Facts:
        metrics, jobs = await asyncio.gather(
            get_cluster_metrics(self._tools), get_spark_jobs(self._tools, Query())
        )
        cpu_now = metrics.cpu.percent if metrics.cpu else None
        if jobs.snapshot.failed and not jobs.rows:
            return UnreadableFacts(jobs.snapshot.missing)
        reliefs, gone = expected(choice.rows, jobs.snapshot)
        points = [relief.points for relief in reliefs]
        known = [point for point in points if point is not None]
        complete = cpu_now is not None and len(known) == len(points)
        then = max(0.0, cpu_now - sum(known)) if cpu_now is not None and complete else None
        return WhatIfFacts(reliefs, cpu_now, then, jobs.snapshot.taken_at, gone)

    async def _details(self, memory: Memory, choice: Choice) -> Facts:
        if len(choice.rows) > MOST_DETAILS:
            return QuestionFacts("which_one", candidates=choice.rows)
        try:
            seen, found = await asyncio.gather(
                judged(Query(), memory, self._tools),
                asyncio.gather(*(self._tools.applications.find(row.ref) for row in choice.rows)),
            )
        except BackendError as error:
            return UnreadableFacts((error.missing,))
        return DetailFacts(
            tuple(
                _detail(row, application, seen)
                for row, application in zip(choice.rows, found, strict=True)
            ),
            seen.jobs.snapshot.taken_at,
            seen.jobs.snapshot.measurement,
        )

    async def _audit(self, memory: Memory) -> AuditFacts:
        """Tell of this thread; of every thread when a stretch of time was named."""
        turn, window, tools = memory["turn"], memory["reading"].window, self._tools
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
        choice = await choose(memory, self._tools)
        return UnsupportedFacts(wish, choice.rows if isinstance(choice, Choice) else ())

    async def _cancel(self, memory: Memory) -> CancelFacts:
        """Withdraw the thread's open cards; without one, end what is watched here."""
        turn, evidence = memory["turn"], memory["reading"].evidence
        if evidence[:2] == STOPPING:
            return CancelFacts((), watches=await self._stop_watching(turn, evidence[2]))
        proposals = await self._tools.proposals.in_thread(turn.channel, turn.thread_ts)
        withdrawn, kept = [], []
        for proposal in (each for each in proposals if each.state is ProposalState.PENDING):
            try:
                withdrawn.append(await self._tools.proposals.withdraw(proposal.id, turn.asker))
            except NotAllowedError:
                kept.append(proposal)
        ended = 0 if withdrawn or kept else await self._stop_watching(turn)
        return CancelFacts(
            tuple(item for item in withdrawn if item is not None), tuple(kept), ended
        )

    async def _stop_watching(self, turn: Turn, only: str = "") -> int:
        """End the thread's watches, or the one of this id; return how many ended."""
        if self._tools.watches is None:
            return 0
        standing = await self._tools.watches.in_thread(turn.channel, turn.thread_ts)
        chosen = [each.id for each in standing if only in {"", each.id}]
        return sum([await self._tools.watches.close(id_, "cancelled") for id_ in chosen])


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
