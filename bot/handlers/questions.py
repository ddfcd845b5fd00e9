"""Questions: said to us by name or in private, or in a thread we take part in; and those we refuse."""

import re
from dataclasses import replace

from bot.domain.conversation import Turn
from bot.domain.posts import Post
from bot.handlers.events import Address, Outsider, Question
from bot.handlers.replies import NOTHING, Outcome, notice_post, private_post
from bot.handlers.turns import Turns
from bot.ports import Investigations, People
from bot.texts.slack import GUEST, HELP, OUTSIDER

_PEOPLE = ("U", "W")  # a workflow that mentions us is no person


class Guests:
    """Knows who is a full member. Who is one is remembered for as long as we run."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._members: set[str] = set()

    async def guest(self, user: str) -> bool:
        """Tell whether somebody is a guest. Raises BackendError when Slack does not say."""
        if user in self._members or not user.startswith(_PEOPLE):
            return False
        person = await self._people.person(user)
        if person.guest or person.stranger:
            return True
        self._members.add(user)
        return False


class Questions:
    """Answers whoever speaks to us, and what else is for us where we have answered before."""

    def __init__(
        self,
        turns: Turns,
        investigations: Investigations,
        guests: Guests,
        *,
        mentions_only: bool = False,
    ) -> None:
        self._turns = turns
        self._investigations = investigations
        self._guests = guests
        self._mentions_only = mentions_only
        self._answering: set[str] = set()

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
        if await self._guests.guest(turn.asker):
            return _refusal(turn)
        if not re.search(r"\w", turn.text):
            turn = replace(turn, text=HELP(turn.language))
        return await self._turns.take(turn, private_known=question.private_known)

    async def _overheard(self, question: Question) -> Outcome:
        turn = question.turn
        if not await self._investigations.joined(turn.channel, turn.thread_ts):
            return NOTHING
        judge = not (self._mentions_only or await self._guests.guest(turn.asker))
        if not await self._turns.hear(turn, to_person=question.to_person, judge=judge):
            return NOTHING
        self._answering.add(turn.id)
        outcome = await self._turns.take(turn)
        self._answering.discard(turn.id)
        return outcome


def _refusal(turn: Turn) -> Outcome:
    """Return what a guest is told; the post has one id for each guest, so it is said once."""
    post: Post = notice_post(f"guest:{turn.team}:{turn.asker}", turn, "guest", GUEST(turn.language))
    return Outcome((post,))
