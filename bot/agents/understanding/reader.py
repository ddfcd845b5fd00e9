"""The reader: from a message and what is known of the thread to one understanding."""

from collections.abc import Callable

from bot.agents.understanding.alerting import alerting
from bot.agents.understanding.cards import on_cards
from bot.agents.understanding.decision import decided
from bot.agents.understanding.killing import forbidding, killing
from bot.agents.understanding.lexicon import Lexicon
from bot.agents.understanding.message import Message
from bot.agents.understanding.moments import then_and_now
from bot.agents.understanding.questions import (
    asking_who_decides,
    auditing,
    comparing,
    detailing,
    diagnosing,
    guiding,
    helping,
    history,
    listing,
    machines,
    out_of_scope,
    pasting,
    side_by_side,
    status,
)
from bot.agents.understanding.small_talk import small_talk, thanking
from bot.agents.understanding.spare import sparing
from bot.domain.conversation import AgentName, Intent, ThreadView, Understanding

Nearest = Callable[[str], tuple[AgentName, float]]
"""Names the agent of the example nearest in meaning, and how near it is, 0 to 1."""

NEAR_ENOUGH = 0.3
_DEFAULT_INTENT = {
    AgentName.INFRA_ENGINEER: Intent.STATUS,
    AgentName.DATA_ENGINEER: Intent.LIST,
    AgentName.ADMIN_GUIDE: Intent.HOW_TO,
    AgentName.NONE: Intent.OUT_OF_SCOPE,
}
_READINGS: tuple[Callable[[Message], Understanding | None], ...] = (
    pasting,
    asking_who_decides,
    on_cards,
    sparing,
    killing,
    machines,
    alerting,
    out_of_scope,
    helping,
    thanking,
    auditing,
    then_and_now,
    history,
    side_by_side,
    comparing,
    guiding,
    diagnosing,
    detailing,
    listing,
    status,
    small_talk,
    forbidding,
)


class Reader:
    """Understands one message at a time, without a model; the same words read the same always."""

    def __init__(self, lexicon: Lexicon, nearest: Nearest | None = None) -> None:
        self._lexicon = lexicon
        self._nearest = nearest

    def understand(self, text: str, view: ThreadView) -> Understanding:
        """Return the reading of a message; `sure` is False when nothing in it was recognised."""
        message = Message(text, view, self._lexicon)
        if message.machine_like or message.has("injection"):
            return decided(message, Intent.OUT_OF_SCOPE)
        for read in _READINGS:
            found = read(message)
            if found is not None:
                return found
        return self._guess(message)

    def _guess(self, message: Message) -> Understanding:
        if not any(map(str.isalnum, message.normal)):
            return decided(message, Intent.NONE)
        agent, nearness = self._nearest(message.normal) if self._nearest else (AgentName.NONE, 0.0)
        if nearness < NEAR_ENOUGH:
            agent = AgentName.NONE
        intent = _DEFAULT_INTENT[agent]
        return decided(message, intent, sure=False)
