"""Choosing what a guide answer shows: what fits, best first, the best of it whole."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.domain.conversation import Turn
from bot.domain.knowledge import MAYBE, POINTED, SURE, Collection, Found, GuideNote, Passage
from bot.tools.search_operation_history import search_operation_history
from bot.tools.search_operation_manual import search_operation_manual
from bot.tools.toolbox import Toolbox

DEPTH = 15  # sections looked through in each collection
SHOWN = 3  # one passage, and two titles that open
WHOLE = 2_200  # characters of a section that is shown whole; of a longer one its passage
FITS = 0.6  # of the best score; what is below is far from it
OWN_FITS = 0.35  # the same for the team's own incidents, which come before samples


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
        """Return how much must speak for the best of it."""
        return POINTED if self.pointed and self.history_only else MAYBE


@dataclass(frozen=True, slots=True)
class Chosen:
    """What both collections gave, the passages to show in order, and whether they surely fit."""

    manual: Found | None
    history: Found
    shown: tuple[Passage, ...]

    @property
    def strength(self) -> float:
        """Return how much speaks for the best of it."""
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


class Passages:
    """Searches manual and history through the tools."""

    def __init__(self, tools: Toolbox) -> None:
        self._tools = tools

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
        ordered = _ordered(_distinct(fitting), search)[:SHOWN]
        if ordered:
            ordered[0] = await self._whole(ordered[0], search.channel)
        return Chosen(manual, history, tuple(ordered))

    async def _manual(self, search: Search) -> Found:
        return await search_operation_manual(
            self._tools, search.text, search.channel, DEPTH, search.least
        )

    async def _history(self, search: Search) -> Found:
        return await search_operation_history(
            self._tools, search.text, search.channel, DEPTH, search.least
        )

    async def _whole(self, passage: Passage, channel: str) -> Passage:
        source = passage.source
        if passage.collection is Collection.HISTORY:  # what was done is told in another section
            source = source.partition("#")[0]
        section = await self._tools.whole_section(source, channel)
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
    needed = {True: FITS, False: OWN_FITS if search.history_only else FITS}
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
