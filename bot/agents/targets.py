"""From a symbolic selection to rows: against the frozen listing first, then against what runs."""

from dataclasses import dataclass
from datetime import datetime

from bot.agents.facts import Facts, QuestionFacts, UnreadableFacts
from bot.agents.memory import Memory, listing_of, looked_at, spoken_groups, spoken_of
from bot.domain.applications import ApplicationRef
from bot.domain.conversation import Intent, ListingRow, Query
from bot.domain.selection_resolver import Resolved, Unresolved, listed_only, resolve
from bot.domain.selections import Both, Either, Field, Having, Pronoun, Selection
from bot.tools.get_spark_jobs import get_spark_jobs
from bot.tools.toolbox import Toolbox

MOST_NAMED = 5  # applications in one question
BOTH = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """The rows a person chose, and when the list they come from was taken.

    `shown` when it is a list people saw: its numbers are what they call the rows by.
    """

    rows: tuple[ListingRow, ...]
    listed_at: datetime
    shown: bool = False

    @property
    def refs(self) -> set[ApplicationRef]:
        """The applications themselves, whatever the list calls them."""
        return {row.ref for row in self.rows}


async def choose(memory: Memory, tools: Toolbox) -> Choice | Facts:
    """Resolve the reading's selection; what cannot be resolved becomes a question, never a guess."""
    reading = memory["reading"]
    selection, listing = reading.selection, listing_of(memory)
    if reading.intent is Intent.CLARIFY or selection is None:
        return QuestionFacts(reading.question or "which_one")
    if isinstance(selection, Pronoun) and reading.intent is not Intent.KILL:
        meant = pointed_at(memory, several=selection.plural)
        if meant:
            return Choice(meant, memory["turn"].said_at)
    unresolved: Unresolved | None = None
    if listing is not None:
        found = resolve(selection, listing.rows, memory["turn"].said_at)
        if isinstance(found, Resolved):
            return Choice(found.rows, listing.taken_at, shown=True)
        unresolved = found
    if listed_only(selection) or (unresolved and unresolved.candidates):
        return _asked(unresolved or Unresolved("no_listing"))
    running = await _choose_running(memory, tools, selection)
    if listing is not None and reading.intent is Intent.KILL and isinstance(running, Choice):
        return _off_the_list(running, selection)
    return running


def pointed_at(memory: Memory, *, several: bool) -> tuple[ListingRow, ...]:
    """Return what "it" or "both" means: the row, or the rows, that were spoken of last."""
    shown, groups = looked_at(memory), spoken_groups(memory)
    if not several:
        last = (shown,) if shown is not None else groups[0] if groups else ()
        return last if len(last) == 1 else ()
    if groups and len(groups[0]) > 1:
        return groups[0]
    return spoken_of(memory)[:BOTH] if len(spoken_of(memory)) >= BOTH else ()


def _off_the_list(running: Choice, selection: Selection) -> Choice | Facts:
    """Take what was named by its whole id; ask about what runs, but is not on the list shown."""
    parts = selection.parts if isinstance(selection, Both | Either) else (selection,)
    named = {part.value for part in parts if isinstance(part, Having) and part.field is Field.ID}
    if all(row.ref.id in named for row in running.rows):
        return running
    shown = (f"{row.name} ({row.user}, {row.ref.id})" for row in running.rows[:MOST_NAMED])
    return QuestionFacts("not_listed", {"names": ", ".join(shown)})


async def _choose_running(memory: Memory, tools: Toolbox, selection: Selection) -> Choice | Facts:
    jobs = await get_spark_jobs(tools, Query())
    if jobs.snapshot.failed and not jobs.rows:
        return UnreadableFacts(jobs.snapshot.missing)
    found = resolve(selection, jobs.rows, memory["turn"].said_at)
    if isinstance(found, Unresolved):
        return _asked(found)
    return Choice(found.rows, jobs.snapshot.taken_at)


def _asked(unresolved: Unresolved) -> QuestionFacts:
    return QuestionFacts(unresolved.question, dict(unresolved.values), unresolved.candidates)
