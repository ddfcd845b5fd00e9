"""Nodes and model calls of a turn, timed."""

from collections.abc import Awaitable, Sequence
from typing import Protocol, TypeVar

from langchain_core.tools import BaseTool

from bot.agents.memory import Memory
from bot.agents.model.port import Model, Prompt, Reply, Shape, UsageKey
from bot.observability.spans import Spans

Value = TypeVar("Value")


class Node(Protocol):
    """A node of the graph."""

    async def __call__(self, state: Memory) -> Memory:
        """Return what changes."""


def timed(name: str, node: Node, spans: Spans) -> Node:
    """Return the node as a step of its own."""

    async def run(state: Memory) -> Memory:
        with spans.step(name):
            return await node(state)

    return run


class TracedModel:
    """A model whose calls are steps; what it was asked and said is not told."""

    def __init__(self, model: Model, spans: Spans) -> None:
        self._model = model
        self._spans = spans

    async def fill(self, prompt: Prompt, shape: type[Shape], bill: UsageKey) -> Reply[Shape]:
        """Return the shape filled in by the model and validated."""
        return await self._called("fill", self._model.fill(prompt, shape, bill))

    async def write(self, prompt: Prompt, bill: UsageKey) -> Reply[str]:
        """Return a few sentences."""
        return await self._called("write", self._model.write(prompt, bill))

    async def research(
        self, prompt: Prompt, tools: Sequence[BaseTool], bill: UsageKey
    ) -> Reply[str]:
        """Let the model call read-only tools within limits; return its last words."""
        return await self._called("research", self._model.research(prompt, tools, bill))

    async def close(self) -> None:
        """Close the connections."""
        await self._model.close()

    async def _called(self, kind: str, call: Awaitable[Reply[Value]]) -> Reply[Value]:
        with self._spans.step("model", kind=kind) as span:
            reply = await call
            span.note(outcome=reply.trouble.value if reply.trouble else "answered")
            return reply
