"""The nearest example by shared letters: what routes a message when nothing better is there."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

from bot.agents.understanding.normal import normalise
from bot.domain.conversation import AgentName

_LETTERS = 2


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


def load_examples() -> NearestByLetters:
    """Read the examples beside this module."""
    text = (files(__package__) / "examples.toml").read_text(encoding="utf-8")
    return NearestByLetters(
        tuple(
            (_pairs(example), AgentName(agent))
            for agent, table in tomllib.loads(text).items()
            for example in table["examples"]
        )
    )


def _pairs(text: str) -> frozenset[str]:
    letters = "".join(character for character in normalise(text).casefold() if character.isalnum())
    return frozenset(letters[i : i + _LETTERS] for i in range(len(letters) - 1))


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
