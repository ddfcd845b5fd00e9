"""The reader, ready when its dictionaries and models are in memory; whoever asks before waits."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bot.domain.conversation import Hearing, OverheardLine, ThreadView, Understanding

if TYPE_CHECKING:  # imported by the load, after Slack is connected
    from bot.agents.reading.reader import Reader


# Reads a message against what is known of its thread; waits until the reader is loaded.
Understands = Callable[[str, ThreadView], Awaitable[Understanding]]


class LoadingReader:
    """Loads the reader in a thread, once; half a reader never reads."""

    def __init__(self, load: "Callable[[], Reader]") -> None:
        self._load = load
        self._loading: asyncio.Task[Reader] | None = None

    async def start(self) -> None:
        """Begin to load; returns at once."""
        self._begun()

    async def stop(self) -> None:
        """Wait for a loading that has begun: a thread cannot be cut off in the middle."""
        if self._loading is not None:
            await asyncio.gather(self._loading, return_exceptions=True)

    @property
    def ready(self) -> bool:
        """True once messages are read without waiting."""
        loading = self._loading
        return loading is not None and loading.done() and loading.exception() is None

    async def __call__(self, text: str, view: ThreadView) -> Understanding:
        """Return the reading; waits until the reader is loaded."""
        reader = await asyncio.shield(self._begun())
        return reader.understand(text, view)

    async def hear(self, line: OverheardLine) -> Hearing:
        """Return whether a thread's line is for us; waits until the reader is loaded."""
        reader = await asyncio.shield(self._begun())
        return reader.attention.addressed(line)

    async def check(self) -> str:
        """Return why messages wait, or an empty string."""
        return "" if self.ready else "the reader is being loaded"

    def _begun(self) -> "asyncio.Task[Reader]":
        if self._loading is None:
            self._loading = asyncio.create_task(asyncio.to_thread(self._load), name="reader")
        return self._loading
