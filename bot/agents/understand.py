"""Understand: what is for us, and the first node, where words become a typed reading.

The reader is ready when its dictionaries and models are in memory; whoever asks before waits.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.agents.facts import Facts, QuestionFacts, ReadingsFacts, UnseenFacts, WordsFacts
from bot.agents.memory import Memory, ModelUse, listing_of, looked_at, spoken_of, step_meant
from bot.agents.model.llm_reader import LlmReader, Thread, shown
from bot.agents.targets import Choice, choose
from bot.agents.templates.talk import ORDERS, unseen_systems
from bot.domain.conversation import (
    ANSWERED_BY,
    WORDS_ALONE,
    AgentName,
    Hearing,
    Intent,
    ListingRow,
    OverheardLine,
    Query,
    ThreadView,
    Turn,
    Understanding,
)
from bot.domain.proposals import Proposal, ProposalState
from bot.domain.selections import Both, Either, Having, Ranks, Selection
from bot.tools.get_spark_jobs import Jobs, get_spark_jobs
from bot.tools.toolbox import Toolbox

if TYPE_CHECKING:  # imported by the load, after Slack is connected
    from bot.agents.reading.reader import Reader

# Reads a message against what is known of its thread; waits until the reader is loaded.
Understands = Callable[[str, ThreadView], Awaitable[Understanding]]


class LoadingReader:
    """Loads the reader in a thread, once; half a reader never reads."""

    def __init__(self, load: "Callable[[], Reader]") -> None:
        self._load = load
        self._loading: asyncio.Task[Reader] | None = None

    async def start(self) -> None:
        """Begin to load; returns at once."""
        self._begun()

    async def stop(self) -> None:
        """Wait for a loading that has begun: a thread cannot be cut off in the middle."""
        if self._loading is not None:
            await asyncio.gather(self._loading, return_exceptions=True)

    @property
    def ready(self) -> bool:
        """True once messages are read without waiting."""
        loading = self._loading
        return loading is not None and loading.done() and loading.exception() is None

    async def __call__(self, text: str, view: ThreadView) -> Understanding:
        """Return the reading; waits until the reader is loaded."""
        reader = await asyncio.shield(self._begun())
        return reader.understand(text, view)

    async def hear(self, line: OverheardLine) -> Hearing:
        """Return whether a thread's line is for us; waits until the reader is loaded."""
        reader = await asyncio.shield(self._begun())
        return reader.attention.addressed(line)

    async def check(self) -> str:
        """Return why messages wait, or an empty string."""
        return "" if self.ready else "the reader is being loaded"

    def _begun(self) -> "asyncio.Task[Reader]":
        if self._loading is None:
            self._loading = asyncio.create_task(asyncio.to_thread(self._load), name="reader")
        return self._loading


SURELY = 0.95
"""So probable must a reading be to need no second one."""
LONG = 12
"""Words; a longer message gives reasons or asks for several things."""
_SENTENCES = re.compile(r"[.?!…]+\s+\w")


def plain(reading: Understanding, text: str) -> bool:
    """Tell whether a message is surely one request, without conditions or references."""
    query, selection = reading.query, reading.selection
    if reading.intent in {Intent.KILL, Intent.CLARIFY} or reading.belief < SURELY:
        return False
    narrowed = query.only or query.after or query.total or query.per or query.this_queue
    points = selection is not None and not isinstance(selection, Ranks)
    several = len(text.split()) > LONG or _SENTENCES.search(text) is not None
    return reading.sure and not (narrowed or points or several)


