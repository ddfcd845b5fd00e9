"""Figures about ourselves, for Prometheus to scrape: turns, their length, what was missing."""

import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.domain.alerts import Alert
from bot.domain.answers import Answer
from bot.domain.conversation import Turn, Understanding

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Telemetry:
    """Holds the figures in a registry of its own; nothing is global."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.turns = Counter(
            "dangjik_turns",
            "Answers given, by agent, intent and whether a model worded them",
            ("agent", "intent", "llm"),
            registry=self.registry,
        )
        self.failures = Counter(
            "dangjik_turn_failures", "Turns that ended in an error", registry=self.registry
        )
        self.seconds = Histogram(
            "dangjik_turn_seconds",
            "From taking up a message to its answer",
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.sockets = Gauge(
            "dangjik_sockets_connected", "Open sockets to Slack", registry=self.registry
        )
        self.pong_age = Gauge(
            "dangjik_socket_pong_age_seconds",
            "Age of the oldest last sign of life over all sockets",
            registry=self.registry,
        )
        self.waiting = Gauge(
            "dangjik_rows_waiting",
            "Rows not worked off yet",
            ("where",),
            registry=self.registry,
        )

    def text(self) -> bytes:
        """Return all figures in Prometheus's text format."""
        return generate_latest(self.registry)


class Talk(Protocol):
    """The conversation; see bot.conversations.Conversations."""

    async def answer(self, turn: Turn, reading: Understanding | None = None) -> Answer:
        """Answer a turn."""
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

    async def answer(self, turn: Turn, reading: Understanding | None = None) -> Answer:
        """Answer a turn."""
        return await self._measured(self._talk.answer(turn, reading))

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
