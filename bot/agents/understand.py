"""Understand: the first node, where words become a typed reading."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.agents.facts import QuestionFacts, WordsFacts
from bot.agents.memory import Memory, listing_of, looked_at
from bot.agents.nearest import Nearest, NearestExample, beside
from bot.agents.reading_reconciler import ReadingReconciler
from bot.agents.understanding import understand
from bot.domain.cluster import host_names
from bot.domain.conversation import Intent, ListingRow, Query, ThreadView, Understanding
from bot.domain.proposals import Proposal, ProposalState, TargetState
from bot.domain.selections import Both, Either, Field, Having, Selection
from bot.tools.toolbox import Toolbox


class Understand:
    """Reads the turn against what the thread has shown; a button brings its own reading.

    What the grammar is unsure of is read like the known question nearest in meaning. With a
    second opinion, a model reads what is still unsure, and every order to kill.
    """

    def __init__(
        self,
        tools: Toolbox,
        second: ReadingReconciler | None = None,
        nearest: Nearest | None = None,
    ) -> None:
        self._tools = tools
        self._second = second
        self._nearest = nearest

    async def __call__(self, state: Memory) -> Memory:
        """Return the reading, and the facts already where no agent is needed."""
        given = state.get("reading")
        if given is not None:
            return {"reading": given, "typed": False}
        turn = state["turn"]
        proposals = await self._tools.proposals.in_thread(turn.channel, turn.thread_ts)
        view = thread_view(state, proposals)
        reading = understand(turn.text, view)
        if _knows_too_little(reading):
            reading = understand(turn.text, await self._with_running(view))
        neighbour = await self._neighbour(turn.text, reading)
        if neighbour is not None:
            reading = beside(reading, neighbour)
        found: Memory = {"reading": reading, "typed": True, "neighbour": neighbour}
        if self._second is not None:
            found.update(await self._second.on(state, reading, view))
        return {**_without_agent(found["reading"], view), **found}

    async def _neighbour(self, text: str, reading: Understanding) -> NearestExample | None:
        """Return the known question near to a message the grammar could not read."""
        if reading.sure or self._nearest is None or reading.intent is Intent.NONE:
            return None
        neighbour = await self._nearest(text)
        return neighbour if neighbour is not None and neighbour.near else None

    async def _with_running(self, view: ThreadView) -> ThreadView:
        """Read again knowing what runs, and where: a bare word may name a job or a machine."""
        jobs, metrics = await asyncio.gather(
            self._tools.get_spark_jobs(Query()), self._tools.get_cluster_metrics()
        )
        rows = jobs.rows
        return replace(
            view,
            names=view.names | {row.name for row in rows},
            users=view.users | {row.user for row in rows},
            queues=view.queues | {row.queue for row in rows},
            nodes=frozenset(name for node in metrics.nodes for name in host_names(node.name)),
        )


def _knows_too_little(reading: Understanding) -> bool:
    """Tell whether knowing what runs may change a reading."""
    vague = reading.query.spare and reading.query.only is None
    return not reading.sure or reading.intent is Intent.CLARIFY or vague or _names_unknown(reading)


def _names_unknown(reading: Understanding) -> bool:
    """Tell whether a reading rests on a word that names nothing listed."""
    parts = (*_parts(reading.selection), *_parts(reading.query.only))
    return any(isinstance(part, Having) and part.field is Field.ANY for part in parts)


def _parts(selection: Selection | None) -> tuple[Selection, ...]:
    if isinstance(selection, Both | Either):
        return selection.parts
    return () if selection is None else (selection,)


def thread_view(memory: Memory, proposals: tuple[Proposal, ...]) -> ThreadView:
    """Return what understanding may know of the thread."""
    listing = listing_of(memory)
    rows = listing.rows if listing else ()
    return ThreadView(
        listed=len(rows),
        open_card=any(item.state is ProposalState.PENDING for item in proposals),
        on_card=_on_card(rows, proposals),
        kills_proved=any(
            target.state is TargetState.SUCCEEDED for item in proposals for target in item.targets
        ),
        names=frozenset(row.name for row in rows),
        users=frozenset(row.user for row in rows),
        queues=frozenset(row.queue for row in rows),
        looked_at=looked_at(memory) is not None,
    )


def _on_card(rows: Sequence[ListingRow], proposals: Sequence[Proposal]) -> tuple[int, ...]:
    """Return the ranks on the one open card; none when the list shown does not hold them all."""
    pending = [item for item in proposals if item.state is ProposalState.PENDING]
    targets = {target.ref for target in pending[0].targets} if len(pending) == 1 else set()
    ranks = tuple(row.rank for row in rows if row.ref in targets)
    return ranks if len(ranks) == len(targets) else ()


def _without_agent(reading: Understanding, view: ThreadView) -> Memory:
    if reading.intent is Intent.CLARIFY:
        return {"facts": QuestionFacts(reading.question or "which_one")}
    if reading.intent in {
        Intent.HELP,
        Intent.SMALLTALK,
        Intent.NONE,
        Intent.OUT_OF_SCOPE,
        Intent.USE_BUTTONS,
    }:
        return {"facts": WordsFacts(reading.intent.value, view.open_card)}
    return {}
