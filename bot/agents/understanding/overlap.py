"""Questions known to us; the nearest by shared letters routes when nothing better is there."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.agents.understanding.normal import normalise
from bot.domain.conversation import AgentName, Intent

_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Example:
    """A question, who answers it and what it wants."""

    text: str
    agent: AgentName
    intent: Intent


@dataclass(frozen=True, slots=True)
class NearestByLetters:
    """Compares a message with examples by the pairs of letters they share."""

    examples: tuple[tuple[frozenset[str], AgentName], ...]

    def __call__(self, text: str) -> tuple[AgentName, float]:
        """Return the agent of the nearest example and the shared part of all pairs, 0 to 1."""
        pairs = _pairs(text)
        scored = ((_shared(pairs, other), agent) for other, agent in self.examples)
        score, agent = max(scored, key=lambda found: found[0], default=(0.0, AgentName.NONE))
        return agent, score


@cache
def examples() -> tuple[Example, ...]:
    """Return the examples beside this module, read once."""
    text = (files(__package__) / "examples.toml").read_text(encoding="utf-8")
    return tuple(
        Example(question, AgentName(agent), Intent(intent))
        for agent, table in tomllib.loads(text).items()
        for intent, questions in table.items()
        for question in questions
    )


def load_examples() -> NearestByLetters:
    """Return the examples by their letters."""
    return NearestByLetters(tuple((_pairs(one.text), one.agent) for one in examples()))


def _pairs(text: str) -> frozenset[str]:
    letters = "".join(character for character in normalise(text).casefold() if character.isalnum())
    return frozenset(letters[i : i + _LETTERS] for i in range(len(letters) - 1))


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
