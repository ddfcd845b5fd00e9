"""Choosing what a guide answer shows: what fits, cut well, best first, page by page."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.agents.templates.readable import excerpt, readable
from bot.domain.knowledge import Collection, Passage
from bot.tools.toolbox import Found, Toolbox

MANUALS, INCIDENTS = 3, 2
DEPTH = 15  # passages looked through; a page shows at most five
FITS = 0.6  # of the best score of its collection; what is below is far from it
SHOWABLE = 0.35  # as above, for "more"
EXCERPT = 700  # characters
MOST_PAGES = 4


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for and from where; `recent` puts the newest incidents first."""

    text: str
    channel: str
    history_only: bool = False
    recent: bool = False


@dataclass(frozen=True, slots=True)
class GuidePage:
    """The passages to show, readable; `more` when another page holds some."""

    manual: Found | None
    history: Found
    more: bool
    marks: dict[str, tuple[tuple[int, int], ...]]


class Passages:
    """Searches manual and history through the tools."""

    def __init__(self, tools: Toolbox) -> None:
        self._tools = tools

    async def page(self, search: Search, number: int = 0) -> GuidePage:
        """Return one page, counted from 0."""
        if search.history_only:
            manual, history = None, await self._history(search)
        else:
            manual, history = await asyncio.gather(self._manual(search), self._history(search))
        if search.recent:
            fitting = [item for item in history.passages if _close(item, history.passages, FITS)]
            ordered = sorted(fitting, key=lambda item: str(item.dated or ""), reverse=True)
            history = replace(history, passages=tuple(ordered))
        shown_manual, more_manual = await self._shown(manual or Found(), search, number, MANUALS)
        shown_history, more_history = await self._shown(history, search, number, INCIDENTS)
        every = (*shown_manual.passages, *shown_history.passages)
        return GuidePage(
            None if manual is None else shown_manual,
            shown_history,
            (more_manual or more_history) and number + 1 < MOST_PAGES,
            await self.marks(search.text, every),
        )

    async def marks(
        self, question: str, passages: Sequence[Passage]
    ) -> dict[str, tuple[tuple[int, int], ...]]:
        """Return where the asked words stand, by passage text."""
        found = await asyncio.gather(
            *(self._tools.asked_words(question, item.text) for item in passages)
        )
        return {item.text: spans for item, spans in zip(passages, found, strict=True)}

    async def _manual(self, search: Search) -> Found:
        return await self._tools.search_operation_manual(search.text, search.channel, DEPTH)

    async def _history(self, search: Search) -> Found:
        return await self._tools.search_operation_history(search.text, search.channel, DEPTH)

    async def _shown(
        self, found: Found, search: Search, number: int, size: int
    ) -> tuple[Found, bool]:
        passages, more = paged(found.passages, number, size)
        cut = await asyncio.gather(*(self._cut(item, search.channel) for item in passages))
        return replace(found, passages=tuple(item for item in cut if item.text)), more

    async def _cut(self, passage: Passage, channel: str) -> Passage:
        section = await self._tools.whole_section(passage.source, channel)
        text = section.text if section is not None else passage.text
        return replace(passage, text=excerpt(text, passage.text, EXCERPT))


def paged(passages: Sequence[Passage], number: int, size: int) -> tuple[tuple[Passage, ...], bool]:
    """Return a page of passages, one per section of the manual or per incident, and whether more follow.

    The first page holds what is near the best; the others what comes next.
    """
    distinct = _distinct(item for item in passages if _close(item, passages, SHOWABLE))
    first = sum(_close(item, passages, FITS) for item in distinct[:size])
    start = 0 if number == 0 else first + (number - 1) * size
    end = first + number * size
    return tuple(distinct[start:end]), len(distinct) > end


def web_passages(found: Found | None) -> Found | None:
    """Return web results as readable text."""
    if found is None:
        return None
    readably = (
        replace(item, text=excerpt(item.text, item.text, EXCERPT), title=readable(item.title))
        for item in found.passages
    )
    return replace(found, passages=tuple(item for item in readably if item.text))


def note_id(turn_id: str, page: int) -> str:
    """Return the id of one post's note: the same for every delivery of the same question."""
    return hashlib.sha256(f"{turn_id}\0{page}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _close(item: Passage, passages: Sequence[Passage], part: float) -> bool:
    return item.score >= part * max(each.score for each in passages)


def _distinct(passages: Iterable[Passage]) -> list[Passage]:
    found: dict[str, Passage] = {}
    for item in passages:
        whole = item.source.partition("#")[0]
        found.setdefault(whole if item.collection is Collection.HISTORY else item.source, item)
    return list(found.values())
