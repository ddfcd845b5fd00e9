"""The shelves of both collections: loaded, given Korean morphemes, refreshed when others write."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from bot.domain.knowledge import Collection
from bot.retrieval.chroma_client import Indexes
from bot.retrieval.collection import LoadedCollection, shelf_of
from bot.retrieval.documents import FOLDERS
from bot.retrieval.embeddings import LocalEmbeddings
from bot.retrieval.entries import Row
from bot.retrieval.idle import trim_heap
from bot.retrieval.morphemes import Morphemes, MorphemesUnavailableError, Words

log = structlog.get_logger(__name__)
REFRESH_SECONDS = 10.0
KIWI_BATCH = 64
ASKED_KEPT = 50  # a question is cut into words for each search and each passage shown


class HybridRetriever:
    """Holds one shelf per collection; `monotonic` counts seconds.

    Kiwi comes when it comes: until then, and where it is missing, pairs of letters do its work.
    """

    def __init__(
        self,
        indexes: Indexes,
        morphemes: Morphemes,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.indexes = indexes
        self._morphemes = morphemes
        self._monotonic = monotonic
        self._shelves: dict[Collection, LoadedCollection] = {}
        self._remote_whole: dict[Collection, bool] = {}
        self._asked: dict[str, Words] = {}
        self._korean = False
        self._looked = monotonic()
        self._reloading: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Load every shelf. Raises ChromaError."""
        for collection in FOLDERS:
            await self.reload(collection)

    async def learn_korean(self) -> None:
        """Start Kiwi and search by its words from then on; a missing Kiwi is logged, no more."""
        try:
            await self._morphemes.start()
            self._korean = True
            await self.load()
        except MorphemesUnavailableError as error:
            await self._forget_korean(error)

    async def words(self, question: str) -> Words | None:
        """Return a question's morphemes; None while there is no Kiwi."""
        if not self._korean:
            return None
        if question in self._asked:
            return self._asked[question]
        try:
            (words,), _ = await asyncio.gather(
                self._morphemes.words([question]), asyncio.to_thread(self._wake)
            )
        except MorphemesUnavailableError as error:
            await self._forget_korean(error)
            return None
        if len(self._asked) >= ASKED_KEPT:
            self._asked.clear()
        self._asked[question] = words
        return words

    def shelf(self, collection: Collection) -> LoadedCollection:
        """Return a shelf as last loaded."""
        return self._shelves[collection]

    def remote_whole(self, collection: Collection) -> bool:
        """Return True when the provider's space held every passage at the last loading."""
        return self._remote_whole.get(collection, False)

    async def refresh(self) -> None:
        """Look, every ten seconds at most, whether another process wrote, and reload if so."""
        now = self._monotonic()
        if now - self._looked < REFRESH_SECONDS or (
            self._reloading is not None and not self._reloading.done()
        ):
            return
        self._looked = now
        stale = [
            collection
            for collection, shelf in self._shelves.items()
            if await asyncio.to_thread(self.indexes.local.revision, collection) != shelf.revision
        ]
        if stale:
            self._reloading = asyncio.create_task(self._reload_all(stale), name="knowledge-reload")

    async def rest(self) -> None:
        """Let go of what only a question needs: the Kiwi process and the weights."""
        await self._morphemes.rest()
        for index in self.indexes.all:
            if isinstance(index.space.embeddings, LocalEmbeddings):
                index.space.embeddings.rest()
        await asyncio.to_thread(trim_heap)

    async def close(self) -> None:
        """End reloading, the Kiwi process and the connection to Chroma."""
        if self._reloading is not None:
            self._reloading.cancel()
            await asyncio.gather(self._reloading, return_exceptions=True)
        await self._morphemes.close()
        await asyncio.to_thread(self.indexes.close)

    async def reload(self, collection: Collection) -> None:
        """Load one shelf anew. Raises ChromaError."""
        index = self.indexes.local
        revision = await asyncio.to_thread(index.revision, collection)
        rows = await asyncio.to_thread(index.rows, collection)
        words = await self._row_words(collection, rows) if self._korean else None
        shelf = await asyncio.to_thread(shelf_of, collection, revision, rows, words)
        self._shelves[collection] = shelf
        remote = self.indexes.remote
        if remote is not None:
            count = await asyncio.to_thread(remote.count, collection)
            self._remote_whole[collection] = count == len(rows)

    def _wake(self) -> None:
        """Read the weights while Kiwi starts; blocks."""
        for index in self.indexes.all:
            if isinstance(index.space.embeddings, LocalEmbeddings):
                index.space.embeddings.load()

    async def _reload_all(self, collections: Sequence[Collection]) -> None:
        for collection in collections:
            await self.reload(collection)

    async def _row_words(
        self, collection: Collection, rows: Sequence[Row]
    ) -> Mapping[str, Words] | None:
        shelf = self._shelves.get(collection)
        known = dict(shelf.words) if shelf is not None else {}
        words = {row.id: known[row.id] for row in rows if row.id in known}
        new = [row for row in rows if row.id not in words]
        try:
            for start in range(0, len(new), KIWI_BATCH):
                part = new[start : start + KIWI_BATCH]
                found = await self._morphemes.words([row.indexed for row in part])
                words.update(zip((row.id for row in part), found, strict=True))
        except MorphemesUnavailableError as error:
            self._say_lost(error)
            return None
        return words

    async def _forget_korean(self, error: MorphemesUnavailableError) -> None:
        self._say_lost(error)
        for collection, shelf in tuple(self._shelves.items()):
            if shelf.by_morphemes:
                rows = await asyncio.to_thread(
                    shelf_of, collection, shelf.revision, shelf.rows, None
                )
                self._shelves[collection] = rows

    def _say_lost(self, error: MorphemesUnavailableError) -> None:
        self._korean = False
        log.warning("morphemes_unavailable", reason=str(error), instead="letter pairs")
