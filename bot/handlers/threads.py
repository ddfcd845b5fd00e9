"""Follow-ups without a mention, in threads we take part in."""

from bot.handlers.events import Question
from bot.handlers.outcome import NOTHING, Outcome
from bot.handlers.turns import Turns
from bot.ports import Investigations


class Threads:
    """Answers where we have answered before, and stays silent elsewhere."""

    def __init__(self, turns: Turns, investigations: Investigations) -> None:
        self._turns = turns
        self._investigations = investigations

    async def handle(self, question: Question) -> Outcome:
        """Return the answer, or nothing in a thread that is not ours."""
        if not await self.ours(question):
            return NOTHING
        return await self._turns.take(question.turn)

    async def ours(self, question: Question) -> bool:
        """Tell whether we take part in the question's thread."""
        turn = question.turn
        return await self._investigations.joined(turn.channel, turn.thread_ts)