@dataclass(frozen=True, slots=True)
class ReadingReconciler:
    """Asks the second reader for every message that is not plain, and for every order to kill."""

    reader: LlmReader
    tools: Toolbox

    async def on(self, state: Memory, reading: Understanding, view: ThreadView) -> Memory:
        """Return what changes: a reading, a question back, or only what the model had trouble with."""
        if plain(reading, state["turn"].text):
            return {}
        thread = Thread(
            state.get("messages", []), listing_of(state), view, spoken_ranks(state, view)
        )
        second = await self.reader.read(state["turn"], thread)
        if second.reading is None:
            return {"model": ModelUse(trouble=second.trouble)}
        if Intent.KILL in {reading.intent, second.reading.intent}:
            found = await self._on_kill(state, reading, second.reading)
        elif second.reading.intent is Intent.CANCEL and _surely_asked(reading):
            found = {}  # what is surely a question withdraws nothing
        else:
            taken = second.reading
            if taken.intent is Intent.CLARIFY:
                taken = replace(taken, question="not_understood")
            found = {"reading": taken, "model": ModelUse(read=True)}
        if second.second:
            found["model"] = replace(found.get("model", ModelUse()), second=True)
        return found

    async def _on_kill(self, state: Memory, first: Understanding, second: Understanding) -> Memory:
        """Go on where both order a kill, and none of them means other applications; ask otherwise."""
        mine = await self._chosen(state, first)
        theirs = await self._chosen(state, second)
        if first.intent is Intent.KILL and not isinstance(mine, Choice):
            return {}  # the grammar's own question back stands
        agreed = (
            isinstance(theirs, Choice) and isinstance(mine, Choice) and mine.refs == theirs.refs
        )
        loosely = second.intent is Intent.KILL and not isinstance(theirs, Choice)
        vague = loosely and _only_names(second.selection)
        if isinstance(mine, Choice) and (agreed or vague):
            return {"reading": replace(first, sure=True)}
        if _surely_asked(first):  # it is answered; what the model takes for an order is shown below
            order = (shown(replace(second, also=())),) if isinstance(theirs, Choice) else ()
            return {"reading": replace(first, also=(*first.also, *order))}
        asked = replace(first, also=second.also)
        if mine is None and not isinstance(theirs, Choice):
            return _asked(asked, theirs or QuestionFacts("which_one"))
        kills = tuple(choice.rows for choice in (mine, theirs) if isinstance(choice, Choice))
        others = {first.intent, second.intent} - {Intent.KILL}
        other = others.pop() if others and isinstance(mine, Choice) else None
        return _asked(asked, ReadingsFacts(kills, other))

    async def _chosen(self, state: Memory, reading: Understanding) -> Choice | Facts | None:
        """Return what a kill reading means; None for a reading that is no kill."""
        if reading.intent is not Intent.KILL:
            return None
        assumed: Memory = {**state, "reading": reading}
        return await choose(assumed, self.tools)


def _only_names(selection: Selection | None) -> bool:
    """Tell whether a selection is made of words alone, which may be written too loosely to be found."""
    parts = selection.parts if isinstance(selection, Both | Either) else (selection,)
    return all(isinstance(part, Having) for part in parts)


def _surely_asked(reading: Understanding) -> bool:
    """Tell whether the first reader surely took a message for something that changes no card."""
    changing = {Intent.KILL, Intent.CANCEL, Intent.CLARIFY, Intent.NONE}
    return reading.sure and reading.intent not in changing


def _asked(reading: Understanding, facts: Facts) -> Memory:
    asked = replace(reading, intent=Intent.CLARIFY, question="two_requests")
    return {"reading": asked, "facts": facts, "model": ModelUse(read=True)}


