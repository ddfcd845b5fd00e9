"""The buttons under guide answers: further passages, whole sources, votes."""

from datetime import tzinfo
from typing import Protocol

from bot.agents.facts import GuideFacts
from bot.agents.passages import Passages, Search, note_id
from bot.agents.templates.guide import guide, section
from bot.agents.templates.wording import Voice, Wording
from bot.domain.answers import Answer
from bot.domain.conversation import AgentName, Intent
from bot.domain.knowledge import Collection, GuideNote
from bot.domain.language import Language
from bot.tools.toolbox import Toolbox


class GuideRows(Protocol):
    """What is remembered of guide answers."""

    async def note(self, note: GuideNote) -> None:
        """Keep a note; one that is there already stays as it is."""
        ...

    async def noted(self, id_: str) -> GuideNote | None:
        """Return a note; None when there is none."""
        ...

    async def vote(self, answer_id: str, passage: int, user: str, *, helpful: bool) -> None:
        """Count a person's vote on an answer (passage 0) or a passage; the last one counts."""
        ...


class GuideDesk:
    """Answers presses by the note they refer to; a button's value is `note` or `note:number`.

    Everything returns None for a value that is not ours, or was made in another channel.
    """

    def __init__(self, tools: Toolbox, rows: GuideRows, zone: tzinfo) -> None:
        self._tools = tools
        self._rows = rows
        self._zone = zone
        self._passages = Passages(tools)

    async def more(self, value: str, channel: str) -> Answer | None:
        """Return the next passages."""
        note = await self._note(value, channel)
        if note is None:
            return None
        number = note.page + 1
        search = Search(note.search, channel, note.history_only, note.recent)
        page = await self._passages.page(search, number)
        found = [each for each in (page.manual, page.history) if each is not None]
        sources = tuple(item.source for each in found for item in each.passages)
        id_ = note_id(note.id, number)
        await self._rows.note(
            GuideNote(
                id_,
                channel,
                note.thread_ts,
                note.language,
                note.search,
                note.history_only,
                number,
                sources,
                note.recent,
            )
        )
        facts = GuideFacts(
            note.search, page.manual, page.history, None, id_, number, page.more, marks=page.marks
        )
        return _answer(guide(facts, self._voice(note)), note)

    async def source(self, value: str, channel: str) -> Answer | None:
        """Return a whole section of the manual, or a whole past incident."""
        note = await self._note(value, channel)
        number = _number(value)
        if note is None or not 0 < number <= len(note.sources):
            return None
        source = note.sources[number - 1]
        if source.startswith(f"{Collection.HISTORY.value}/"):
            source = source.partition("#")[0]
        passage = await self._tools.whole_section(source, channel)
        if passage is None:
            return None
        return _answer(section(passage, note.id, number, self._voice(note)), note)

    async def vote(self, value: str, channel: str, user: str, *, helpful: bool) -> Language | None:
        """Count a vote and return the language of the answer it is for."""
        note = await self._note(value, channel)
        number = _number(value)
        if note is None or not 0 <= number <= len(note.sources):
            return None
        await self._rows.vote(note.id, number, user, helpful=helpful)
        return note.language

    async def _note(self, value: str, channel: str) -> GuideNote | None:
        note = await self._rows.noted(value.partition(":")[0])
        return note if note is not None and note.channel == channel else None

    def _voice(self, note: GuideNote) -> Voice:
        return Voice(note.language, self._zone)


def _number(value: str) -> int:
    """Return the number after the colon: 0 without one, -1 for what is none."""
    tail = value.partition(":")[2]
    if not tail:
        return 0
    return int(tail) if tail.isdecimal() and len(tail) < 3 else -1  # noqa: PLR2004 - two digits


def _answer(words: Wording, note: GuideNote) -> Answer:
    return Answer(
        language=note.language,
        intent=Intent.HISTORY if note.history_only else Intent.HOW_TO,
        agent=AgentName.ADMIN_GUIDE,
        summary=words.summary,
        parts=words.parts,
        sources=words.sources,
    )
