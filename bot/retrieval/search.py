"""Searching our documents: by meaning and by words, ready soon after start."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from types import TracebackType
from typing import Self

import httpx
import structlog
from chromadb.errors import ChromaError

from bot.domain.knowledge import Collection, Passage
from bot.errors import BackendError, FaultKind, StartError
from bot.retrieval.chroma_client import Knowledge, ensure_index
from bot.retrieval.collection import Asked, SearchQuery
from bot.retrieval.document_writer import safe_name, write_document
from bot.retrieval.documents import FOLDERS, Document
from bot.retrieval.egress import speaks_of_the_trade
from bot.retrieval.embeddings import EmbeddingError
from bot.retrieval.highlight import Span, spans
from bot.retrieval.idle import REST_AFTER, IdleTimer
from bot.retrieval.ingest import Origin, add, withdraw
from bot.retrieval.morphemes import Morphemes
from bot.retrieval.retriever import HybridRetriever
from bot.retrieval.store import REBUILD, first_line

log = structlog.get_logger(__name__)
READY_SECONDS = 60.0
REMOTE_SECONDS = 3.0
SEARCH_SECONDS = 10.0
REMOTE_PAUSE_SECONDS = 60.0
CLOSING_SECONDS = 5.0  # for what a thread is in the middle of


class ClosedError(Exception):
    """The search was closed while its index was being filled; the next start fills the rest."""


class KnowledgeSearch:
    """The Documents port over Chroma and BM25.

    `open` returns at once: the index is opened, and filled when empty, in a thread, and `search`
    waits for that. Korean morphemes come some seconds later from a process of their own.
    `monotonic` counts seconds. `rest_after` seconds after the last question, and at once when it
    is ready and nobody has asked, it lets go of what the next question takes a second to take up.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        morphemes: Morphemes | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        rest_after: float = REST_AFTER,
    ) -> None:
        self._knowledge = knowledge
        self._morphemes = morphemes or Morphemes()
        self._monotonic = monotonic
        self._opening: asyncio.Task[HybridRetriever] | None = None
        self._learning: asyncio.Task[None] | None = None
        self._rest = IdleTimer(self._lie_down, rest_after)
        self._writing = asyncio.Lock()
        self._closing = threading.Event()
        self._remote_again = 0.0
        self._asked = False

    async def __aenter__(self) -> Self:
        """Begin to open; see `open`."""
        self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close; see `close`."""
        await self.close()

    def open(self) -> None:
        """Begin to open in the background."""
        self._opening = asyncio.create_task(self._open(), name="knowledge-open")
        self._learning = asyncio.create_task(self._learn(self._opening), name="knowledge-korean")

    async def close(self) -> None:
        """End the background work and the Kiwi process."""
        self._closing.set()  # the thread that fills the index cannot be cancelled
        await self._rest.close()
        tasks = [task for task in (self._learning, self._opening) if task is not None]
        if tasks:  # a thread that writes is waited for: its directory may go when we have ended
            _, late = await asyncio.wait(tasks, timeout=CLOSING_SECONDS)
            for task in late:
                task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        for library in ended:
            if isinstance(library, HybridRetriever):
                await library.close()
        await self._morphemes.close()

    async def ready(self, *, morphemes: bool = False) -> None:
        """Wait until searching works, and with `morphemes` until Kiwi is up or known to be missing.

        Raises StartError, with the command to run, when the index cannot be used.
        """
        await asyncio.shield(self._task())
        if morphemes and self._learning is not None:
            await asyncio.shield(self._learning)

    async def search(
        self,
        collection: Collection,
        question: str,
        channel: str,
        limit: int = 3,
        *,
        since: date | None = None,
        until: date | None = None,
    ) -> tuple[Passage, ...]:
        """Return passages that fit, best first; empty when nothing fits. Raises BackendError.

        A passage that belongs to a channel is found only from there. With `since` or `until`
        (both included) only dated passages count.
        """
        library = await self._opened(collection)
        query = SearchQuery(
            text=question,
            channel=channel,
            limit=limit,
            trade=speaks_of_the_trade(question),
            morphemes=await library.words(question),
            since=since,
            until=until,
        )
        try:
            await library.refresh()
            remote = await self._remote_vector(library, collection, question)
            # Chroma's HTTP client waits for ever and raises httpx's own errors.
            async with asyncio.timeout(SEARCH_SECONDS):
                return await asyncio.to_thread(_searched, library, collection, query, remote)
        except TimeoutError:
            raise BackendError(collection.value, FaultKind.TIMEOUT, "Chroma is silent") from None
        except httpx.HTTPError as error:
            kind, detail = FaultKind.UNREACHABLE, f"Chroma: {type(error).__name__}"
            raise BackendError(collection.value, kind, detail) from error
        except ChromaError as error:
            raise BackendError(collection.value, FaultKind.FAILED, first_line(error)) from error

    async def section(self, source: str, channel: str) -> Passage | None:
        """Return a whole section (`collection/file#heading`) or document (`collection/file`).

        None when there is none, or when it belongs to another channel. Raises BackendError.
        """
        name = source.partition("/")[0]
        collection = next((each for each in FOLDERS if each.value == name), None)
        if collection is None:
            return None
        return (await self._opened(collection)).shelf(collection).section(source, channel)

    async def highlights(self, question: str, text: str) -> tuple[Span, ...]:
        """Return where the asked words stand in a passage's text."""
        library = await self._opened(Collection.MANUAL)
        return spans(text, question, await library.words(question) or ())

    async def keep(self, document: Document) -> None:
        """Write a document under DATA_DIR and index it; it is found from then on.

        Raises BackendError when it could not be indexed; the file then waits for the next ingest.
        """
        library = await self._opened(document.collection)
        document = replace(document, file=safe_name(document.file))
        async with self._writing:
            try:
                await asyncio.to_thread(write_document, self._knowledge.kept, document)
                await asyncio.to_thread(add, library.indexes.local, document, Origin.KEPT)
                if library.indexes.remote is not None:
                    await asyncio.to_thread(add, library.indexes.remote, document, Origin.KEPT)
            except EmbeddingError as error:
                log.warning("document_not_embedded", reason=str(error))
            except (ChromaError, httpx.HTTPError, OSError) as error:
                raise BackendError(
                    document.collection.value, FaultKind.FAILED, first_line(error)
                ) from error
            await library.reload(document.collection)

    async def withdraw(self, collection: Collection, file: str) -> None:
        """Take back a kept document: its file and its passages. Raises BackendError."""
        library = await self._opened(collection)
        file = safe_name(file)
        path = self._knowledge.kept / FOLDERS[collection] / file
        async with self._writing:
            try:
                await asyncio.to_thread(path.unlink, missing_ok=True)
                for index in library.indexes.all:
                    await asyncio.to_thread(withdraw, index, collection, file, Origin.KEPT)
            except (ChromaError, httpx.HTTPError, OSError) as error:
                raise BackendError(collection.value, FaultKind.FAILED, first_line(error)) from error
            await library.reload(collection)

    async def _open(self) -> HybridRetriever:
        try:
            indexes = await asyncio.to_thread(ensure_index, self._knowledge, self._go_on)
            library = HybridRetriever(indexes, self._morphemes, self._monotonic)
            await library.load()
        except (ChromaError, httpx.HTTPError) as error:
            raise StartError(f"knowledge: {first_line(error)}; run {REBUILD}") from error
        return library

    def _go_on(self, _done: int, _total: int) -> None:
        if self._closing.is_set():
            raise ClosedError

    async def _learn(self, opening: asyncio.Task[HybridRetriever]) -> None:
        library = await asyncio.shield(opening)
        await library.learn_korean()
        if not self._asked:
            await library.rest()

    def _task(self) -> asyncio.Task[HybridRetriever]:
        if self._opening is None:
            raise StartError("knowledge: search was not opened")
        return self._opening

    async def _lie_down(self) -> None:
        await (await asyncio.shield(self._task())).rest()

    async def _opened(self, collection: Collection) -> HybridRetriever:
        self._asked = True
        self._rest.touch()
        try:
            async with asyncio.timeout(READY_SECONDS):
                return await asyncio.shield(self._task())
        except TimeoutError:
            raise BackendError(collection.value, FaultKind.TIMEOUT, "still opening") from None
        except StartError as error:
            raise BackendError(collection.value, FaultKind.FAILED, str(error)) from error

    async def _remote_vector(
        self, library: HybridRetriever, collection: Collection, question: str
    ) -> Sequence[float] | None:
        """Embed at the provider; None, for a minute, when it is lost: the local space ranks then."""
        remote = library.indexes.remote
        if remote is None or not library.remote_whole(collection):
            return None
        if self._monotonic() < self._remote_again:
            return None
        try:
            async with asyncio.timeout(REMOTE_SECONDS):
                return await asyncio.to_thread(remote.space.embeddings.embed_query, question)
        except (EmbeddingError, TimeoutError) as error:
            self._remote_again = self._monotonic() + REMOTE_PAUSE_SECONDS
            log.warning("embedding_provider_lost", reason=first_line(error), instead="local space")
            return None


def _searched(
    library: HybridRetriever,
    collection: Collection,
    query: SearchQuery,
    vector: Sequence[float] | None,
) -> tuple[Passage, ...]:
    shelf = library.shelf(collection)
    index = library.indexes.local
    local = Asked(index, index.space.embeddings.embed_query(query.text))
    remote = library.indexes.remote
    return shelf.search(query, local, Asked(remote, vector) if remote and vector else None)
