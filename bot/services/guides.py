"""The buttons under guide answers: whole sources, and votes."""

from datetime import tzinfo

from bot.agents.templates.guide import section
from bot.agents.templates.wording import Voice, Wording
from bot.domain.answers import Answer
from bot.domain.conversation import AgentName, Intent
from bot.domain.knowledge import Collection, GuideNote
from bot.domain.language import Language
from bot.ports import GuideNotes
from bot.tools.toolbox import Toolbox


class GuideDesk:
    """Answers presses by the note they refer to; a button's value is `note` or `note:number`.

    Everything returns None for a value that is not ours, or was made in another channel.
    """

    def __init__(self, tools: Toolbox, rows: GuideNotes, zone: tzinfo) -> None:
        self._tools = tools
        self._rows = rows
        self._zone = zone

    async def source(self, value: str, channel: str) -> Answer | None:
        """Return what a title stands for: a section of the manual, or a whole past incident.

        The first of our documents is shown already, so its button opens the whole page.
        """
        note = await self._note(value, channel)
        number = _number(value)
        if note is None or not 0 < number <= len(note.sources):
            return None
        source = note.sources[number - 1]
        own = [each for each in note.sources if "/" in each]
        if source == own[0] or source.startswith(f"{Collection.HISTORY.value}/"):
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