_OF_JOBS = {Intent.DETAIL, Intent.LIST, Intent.WHAT_IF, Intent.CLARIFY}
_ASKED = ANSWERED_BY.keys() - {
    Intent.KILL,
    Intent.CANCEL,
    Intent.UNSUPPORTED,
    Intent.DRAFT,
    Intent.WATCH,
}
MOST_QUESTIONS = 3
_QUESTION = re.compile(r"[^.?!\n]+\?")
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
        if reading.intent in _OF_JOBS and step_meant(turn.text, state.get("steps", [])):
            reading = replace(reading, intent=Intent.HOW_TO, agent=AgentName.ADMIN_GUIDE)
        reading = await self._questions(turn.text, reading, view)
        found: Memory = {"reading": reading, "typed": True}
        if self.second is not None:
            found.update(await self.second.on(state, reading, view))
        systems = unseen_systems(turn.text, view, self.types)
        if systems and found["reading"].intent in ORDERS:
            cannot = replace(found["reading"], intent=Intent.UNSUPPORTED, readings=(), also=())
            return {**found, "reading": cannot, "facts": UnseenFacts(systems)}
        words: Memory = {}
        if (intent := found["reading"].intent) in WORDS_ALONE:
            words = {"facts": WordsFacts(intent.value, view.open_card)}
        return {**words, **found, "unseen": systems}

    async def _questions(
        self, text: str, reading: Understanding, view: ThreadView
    ) -> Understanding:
        """Return the reading with what else is surely asked: each question is read by itself.

        Where all of them are sure, their order is that of the answers.
        """
        asked = [each for each in _QUESTION.findall(text) if len(each.split()) > 1]  # no "right?"
        if len(asked) <= 1 or reading.intent in {Intent.KILL, Intent.CLARIFY}:
            return reading
        read = [await self.reads(each.strip(), view) for each in asked[:MOST_QUESTIONS]]
        sure = [each for each in read if each.intent in _ASKED and plain(each, "")]
        first, *others = {each.intent: each for each in sure}.values() or (reading,)
        if len(sure) == len(read) and others:
            return replace(first, also=tuple(others))
        more = (each for each in (first, *others) if each.intent is not reading.intent)
        return replace(reading, also=tuple(more))


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


def spoken_ranks(memory: Memory, view: ThreadView) -> tuple[int, ...]:
    """Return the ranks, in the list shown, of the rows that were spoken of last."""
    ranks = {row.ref: row.rank for row in view.rows}
    return tuple(ranks[row.ref] for row in spoken_of(memory) if row.ref in ranks)


def _on_card(rows: Sequence[ListingRow], proposals: Sequence[Proposal]) -> tuple[int, ...]:
    """Return the ranks on the one open card; none when the list shown does not hold them all."""
    pending = [item for item in proposals if item.state is ProposalState.PENDING]
    targets = {target.ref for target in pending[0].targets} if len(pending) == 1 else set()
    ranks = tuple(row.rank for row in rows if row.ref in targets)
    return ranks if len(ranks) == len(targets) else ()


Hear = Callable[[OverheardLine], Awaitable[Hearing]]  # judges whether a line is for us


@dataclass(frozen=True, slots=True)
class Listener:
    """Judges a line against what the thread has shown, and what was said since we spoke."""

    hear: Hear
    tools: Toolbox

    async def addressed(self, memory: Memory, turn: Turn, *, to_person: bool) -> bool:
        """Tell whether a line that does not name us is for us."""
        if alone_with_us(memory, turn.asker):
            return not to_person
        proposals = await self.tools.proposals.in_thread(turn.channel, turn.thread_ts)
        view = thread_view(memory, proposals)
        line = OverheardLine(turn.text, view, said_before(memory, turn.asker), to_person)
        return (await self.hear(line)).addressed


def alone_with_us(memory: Memory, asker: str) -> bool:
    """Tell whether a person opened the thread with us and nobody else, and nobody joined in."""
    if memory.get("opened_by") != asker:
        return False
    said_by = {each.get("who", asker) for each in memory.get("messages", []) if each["by"] != "bot"}
    return said_by <= {asker}


def said_before(memory: Memory, asker: str) -> str:
    """Return what somebody else said last since we spoke; empty for nothing."""
    for each in reversed(memory.get("messages", [])):
        if each["by"] == "bot":
            return ""
        if each.get("who") != asker:
            return each["text"]
    return ""
