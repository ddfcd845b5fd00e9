"""The known question that routes a message when the grammar is unsure."""

from dataclasses import dataclass, replace
from typing import Protocol

from bot.agents.understanding.overlap import Example
from bot.domain.conversation import AgentName, Intent, Understanding

NEAR = 0.5  # cosine: nine in ten of the development utterances this near share the route
VERY_NEAR = 0.7  # a model is not asked any more


@dataclass(frozen=True, slots=True)
class NearestExample:
    """A known question and how near it is in meaning, 0 to 1."""

    example: Example
    nearness: float

    @property
    def near(self) -> bool:
        """Whether it says anything about the message."""
        return self.nearness >= NEAR


class Nearest(Protocol):
    """Finds the known question nearest in meaning; never raises, and never keeps a turn waiting."""

    async def __call__(self, text: str) -> NearestExample | None:
        """Return it, or None when it cannot be told in time."""
        ...


def beside(reading: Understanding, neighbour: NearestExample) -> Understanding:
    """Return the reading an unsure message gets from its neighbour; it chooses no application.

    Near a kill, it is asked which job is meant: a kill never rests on a neighbour.
    """
    example = neighbour.example
    intent = Intent.CLARIFY if example.intent is Intent.KILL else example.intent
    question = "which_one" if intent is Intent.CLARIFY else ""
    agent = AgentName.DATA_ENGINEER if intent is Intent.CLARIFY else example.agent
    sure = neighbour.nearness >= VERY_NEAR
    return replace(
        reading, intent=intent, agent=agent, question=question, selection=None, sure=sure
    )
