"""Rest: what only a question needs is let go of while nobody asks, and taken up with the next."""

import asyncio
import ctypes
import gc
from collections.abc import Awaitable, Callable

REST_AFTER = 300.0  # seconds without a question


class IdleTimer:
    """Calls `lie_down` when `touch` was not called for `after` seconds."""

    def __init__(self, lie_down: Callable[[], Awaitable[None]], after: float = REST_AFTER) -> None:
        self._lie_down = lie_down
        self._after = after
        self._alarm: asyncio.TimerHandle | None = None
        self._lying: asyncio.Task[None] | None = None

    def touch(self) -> None:
        """Begin to count anew."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_later(self._after, self._ring)

    async def close(self) -> None:
        """Stop counting, and wait for a lying down that has begun."""
        if self._alarm is not None:
            self._alarm.cancel()
        if self._lying is not None:
            await asyncio.gather(self._lying, return_exceptions=True)

    def _ring(self) -> None:
        self._lying = asyncio.create_task(self._lie(), name="knowledge-rest")

    async def _lie(self) -> None:
        await self._lie_down()


def trim_heap() -> None:
    """Hand memory that is free back to the system.

    Python frees it, but glibc keeps it: 16 MB after the weights (measured with glibc 2.36).
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # only glibc has it
    if trim is not None:
        trim(0)
