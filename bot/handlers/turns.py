"""Takes a turn to the conversation and brings its answer back; shared by every way of asking."""

import asyncio
from dataclasses import replace
from typing import Protocol

from bot.domain.alerts import Alert
from bot.domain.answers import Answer, Show
from bot.domain.conversation import Turn, Understanding
from bot.handlers.people import Channels
from bot.handlers.progress import DraftPoster, Progress
from bot.handlers.replies import Outcome, answer_post
from bot.ports import Investigations


class Talk(Protocol):
    """The conversation, as Slack needs it."""

    async def answer(
        self, turn: Turn, reading: Understanding | None = None, show: Show | None = None
    ) -> Answer:
        """Answer a turn; `reading` when a button already says what is meant.

        `show` gets the answer as far as it stands while the rest takes its time.
        """
        ...

    async def hear(self, turn: Turn, *, to_person: bool, judge: bool = True) -> bool:
        """Tell whether a thread's line that does not name us is for us; else keep it as context."""
        ...

    async def investigate(self, alert: Alert) -> Answer:
        """Return the first reply under an alert."""
        ...

    async def conclude(self, alert: Alert) -> Answer | None:
        """Return what to say when the alert is over; None for nothing."""
        ...


class Turns:
    """Answers turns and remembers the threads we now take part in."""

    def __init__(
        self,
        talk: Talk,
        investigations: Investigations,
        rooms: Channels,
        progress: Progress,
        drafts: DraftPoster | None = None,
    ) -> None:
        self._talk = talk
        self._investigations = investigations
        self._rooms = rooms
        self._progress = progress
        self._drafts = drafts

    async def hear(self, turn: Turn, *, to_person: bool, judge: bool = True) -> bool:
        """Tell whether a line is for us; what is not is kept as context."""
        return await self._talk.hear(turn, to_person=to_person, judge=judge)

    async def take(
        self, turn: Turn, reading: Understanding | None = None, *, private_known: bool = True
    ) -> Outcome:
        """Return the answer to a turn as a post in its thread; it may stand there as a draft."""
        if self._drafts is None:
            answer = await self.answer(turn, reading, private_known=private_known)
        else:
            async with self._drafts.shown(turn) as show:
                answer = await self.answer(turn, reading, show, private_known=private_known)
        return Outcome((answer_post(turn.id, turn, answer),))

    async def answer(
        self,
        turn: Turn,
        reading: Understanding | None = None,
        show: Show | None = None,
        *,
        private_known: bool = True,
    ) -> Answer:
        """Answer a turn, showing that we work on it when it takes a second."""
        if not private_known:
            turn = replace(turn, private=await self._rooms.private(turn.channel))
        async with self._progress.shown(turn.channel, turn.thread_ts, turn.language):
            joined = self._investigations.join(turn.channel, turn.thread_ts)
            answer, _ = await asyncio.gather(self._talk.answer(turn, reading, show), joined)
        return answer
