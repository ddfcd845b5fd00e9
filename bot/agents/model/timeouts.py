"""How long a model may take; apart from its client, which takes a while to import."""

from dataclasses import dataclass

from bot.agents.model.breaker import REST


@dataclass(frozen=True, slots=True)
class ModelTimeouts:
    """How long a call and a turn may take, and how long a failing server is left alone."""

    call: float = 10.0  # seconds, as the others
    turn: float = 20.0
    rest: float = REST
