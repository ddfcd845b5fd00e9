"""The conversation and the model's budget, each counted and timed as it is used."""

import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.domain.alerts import Alert
from bot.domain.answers import Answer
from bot.domain.conversation import Turn, Understanding
from bot.observability.telemetry import Telemetry


class Spending(Protocol):
    """What a model has used; see bot.agents.model.budgets.Spending."""

    async def spent(self, thread: str) -> tuple[int, int]:
        """Return the tokens used today: (by this thread, by all)."""
        ...

    async def add(self, thread: str, calls: int, tokens: int) -> None:
        """Add to today's count of a thread."""
        ...


class MeasuredSpending:
    """The count of what a model uses, told to the figures, too."""

    def __init__(self, spending: Spending, telemetry: Telemetry) -> None:
        self._spending = spending
        self._telemetry = telemetry

    async def spent(self, thread: str) -> tuple[int, int]:
        """Return the tokens used today: (by this thread, by all). Raises StorageError."""
        return await self._spending.spent(thread)

    async def add(self, thread: str, calls: int, tokens: int) -> None:
        """Add to today's count of a thread. Raises StorageError."""
        self._telemetry.model_calls.inc(calls)
        self._telemetry.model_tokens.inc(tokens)
        await self._spending.add(thread, calls, tokens)


class Talk(Protocol):
    """The conversation; see bot.services.conversations.Conversations."""

    async def answer(
        self,
        turn: Turn,
        reading: Understanding | None = None,
        show: Callable[[Answer], None] | None = None,
    ) -> Answer:
        """Answer a turn; `show` is called with what can be shown before it is whole."""
        ...

    async def hear(self, turn: Turn, *, to_person: bool, judge: bool = True) -> bool:
        """Tell whether a thread's line is for us; what is not is kept as context."""
        ...

    async def investigate(self, alert: Alert) -> Answer:
        """Write the first reply under an alert."""
        ...

    async def conclude(self, alert: Alert) -> Answer:
        """Say how an alert ended."""
        ...


class MeasuredTalk:
    """A conversation that counts and times its turns."""

    def __init__(
        self, talk: Talk, telemetry: Telemetry, ticks: Callable[[], float] = time.perf_counter
    ) -> None:
        self._talk = talk
        self._telemetry = telemetry
        self._ticks = ticks

    async def answer(
        self,
        turn: Turn,
        reading: Understanding | None = None,
        show: Callable[[Answer], None] | None = None,
    ) -> Answer:
        """Answer a turn; `show` is called with what can be shown before it is whole."""
        return await self._measured(self._talk.answer(turn, reading, show))

    async def hear(self, turn: Turn, *, to_person: bool, judge: bool = True) -> bool:
        """Tell whether a thread's line is for us; what is not is kept as context."""
        return await self._talk.hear(turn, to_person=to_person, judge=judge)

    async def investigate(self, alert: Alert) -> Answer:
        """Write the first reply under an alert."""
        return await self._measured(self._talk.investigate(alert))

    async def conclude(self, alert: Alert) -> Answer:
        """Say how an alert ended."""
        return await self._measured(self._talk.conclude(alert))

    async def _measured(self, work: Awaitable[Answer]) -> Answer:
        begun = self._ticks()
        with self._telemetry.failures.count_exceptions():
            answer = await work
        self._telemetry.seconds.observe(self._ticks() - begun)
        self._telemetry.turns.labels(
            answer.agent.value, answer.intent.value, str(answer.llm).lower()
        ).inc()
        return answer
