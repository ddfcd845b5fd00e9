"""Takes a turn to the conversation and brings its answer back; shared by every way of asking."""

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.alerts import Alert
from bot.domain.answers import Answer, Show
from bot.domain.conversation import Turn, Understanding
from bot.domain.language import Language
from bot.errors import StorageError
from bot.handlers.delivery import SlackCallError, asked
from bot.handlers.events import Address, Outsider, Question
from bot.handlers.people import Channels, Users
from bot.handlers.views.answer import (
    NOTHING,
    Outcome,
    answer_post,
    draft_post,
    notice_post,
    private_post,
)
from bot.ports import Investigations, Outbox
from bot.texts.slack import GUEST, HELP, OUTSIDER, WORKING

_LOG = structlog.get_logger(__name__)


@asynccontextmanager
async def meanwhile(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Let work run beside the body, and no longer than it."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Progress:
    """Sets the thread's status after `after` seconds; Slack clears it when we post."""

    client: AsyncWebClient
    after: float = 1.0

    async def show(self, channel: str, thread_ts: str, language: Language) -> None:
        """Show the status, when nobody cancels that first."""
        await asyncio.sleep(self.after)
        try:
            await asked(
                self.client.assistant_threads_setStatus,
                {"channel_id": channel, "thread_ts": thread_ts, "status": WORKING(language)},
            )
        except SlackCallError as error:
            _LOG.info("status_not_shown", channel=channel, error=type(error).__name__)


@dataclass(frozen=True, slots=True)
class DraftPoster:
    """Posts an answer's facts when a model takes longer than `after` seconds over its sentences.

    At most one draft per answer, which the answer itself edits: two writes, whatever the model
    does, and nothing in either that code has not verified.
    """

    outbox: Outbox
    after: float = 2.0

    async def post(self, turn: Turn, held: asyncio.Queue[Answer]) -> None:
        """Post what is held by then, or the first that is, when nobody cancels that first."""
        await asyncio.sleep(self.after)
        draft = await held.get()
        try:
            await self.outbox.add([draft_post(turn.id, turn, draft)])
        except StorageError as error:
            _LOG.info("draft_not_kept", error=str(error))


class Talk(Protocol):
    """The conversation, as Slack needs it."""

    async def answer(
        self, turn: Turn, reading: Understanding | None = None, show: Show | None = None
    ) -> Answer:
        """Answer a turn; `reading` when a button already says what is meant.

        `show` gets the answer as far as it stands while the rest takes its time.
        """

    async def hear(self, turn: Turn, *, to_person: bool, judge: bool = True) -> bool:
        """Tell whether a thread's line that does not name us is for us; else keep it as context."""

    async def investigate(self, alert: Alert) -> Answer:
        """Return the first reply under an alert."""

    async def conclude(self, alert: Alert) -> Answer | None:
        """Return what to say when the alert is over; None for nothing."""

    async def language_for(self, alert: Alert) -> Language:
        """Return the language for what is said under an alert."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Answers turns and remembers the threads we now take part in."""

    talk: Talk
    investigations: Investigations
    rooms: Channels
    progress: Progress
    drafts: DraftPoster | None = None

    async def take(
        self, turn: Turn, reading: Understanding | None = None, *, private_known: bool = True
    ) -> Outcome:
        """Return the answer to a turn as a post in its thread; it may stand there as a draft."""
        if self.drafts is None:
            answer = await self.answer(turn, reading, private_known=private_known)
        else:
            held: asyncio.Queue[Answer] = asyncio.LifoQueue()  # the last one counts
            async with meanwhile(self.drafts.post(turn, held)):
                show = held.put_nowait
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
            turn = replace(turn, private=await self.rooms.private(turn.channel))
        shown = self.progress.show(turn.channel, turn.thread_ts, turn.language)
        async with meanwhile(shown):
            joined = self.investigations.join(turn.channel, turn.thread_ts)
            answer, _ = await asyncio.gather(self.talk.answer(turn, reading, show), joined)
        return answer


@dataclass(slots=True, eq=False)
class Questions:
    """Answers whoever speaks to us, and what else is for us where we have answered before."""

    turns: Turns
    investigations: Investigations
    visitors: Users
    mentions_only: bool = False
    _answering: set[str] = field(default_factory=set, init=False)

    async def handle(self, question: Question) -> Outcome:
        """Return the answer; nothing to a line that is not for us."""
        if question.address is Address.THREAD:
            return await self._overheard(question)
        return await self._asked(question)

    async def refuse(self, outsider: Outsider) -> Outcome:
        """Return a refusal only the outsider sees."""
        turn = outsider.turn
        text = OUTSIDER(turn.language)
        return Outcome((private_post(turn.id, turn.channel, turn.thread_ts, turn.asker, text),))

    def owes_answer(self, question: Question) -> bool:
        """Tell whether a question whose answer failed was for us."""
        return question.address is not Address.THREAD or question.turn.id in self._answering

    async def _asked(self, question: Question) -> Outcome:
        """Return the answer; nothing but our name gets help, and a guest hears that there is none."""
        turn = question.turn
        if await self.visitors.guest(turn.asker):
            key = f"guest:{turn.team}:{turn.asker}"  # one for each guest, so it is said once
            return Outcome((notice_post(key, turn, "guest", GUEST(turn.language)),))
        if not re.search(r"\w", turn.text):
            turn = replace(turn, text=HELP(turn.language))
        return await self.turns.take(turn, private_known=question.private_known)

    async def _overheard(self, question: Question) -> Outcome:
        turn = question.turn
        if not await self.investigations.joined(turn.channel, turn.thread_ts):
            return NOTHING
        judge = not (self.mentions_only or await self.visitors.guest(turn.asker))
        if not await self.turns.talk.hear(turn, to_person=question.to_person, judge=judge):
            return NOTHING
        self._answering.add(turn.id)
        outcome = await self.turns.take(turn)
        self._answering.discard(turn.id)
        return outcome
