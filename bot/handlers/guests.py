"""Guests: they see the channel, and are told nothing about the cluster."""

from bot.domain.conversation import Turn
from bot.domain.posts import Post
from bot.handlers.outcome import Outcome
from bot.handlers.replies import notice_post
from bot.ports import People
from bot.texts.slack import GUEST

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


def refusal(turn: Turn) -> Outcome:
    """Return what a guest is told; the post has one id for each guest, so it is said once."""
    post: Post = notice_post(f"guest:{turn.team}:{turn.asker}", turn, "guest", GUEST(turn.language))
    return Outcome((post,))
