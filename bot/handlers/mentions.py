"""Questions said to us: mentions and direct messages, and those we refuse."""

import re
from dataclasses import replace

from bot.handlers.events import Outsider, Question
from bot.handlers.guests import Guests, refusal
from bot.handlers.outcome import Outcome
from bot.handlers.replies import private_post
from bot.handlers.turns import Turns
from bot.texts.slack import HELP, OUTSIDER


class Mentions:
    """Answers whoever speaks to us by name or in private."""

    def __init__(self, turns: Turns, guests: Guests) -> None:
        self._turns = turns
        self._guests = guests

    async def handle(self, question: Question) -> Outcome:
        """Return the answer; nothing but our name gets help, and a guest hears that there is none."""
        turn = question.turn
        if await self._guests.guest(turn.asker):
            return refusal(turn)
        if not re.search(r"\w", turn.text):
            turn = replace(turn, text=HELP(turn.language))
        return await self._turns.take(turn, private_known=question.private_known)

    async def refuse(self, outsider: Outsider) -> Outcome:
        """Return a refusal only the outsider sees."""
        turn = outsider.turn
        text = OUTSIDER(turn.language)
        return Outcome((private_post(turn.id, turn.channel, turn.thread_ts, turn.asker, text),))
