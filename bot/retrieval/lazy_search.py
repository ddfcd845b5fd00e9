"""The search of our documents before it is imported: Chroma takes a second of it, and 100 MB.

So that the bot is connected first, what is asked meanwhile waits here.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from bot.domain.knowledge import Collection, Passage
from bot.errors import BackendError, FaultKind
from bot.ports import Documents
from bot.retrieval.documents import Document

IMPORT_SECONDS = 60.0


class Search(Documents, Protocol):
    """What is opened late; see bot.retrieval.search.KnowledgeSearch."""

    def open(self) -> None:
        """Begin to open in the background."""
        ...

    async def keep(self, document: Document) -> None:
        """Write a document and index it. Raises BackendError."""
        ...

    async def withdraw(self, collection: Collection, file: str) -> None:
        """Take back a kept document. Raises BackendError."""
        ...

    async def close(self) -> None:
        """End the background work."""
        ...


class LazyKnowledgeSearch:
    """The Documents port over a search that `make` imports and builds, in a thread.

    `start` begins with that; asking does, too.
    """

    def __init__(self, make: Callable[[], Search]) -> None:
        self._make = make
        self._making: asyncio.Task[Search] | None = None

    async def start(self) -> None:
        """Begin; returns at once."""
        self._begun()

    async def stop(self) -> None:
        """End the search, whatever it was doing."""
        if self._making is None:
            return
        making, self._making = self._making, None
        # An import cannot be cut off in the middle, and what it made must be closed.
        await (await making).close()

    async def search(
        self, collection: Collection, question: str, channel: str, limit: int = 3
    ) -> tuple[Passage, ...]:
        """Return passages that fit, best first; empty when nothing fits. Raises BackendError."""
        return await (await self._made(collection)).search(collection, question, channel, limit)

    async def section(self, source: str, channel: str) -> Passage | None:
        """Return a whole section or document; None when it may not be read. Raises BackendError."""
        return await (await self._made(Collection.MANUAL)).section(source, channel)

    async def highlights(self, question: str, text: str) -> tuple[tuple[int, int], ...]:
        """Return (start, end) of every asked word in a text. Raises BackendError."""
        return await (await self._made(Collection.MANUAL)).highlights(question, text)

    async def keep(self, document: Document) -> None:
        """Write a document and index it; it is found from then on. Raises BackendError."""
        await (await self._made(document.collection)).keep(document)

    async def withdraw(self, collection: Collection, file: str) -> None:
        """Take back a kept document: its file and its passages. Raises BackendError."""
        await (await self._made(collection)).withdraw(collection, file)

    async def _made(self, collection: Collection) -> Search:
        try:
            async with asyncio.timeout(IMPORT_SECONDS):
                return await asyncio.shield(self._begun())
        except TimeoutError:
            raise BackendError(collection.value, FaultKind.TIMEOUT, "still opening") from None

    def _begun(self) -> asyncio.Task[Search]:
        if self._making is None:
            self._making = asyncio.create_task(self._opened(), name="knowledge-import")
        return self._making

    async def _opened(self) -> Search:
        search = await asyncio.to_thread(self._make)
        search.open()
        return search
