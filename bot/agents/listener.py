"""Listens in the threads we take part in, and tells lines for us from talk between people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.agents.memory import Memory
from bot.agents.understand import thread_view
from bot.domain.conversation import Hearing, OverheardLine, Turn
from bot.tools.toolbox import Toolbox

Hear = Callable[[OverheardLine], Awaitable[Hearing]]  # judges whether a line is for us


@dataclass(frozen=True, slots=True)
class Listener:
    """Judges a line against what the thread has shown, and what was said since we spoke."""

    hear: Hear
    tools: Toolbox

    async def addressed(self, memory: Memory, turn: Turn, *, to_person: bool) -> bool:
        """Tell whether a line that does not name us is for us."""
        if alone_with_us(memory, turn.asker):
            return not to_person
        proposals = await self.tools.proposals.in_thread(turn.channel, turn.thread_ts)
        view = thread_view(memory, proposals)
        line = OverheardLine(turn.text, view, said_before(memory, turn.asker), to_person)
        return (await self.hear(line)).addressed


def alone_with_us(memory: Memory, asker: str) -> bool:
    """Tell whether a person opened the thread with us and nobody else, and nobody joined in."""
    if memory.get("opened_by") != asker:
        return False
    said_by = {each.get("who", asker) for each in memory.get("messages", []) if each["by"] != "bot"}
    return said_by <= {asker}


def said_before(memory: Memory, asker: str) -> str:
    """Return what somebody else said last since we spoke; empty for nothing."""
    for each in reversed(memory.get("messages", [])):
        if each["by"] == "bot":
            return ""
        if each.get("who") != asker:
            return each["text"]
    return ""
