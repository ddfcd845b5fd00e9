"""Choosing what a guide answer shows: what fits, best first, the best of it whole."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.agents.facts import Facts, GuideFacts
from bot.agents.memory import Memory
from bot.agents.route import FIGURES
from bot.domain.conversation import AgentName, Intent, Turn, Understanding
from bot.domain.knowledge import FITS, SURE, Collection, Found, GuideNote, Passage
from bot.tools.search_operation_history import search_operation_history
from bot.tools.search_operation_manual import search_operation_manual
from bot.tools.toolbox import Toolbox

DEPTH = 15  # sections looked through in each collection
SHOWN = 3  # one page's best, and two titles that open
WHOLE = 2_200  # characters of a section that is shown whole; of a longer one its passage
TOGETHER = 1_000  # characters up to which further sections of its page stand with the best one
NEAR = 0.6  # of the best score; what is below is far from it
OWN_NEAR = 0.35  # the same for the team's own incidents, which come before samples


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for and from where; `recent` puts the newest incidents first.

    `pointed` when the text is what the thread is about, not what was asked.
    """

    text: str
    channel: str
    history_only: bool = False
    recent: bool = False
    pointed: bool = False

    @property
    def least(self) -> float:
        """Return how probable an answer must be; of what went before, the nearest is told."""
        return 0.0 if self.pointed and self.history_only else FITS


@dataclass(frozen=True, slots=True)
class Chosen:
    """What both collections gave, and the passages to show: first what is quoted, then titles."""

    manual: Found | None
    history: Found
    quoted: tuple[Passage, ...] = ()
    titles: tuple[Passage, ...] = ()

    @property
    def shown(self) -> tuple[Passage, ...]:
        """Return what is quoted and the titles, in order."""
        return (*self.quoted, *self.titles)

    @property
    def strength(self) -> float:
        """Return how probable it is that one of them answers."""
        return max(found.strength for found in (self.manual, self.history) if found is not None)

    @property
    def sure(self) -> bool:
        """Return False when the best may not be what was asked."""
        return not self.shown or self.strength >= SURE

    @property
    def silent(self) -> bool:
        """Return True when our documents were asked and had nothing; not set up is not silence."""
        found = [each for each in (self.manual, self.history) if each is not None]
        return not self.shown and not any(each.missing for each in found)


@dataclass(frozen=True, slots=True)
class Passages:
    """Searches manual and history through the tools."""

    tools: Toolbox

    async def choose(self, search: Search) -> Chosen:
        """Search both, or with `history_only` past incidents alone."""
        if search.history_only:
            manual, history = None, await self._history(search)
        else:
            manual, history = await asyncio.gather(self._manual(search), self._history(search))
        fitting = [
            passage
            for found in (manual, history)
            if found is not None
            for passage in found.passages
        ]
        ordered = _ordered(_distinct(fitting), search)
        quoted = await self._quoted(ordered[:SHOWN], search.channel)
        shown = {item.source for item in quoted}
        titles = [item for item in ordered if item.source not in shown]
        return Chosen(manual, history, quoted, tuple(titles[: SHOWN - 1]))

    async def _manual(self, search: Search) -> Found:
        return await search_operation_manual(
            self.tools, search.text, search.channel, DEPTH, search.least
        )

    async def _history(self, search: Search) -> Found:
        return await search_operation_history(
            self.tools, search.text, search.channel, DEPTH, search.least
        )

    async def _quoted(self, best: Sequence[Passage], channel: str) -> tuple[Passage, ...]:
        """Return the best section, and with it others among the best that stand on its page."""
        quoted: list[Passage] = []
        for item in best:
            if item.source.partition("#")[0] == best[0].source.partition("#")[0]:
                whole = await self._whole(item, channel)
                length = sum(len(each.text) for each in (*quoted, whole))
                if not quoted or length <= TOGETHER:
                    quoted.append(whole)
        return tuple(quoted)

    async def _whole(self, passage: Passage, channel: str) -> Passage:
        source = passage.source
        if passage.collection is Collection.HISTORY:  # what was done is told in another section
            source = source.partition("#")[0]
        section = await self.tools.whole_section(source, channel)
        if section is None or len(section.text) > WHOLE:
            return passage
        return replace(passage, text=section.text)


