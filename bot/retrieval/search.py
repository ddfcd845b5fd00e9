"""Searching our documents without holding up the event loop, ready soon after start."""

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.domain.knowledge import Collection, Document, Found, Passage
from bot.domain.language import Language
from bot.errors import BackendError, FaultKind, StartError

if TYPE_CHECKING:  # opened, and imported, late: Chroma and the encoder take seconds
    from bot.retrieval.library import Library

log = structlog.get_logger(__name__)
READY_SECONDS = 60.0
REMOTE_SECONDS = 3.0
SEARCH_SECONDS = 10.0
REMOTE_PAUSE_SECONDS = 60.0  # for which a provider that failed is left alone
CLOSING_SECONDS = 5.0  # for what a thread is in the middle of


Progress = Callable[[int, int], None]
"""Hears (passages written, passages to write)."""


class ClosedError(Exception):
    """The search was closed while its index was being filled; the next start fills the rest."""


class KnowledgeSearch:
    """The Documents port over a library that `opening` imports, opens and fills in a thread.

    `start` returns at once, and `search` waits for the library. `monotonic` counts seconds.
    """

    def __init__(
        self,
        opening: Callable[[Progress], "Library"],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open = opening
        self._monotonic = monotonic
        self._opening: asyncio.Task[Library] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._asking: tuple[str, asyncio.Task[list[float] | None]] | None = None
        self._writing = asyncio.Lock()
        self._closing = threading.Event()
        self._remote_again = 0.0

    async def start(self) -> None:
        """Begin to open in the background."""
        self._begun()

    async def stop(self) -> None:
        """End the background work and close the library."""
        self._closing.set()  # a thread that fills the index cannot be cancelled
        asking = self._asking[1] if self._asking else None
        tasks = [task for task in (self._looking, asking, self._opening) if task is not None]
        if tasks:  # one that writes is waited for: its directory may go when we have ended
            _, late = await asyncio.wait(tasks, timeout=CLOSING_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        opening, self._opening = self._opening, None
        if opening is not None and not opening.cancelled() and opening.exception() is None:
            await asyncio.to_thread(opening.result().close)

    async def ready(self) -> None:
        """Wait until searching works. Raises StartError when there is nothing to search."""
        await asyncio.shield(self._begun())

    async def search(
        self,
        collection: Collection,
        question: str,
        channel: str,
        limit: int = 3,
        *,
        language: Language | None = None,
    ) -> Found:
        """Return passages, best first, and how much speaks for them. Raises BackendError.

        `language` is the one to show where a page exists in both; without it the question's.
        A passage that belongs to a channel is found only from there. While Chroma cannot be asked
        BM25 answers over what is in memory, and `missing` says so.
        """
        library = await self._opened(collection)
        if library.due() and (self._looking is None or self._looking.done()):
            looking = asyncio.to_thread(library.look)
            self._looking = asyncio.create_task(looking, name="knowledge-look")
        vector = await self._remote_vector(library, question)
        search = partial(
            library.search, collection, question, channel, limit, vector, language=language
        )
        try:
            async with asyncio.timeout(SEARCH_SECONDS):  # Chroma's HTTP client waits for ever
                return await asyncio.to_thread(search)
        except TimeoutError:
            library.lose("no answer in time")
            return await asyncio.to_thread(search)

    async def section(self, source: str, channel: str) -> Passage | None:
        """Return a whole section (`collection/file#heading`) or document (`collection/file`).

        None when there is none, or when it belongs to another channel. Raises BackendError.
        """
        return (await self._opened(Collection.MANUAL)).section(source, channel)

    async def keep(self, document: Document) -> None:
        """Write a past incident under DATA_DIR and index it; it is found from then on.

        Raises BackendError when it could not be indexed; the file then waits for the next ingest.
        """
        library = await self._opened(Collection.HISTORY)
        async with self._writing:
            await asyncio.to_thread(library.keep, document)

    async def withdraw(self, document: Document) -> None:
        """Take back a kept incident: its file and its passages. Raises BackendError."""
        library = await self._opened(Collection.HISTORY)
        async with self._writing:
            await asyncio.to_thread(library.withdraw, document)

    def _begun(self) -> "asyncio.Task[Library]":
        if self._opening is None:
            opening = asyncio.to_thread(self._open, self._go_on)
            self._opening = asyncio.create_task(opening, name="knowledge-open")
        return self._opening

    def _go_on(self, _done: int, _total: int) -> None:
        if self._closing.is_set():
            raise ClosedError

    async def _opened(self, collection: Collection) -> "Library":
        try:
            async with asyncio.timeout(READY_SECONDS):
                return await asyncio.shield(self._begun())
        except TimeoutError:
            raise BackendError(collection.value, FaultKind.TIMEOUT, "still opening") from None
        except StartError as error:
            raise BackendError(collection.value, FaultKind.FAILED, str(error)) from error

    async def _remote_vector(self, library: "Library", question: str) -> list[float] | None:
        """Embed at the provider, once for both collections.

        None, for a minute, when it is lost: the local space ranks then.
        """
        if not library.remote or self._monotonic() < self._remote_again:
            return None
        if self._asking is None or self._asking[0] != question:
            asking = asyncio.to_thread(library.embed, question)
            self._asking = (question, asyncio.create_task(asking, name="knowledge-embed"))
        vector = None
        try:
            vector = await asyncio.wait_for(asyncio.shield(self._asking[1]), REMOTE_SECONDS)
        except TimeoutError:
            log.warning("embedding_provider_slow", instead="local space")
        if vector is None:
            self._asking, self._remote_again = None, self._monotonic() + REMOTE_PAUSE_SECONDS
        return vector
