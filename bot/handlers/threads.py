"""Lines without a mention, in threads we take part in."""

from typing import Protocol

from bot.domain.conversation import Turn
from bot.handlers.events import Question
from bot.handlers.guests import Guests
from bot.handlers.outcome import NOTHING, Outcome
from bot.handlers.turns import Turns
from bot.ports import Investigations


class Ears(Protocol):
    """Hears who is spoken to."""

    async def hear(self, turn: Turn, *, to_person: bool, judge: bool = True) -> bool:
        """Tell whether a line is for us; what is not is kept as context."""
        ...


class Threads:
    """Answers what is for us where we have answered before, and stays silent elsewhere."""

    def __init__(
        self,
        turns: Turns,
        investigations: Investigations,
        ears: Ears,
        guests: Guests,
        *,
        mentions_only: bool = False,
    ) -> None:
        self._turns = turns
        self._investigations = investigations
        self._ears = ears
        self._guests = guests
        self._mentions_only = mentions_only
        self._answering: set[str] = set()

    async def handle(self, question: Question) -> Outcome:
        """Return the answer; nothing in a thread that is not ours, or when it is not for us."""
        if not await self._ours(question):
            return NOTHING
        judge = not (self._mentions_only or await self._guests.guest(question.turn.asker))
        heard = await self._ears.hear(question.turn, to_person=question.to_person, judge=judge)
        if not heard:
            return NOTHING
        self._answering.add(question.turn.id)
        outcome = await self._turns.take(question.turn)
        self._answering.discard(question.turn.id)
        return outcome

    def owes_answer(self, question: Question) -> bool:
        """Tell whether a line was for us, and its answer failed."""
        return question.turn.id in self._answering

    async def _ours(self, question: Question) -> bool:
        """Tell whether we take part in the question's thread."""
        turn = question.turn
        return await self._investigations.joined(turn.channel, turn.thread_ts)
