"""The known question nearest in meaning, by the local embedding, within a fraction of a second.

Where the weights are not read yet, nobody waits for them: the next question finds them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from operator import mul

import structlog

from bot.agents.nearest import NearestExample
from bot.agents.understanding.overlap import Example
from bot.errors import DangjikError

_LOG = structlog.get_logger(__name__)
PATIENCE = 0.3  # seconds
LONGEST = 300  # characters; a longer message is no question like those we know
Embed = Callable[[list[str]], Awaitable[list[list[float]]]]


class NearestByMeaning:
    """Compares a message with the examples by cosine; `embed` returns vectors of unit length."""

    def __init__(
        self, embed: Embed, examples: Sequence[Example], patience: float = PATIENCE
    ) -> None:
        self._embed = embed
        self._examples = tuple(examples)
        self._patience = patience
        self._known: list[list[float]] | None = None
        self._learning = asyncio.Lock()
        self._asking: set[asyncio.Task[NearestExample | None]] = set()

    async def __call__(self, text: str) -> NearestExample | None:
        """Return the nearest example; None when it takes too long or cannot be told."""
        if not self._examples:
            return None
        asking = asyncio.create_task(self._nearest(text[:LONGEST]), name="nearest-example")
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        done, _ = await asyncio.wait({asking}, timeout=self._patience)
        return asking.result() if done else None

    async def close(self) -> None:
        """End what is still being worked out."""
        for asking in self._asking:
            asking.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    async def _nearest(self, text: str) -> NearestExample | None:
        try:
            known = await self._learnt()
            (vector,) = await self._embed([text])
        except DangjikError as error:
            _LOG.info("nearest_not_known", reason=type(error).__name__)
            return None
        likeness = [sum(map(mul, one, vector)) for one in known]
        best = max(range(len(likeness)), key=likeness.__getitem__)
        return NearestExample(self._examples[best], likeness[best])

    async def _learnt(self) -> list[list[float]]:
        async with self._learning:
            if self._known is None:
                self._known = await self._embed([example.text for example in self._examples])
            return self._known
