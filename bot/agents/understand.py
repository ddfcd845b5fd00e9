"""Understand: the first node, where words become a typed reading."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.agents.facts import QuestionFacts, ReadingsFacts, UnseenFacts, WordsFacts
from bot.agents.memory import Memory, listing_of, looked_at
from bot.agents.reading.loading import Understands
from bot.agents.reading_reconciler import ReadingReconciler
from bot.agents.route import WORDS
from bot.agents.unseen_systems import ORDERS, unseen_systems
from bot.domain.conversation import Intent, ListingRow, Query, ThreadView, Understanding
from bot.domain.proposals import Proposal, ProposalState
from bot.domain.selection_resolver import Resolved, resolve
from bot.domain.selections import Selection
from bot.tools.get_spark_jobs import Jobs, get_spark_jobs
from bot.tools.toolbox import Toolbox

MOST_NAMED = 500
"""Applications a message may name: the heaviest of those that run."""


@dataclass(frozen=True, slots=True)
class Understand:
    """Reads the turn against what the thread has shown; a button brings its own reading.

    With a second opinion, a model reads what the reader is unsure of, and every order to kill.
    `types` are the types of YARN's applications that are looked at.
    """

    tools: Toolbox
    reads: Understands
    second: ReadingReconciler | None = None
    types: Sequence[str] = ()

    async def __call__(self, state: Memory) -> Memory:
        """Return the reading, and the facts already where no agent is needed."""
        given = state.get("reading")
        if given is not None:
            return {"reading": given, "typed": False}
        turn = state["turn"]
        proposals, jobs = await asyncio.gather(
            self.tools.proposals.in_thread(turn.channel, turn.thread_ts),
            get_spark_jobs(self.tools, Query()),
        )
        view = thread_view(state, proposals, jobs)
        reading = await self.reads(turn.text, view)
        found: Memory = {"reading": reading, "typed": True}
        if self.second is not None:
            found.update(await self.second.on(state, reading, view))
        systems = unseen_systems(turn.text, view, self.types)
        if systems and found["reading"].intent in ORDERS:
            cannot = replace(found["reading"], intent=Intent.UNSUPPORTED, readings=(), also=())
            return {**found, "reading": cannot, "facts": UnseenFacts(systems)}
        return {**_without_agent(found["reading"], view), **found, "unseen": systems}


def thread_view(
    memory: Memory, proposals: tuple[Proposal, ...], jobs: Jobs | None = None
) -> ThreadView:
    """Return what understanding may know of the thread; without `jobs` nothing of what runs."""
    listing = listing_of(memory)
    rows = listing.rows if listing else ()
    running = tuple(jobs.rows[:MOST_NAMED]) if jobs else ()
    looked = looked_at(memory)
    known = (*rows, *running)
    return ThreadView(
        listed=len(rows),
        open_card=any(item.state is ProposalState.PENDING for item in proposals),
        on_card=_on_card(rows, proposals),
        kills_proved=any(item.killed for item in proposals),
        names=frozenset(row.name for row in known),
        users=frozenset(row.user for row in known),
        queues=frozenset(row.queue for row in known),
        looked_at=looked is not None,
        rows=rows,
        running=running,
        at=jobs.snapshot.taken_at if jobs else None,
        looked_at_rank=next((row.rank for row in rows if looked and row.ref == looked.ref), None),
    )


def _on_card(rows: Sequence[ListingRow], proposals: Sequence[Proposal]) -> tuple[int, ...]:
    """Return the ranks on the one open card; none when the list shown does not hold them all."""
    pending = [item for item in proposals if item.state is ProposalState.PENDING]
    targets = {target.ref for target in pending[0].targets} if len(pending) == 1 else set()
    ranks = tuple(row.rank for row in rows if row.ref in targets)
    return ranks if len(ranks) == len(targets) else ()


def _rows_of(selection: Selection | None, view: ThreadView) -> tuple[ListingRow, ...]:
    for rows in (view.rows, view.running):
        if selection is not None and rows and view.at is not None:
            found = resolve(selection, rows, view.at)
            if isinstance(found, Resolved):
                return found.rows
    return ()


def _without_agent(reading: Understanding, view: ThreadView) -> Memory:
    """Return the facts of a message that no agent looks anything up for."""
    if reading.intent is Intent.CLARIFY:
        kill = next((one for one in reading.readings if one.intent is Intent.KILL), None)
        rows = _rows_of(kill.selection, view) if kill is not None else ()
        if rows:
            return {"facts": ReadingsFacts((rows,))}
        return {"facts": QuestionFacts(reading.question or "which_one")}
    if reading.intent in WORDS:
        return {"facts": WordsFacts(reading.intent.value, view.open_card)}
    return {}
