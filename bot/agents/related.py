"""Related pages: what the manual says where a message was read as something else than a how-to."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from bot.agents.facts import Facts, GuideFacts
from bot.agents.memory import Memory
from bot.agents.passages import Chosen, Passages, Search, noted
from bot.domain.conversation import AgentName, Intent, Understanding
from bot.domain.knowledge import MAYBE, SURE
from bot.tools.toolbox import Toolbox

TITLES = 2
WAIT = 2.0  # seconds; the answer itself is ready and does not wait longer for titles
UNCOUNTED = 1  # the note's page: titles under another answer are no guide answer
SYMPTOMS = {Intent.DIAGNOSE, Intent.UNSUPPORTED, Intent.HISTORY}
ASIDE = {Intent.WHAT_IF, Intent.HELP}
FIGURES = {Intent.STATUS, Intent.LIST, Intent.COMPARE, Intent.AUDIT}
CERTAIN = 0.7
"""From this belief on a diagnosis needs no more than titles under it."""
FITTING = 0.4
"""So much must speak for a page that is to stand under figures."""
LEAD = 0.1
"""A reading of figures is believed by this much more than what speaks for a page before that
page is left out."""
NOT_UNDERSTOOD = "not_understood"


class Place(StrEnum):
    """Where what was found is shown."""

    NOWHERE = "nowhere"
    TITLED = "titled"  # titles under the answer
    BENEATH = "beneath"  # the passage under the answer
    INSTEAD = "instead"  # the passage in place of an answer that says nothing


def place(asked: Sequence[Understanding], strength: float) -> Place:
    """Decide by how the requests of a message were read, and how much speaks for what was found.

    Search strength is itself a sign of a question to the manual: it counts where the reader only
    believes what it read. A question back about jobs, whose readings may hold a kill, gets nothing
    beside it.
    """
    if len(asked) != 1 or strength < MAYBE:
        return Place.NOWHERE
    (reading,) = asked
    if any(each.intent is Intent.KILL for each in (*reading.readings, *reading.also)):
        return Place.NOWHERE
    if reading.intent is Intent.OUT_OF_SCOPE or reading.question == NOT_UNDERSTOOD:
        return Place.INSTEAD
    if reading.intent is Intent.CLARIFY:
        return Place.TITLED if reading.readings else Place.NOWHERE
    return _beside(reading, strength)


def _beside(reading: Understanding, strength: float) -> Place:
    if reading.intent in SYMPTOMS:
        return Place.TITLED if reading.belief >= CERTAIN else Place.BENEATH
    if reading.intent in ASIDE and strength >= SURE:
        return Place.TITLED
    rivals = strength >= FITTING and reading.belief <= strength + LEAD
    return Place.BENEATH if reading.intent in FIGURES and rivals else Place.NOWHERE


class RelatedPages:
    """The node before the answer: searches where a page could be shown at all."""

    def __init__(self, tools: Toolbox) -> None:
        self._tools = tools
        self._passages = Passages(tools)

    async def __call__(self, state: Memory) -> Memory:
        """Add the passage as a request of its own before the other, or titles to show beneath."""
        turn, found = state["turn"], state["found"]
        asked = [reading for reading, _ in found]
        if not state.get("typed") or state.get("alert") or place(asked, 1.0) is Place.NOWHERE:
            return {}
        search = Search(turn.text, turn.channel)
        chosen = await self._chosen(search)
        where = place(asked, chosen.strength) if chosen is not None else Place.NOWHERE
        if chosen is None or where is Place.NOWHERE or _told(found[0][1]):
            return {}
        if where is not Place.INSTEAD:
            chosen = replace(chosen, shown=chosen.shown[:TITLES])
        sources = tuple(item.source for item in chosen.shown)
        page = 0 if where is Place.INSTEAD else UNCOUNTED
        facts = GuideFacts(
            turn.text,
            chosen.manual,
            chosen.history,
            None,
            chosen.shown,
            id=await noted(self._tools, search, turn, sources, page),
            sure=chosen.sure,
        )
        if where is not Place.INSTEAD:
            # Of a system we do not look at the page is all there is to say.
            titles = where is Place.TITLED and not state.get("unseen")
            return {"related": replace(facts, titles=titles)}
        guide = Understanding(Intent.HOW_TO, AgentName.ADMIN_GUIDE, turn.language)
        return {"found": ((guide, facts), *found)}

    async def _chosen(self, search: Search) -> Chosen | None:
        """Search; None when nothing is found, or not in time."""
        try:
            async with asyncio.timeout(WAIT):
                chosen = await self._passages.choose(search)
        except TimeoutError:
            return None
        return chosen if chosen.shown else None


def _told(facts: Facts) -> bool:
    """Return True when the answer shows passages itself, and surely what was asked for."""
    return isinstance(facts, GuideFacts) and bool(facts.shown) and facts.sure
