"""Talk: a message in, the same answer as in Slack out, its facts first while words are written."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, StringConstraints

from bot.api.core import Core
from bot.api.problems import Problem
from bot.api.tokens import Token
from bot.api.views import ProposalView, Reply, proposal_view, reply
from bot.domain.answers import Answer
from bot.domain.conversation import Turn
from bot.domain.language import Language, language_of

LONGEST = 4_000  # characters of a message
ThreadId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


@dataclass(frozen=True, slots=True)
class Message:
    """What is said; an `id` makes a repeated message the same one, `language` fixes the answer's."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
    language: Language | None = None
    id: ThreadId | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One remembered line: by whom, and its words."""

    by: str
    text: str


@dataclass(frozen=True, slots=True)
class ThreadView:
    """What a thread remembers: its last lines, the ids of the list shown, its proposals."""

    thread: str
    messages: tuple[Said, ...]
    listing: tuple[str, ...]
    proposals: tuple[ProposalView, ...]


class Threads:
    """The threads of callers; each token has its own, and none of them is Slack's."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._running: set[asyncio.Task[Reply]] = set()

    async def view(self, token: Token, thread: str) -> ThreadView:
        """Return what a thread remembers."""
        memory = await self._core.talk.recall(token.place, thread)
        proposals = await self._core.tools.proposals.in_thread(token.place, thread)
        rows = (memory.get("listing") or {}).get("rows", [])
        now = self._core.clock()
        return ThreadView(
            thread,
            tuple(Said(each["by"], each["text"]) for each in memory.get("messages", [])),
            tuple(row["ref"]["id"] for row in rows),
            tuple(proposal_view(each, now) for each in proposals),
        )

    async def answer(self, token: Token, thread: str, message: Message) -> Reply:
        """Return the answer. Raises Problem when it takes too long."""
        return await asyncio.shield(self._begun(token, thread, message))

    async def stream(self, token: Token, thread: str, message: Message) -> AsyncIterator[Reply]:
        """Yield the facts as soon as they stand, where words follow; then the answer."""
        drafts: asyncio.Queue[Reply] = asyncio.Queue()
        answering = self._begun(token, thread, message, drafts.put_nowait)
        first = asyncio.create_task(drafts.get())
        await asyncio.wait({answering, first}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            yield first.result()
        first.cancel()
        yield await asyncio.shield(answering)

    def _begun(
        self,
        token: Token,
        thread: str,
        message: Message,
        drafted: Callable[[Reply], None] | None = None,
    ) -> asyncio.Task[Reply]:
        """Answer as a task of its own: a caller that hangs up does not stop a turn halfway."""
        turn = self._turn(token, thread, message)

        def show(answer: Answer) -> None:
            if drafted is not None:
                drafted(reply(thread, turn.id, answer, None, draft=True))

        task = asyncio.create_task(self._answered(turn, thread, show))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _answered(self, turn: Turn, thread: str, show: Callable[[Answer], None]) -> Reply:
        core = self._core
        try:
            async with asyncio.timeout(core.limits.turn):
                answer = await core.talk.answer(turn, show=show)
        except TimeoutError:
            raise Problem(503, "too_slow", "The answer took too long; ask again.") from None
        proposal = await core.desk.get(answer.proposal_id) if answer.proposal_id else None
        card = proposal_view(proposal, core.clock()) if proposal else None
        return reply(thread, turn.id, answer, card, draft=False)

    def _turn(self, token: Token, thread: str, message: Message) -> Turn:
        now = self._core.clock()
        language = message.language or self._core.language or language_of(message.text)
        key = message.id or uuid.uuid4().hex
        return Turn(
            id=f"{token.place}:{thread}:{key}",
            team=self._core.team,
            channel=token.place,
            thread_ts=thread,
            ts=f"{now.timestamp():.6f}",
            asker=token.asker,
            text=message.text,
            language=language,
            said_at=now,
            private=True,
        )

    async def stop(self) -> None:
        """End the turns that are being answered."""
        running = tuple(self._running)
        for task in running:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*running, return_exceptions=True)