async def noted(
    tools: Toolbox, search: Search, turn: Turn, sources: tuple[str, ...], page: int = 0
) -> str:
    """Note what one post shows for the buttons under it; return the note's id, empty for none."""
    if tools.notes is None or not sources:
        return ""
    id_ = note_id(turn.id)
    note = GuideNote(
        id_,
        turn.channel,
        turn.thread_ts,
        turn.language,
        search.text,
        search.history_only,
        page,
        sources,
        search.recent,
    )
    await tools.notes.note(note)
    return id_


def note_id(turn_id: str) -> str:
    """Return the id of one post's note: the same for every delivery of the same question."""
    return hashlib.sha256(f"{turn_id}\0000".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _ordered(passages: Sequence[Passage], search: Search) -> list[Passage]:
    """Return what is near the best, best first; of incidents the team's own come first."""
    best = max((item.score for item in passages), default=0.0)
    needed = {True: NEAR, False: OWN_NEAR if search.history_only else NEAR}
    near = sorted(
        (item for item in passages if item.score >= needed[item.sample] * best),
        key=lambda item: -item.score,
    )
    if search.recent:
        near = sorted(near, key=lambda item: str(item.dated or ""), reverse=True)
    return sorted(near, key=lambda item: item.sample) if search.history_only else near


def _distinct(passages: Iterable[Passage]) -> list[Passage]:
    """Return one passage a section of the manual, and one an incident."""
    found: dict[str, Passage] = {}
    for item in sorted(passages, key=lambda item: -item.score):
        whole = item.source.partition("#")[0]
        found.setdefault(whole if item.collection is Collection.HISTORY else item.source, item)
    return list(found.values())


# Related pages: what the manual says where a message was read as something else than a how-to.
WAIT = 2.0  # seconds; the answer itself is ready and does not wait longer for titles
UNCOUNTED = 1  # the note's page: titles under another answer are no guide answer
SYMPTOMS = {Intent.DIAGNOSE, Intent.UNSUPPORTED, Intent.HISTORY}
CERTAIN = 0.8
"""From this belief on an answer needs no more than titles under it, or nothing."""
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
    if len(asked) != 1 or strength < FITS:
        return Place.NOWHERE
    (reading,) = asked
    if any(each.intent is Intent.KILL for each in (*reading.readings, *reading.also)):
        return Place.NOWHERE
    if reading.intent is Intent.OUT_OF_SCOPE or reading.question == NOT_UNDERSTOOD:
        return Place.INSTEAD
    if reading.intent is Intent.CLARIFY:
        return Place.TITLED if reading.readings else Place.NOWHERE
    doubted = reading.belief < CERTAIN
    if reading.intent in SYMPTOMS:
        # What we cannot do a page may tell.
        return Place.BENEATH if doubted or reading.intent is Intent.UNSUPPORTED else Place.TITLED
    return Place.BENEATH if doubted and reading.intent in FIGURES else Place.NOWHERE


@dataclass(frozen=True, slots=True)
class RelatedPages:
    """The node before the answer: searches where a page could be shown at all."""

    tools: Toolbox

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
        sources = tuple(item.source for item in chosen.shown)
        page = 0 if where is Place.INSTEAD else UNCOUNTED
        facts = GuideFacts(
            turn.text,
            chosen.manual,
            chosen.history,
            None,
            chosen.shown,
            id=await noted(self.tools, search, turn, sources, page),
            sure=chosen.sure,
            quoted=len(chosen.quoted),
        )
        if where is not Place.INSTEAD:
            # Of a system we do not look at the page is all there is to say.
            titles = where is Place.TITLED and not state.get("unseen")
            return {"related": replace(facts, quoted=0) if titles else facts}
        guide = Understanding(Intent.HOW_TO, AgentName.ADMIN_GUIDE, turn.language)
        return {"found": ((guide, facts), *found)}

    async def _chosen(self, search: Search) -> Chosen | None:
        """Search; None when nothing is found, or not in time."""
        try:
            async with asyncio.timeout(WAIT):
                chosen = await Passages(self.tools).choose(search)
        except TimeoutError:
            return None
        return chosen if chosen.shown else None


def _told(facts: Facts) -> bool:
    """Return True when the answer shows passages itself, and surely what was asked for."""
    return isinstance(facts, GuideFacts) and bool(facts.shown) and facts.sure
