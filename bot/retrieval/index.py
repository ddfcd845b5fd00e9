"""The passages of one embedding space in Chroma, one collection for each kind of document."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.models.Collection import Collection as ChromaCollection
from chromadb.errors import NotFoundError

from bot.domain.knowledge import Collection
from bot.retrieval.embeddings import Space
from bot.retrieval.entries import Held, IndexEntry, Row, metadata_of, row_of
from bot.retrieval.store import DamagedStoreError, close_store

Answer = TypeVar("Answer")
COSINE: Any = {"hnsw": {"space": "cosine"}}
PAGE = 500
PROBES = 24


class MismatchError(Exception):
    """A collection was written by another embedding; the message names both."""


class Index:
    """Reads and writes one embedding space; every method blocks and belongs in a thread.

    Chroma's own errors (ChromaError) pass through.
    """

    def __init__(self, client: ClientAPI, space: Space) -> None:
        self._client = client
        self.space = space
        self._open: dict[Collection, ChromaCollection] = {}

    def close(self) -> None:
        """Close the client, which the other space's index shares."""
        close_store(self._client)

    def check(self) -> None:
        """Look at both collections. Raises MismatchError and DamagedStoreError."""
        for collection in (Collection.MANUAL, Collection.HISTORY):
            chroma = self._find(collection)
            if chroma is not None:
                self._check_embedding(chroma)
                self._check_vectors(chroma)

    def drop(self) -> None:
        """Delete this space's collections."""
        for collection in (Collection.MANUAL, Collection.HISTORY):
            if self._find(collection) is not None:
                self._client.delete_collection(self.space.collection(collection))
                self._open.pop(collection, None)

    def count(self, collection: Collection) -> int:
        """Return the number of passages; 0 when the collection does not exist."""
        chroma = self._find(collection)
        return chroma.count() if chroma is not None else 0

    def revision(self, collection: Collection) -> str:
        """Return a mark that changes with every finished write; empty before the first."""
        chroma = self._find(collection)
        return str((chroma.metadata or {}).get("revision", "")) if chroma is not None else ""

    def rows(self, collection: Collection) -> tuple[Row, ...]:
        """Return every passage, in the order of its id."""
        found = (
            row_of(collection, id_, text, metadata)
            for id_, text, metadata in self._pages(collection, with_text=True)
        )
        return tuple(sorted(found, key=lambda row: row.id))

    def held(self, collection: Collection, origin: str) -> dict[str, Held]:
        """Return what is indexed of each file of one origin."""
        files: dict[str, Held] = {}
        for id_, _, metadata in self._pages(collection, with_text=False):
            if metadata.get("origin") != origin:
                continue
            file, digest = str(metadata["file"]), str(metadata["digest"])
            before = files.get(file)
            if before is None:
                files[file] = Held(digest, frozenset({id_}), int(metadata["parts"]))
            else:
                same = digest if before.digest == digest else ""
                files[file] = Held(same, before.ids | {id_}, before.parts)
        return files

    def put(
        self, entries: Sequence[IndexEntry], vectors: Sequence[Sequence[float]], origin: str
    ) -> None:
        """Write passages of one collection; those with the same id are replaced.

        Chroma holds the interpreter while it takes them: 32 at a time keep the event loop waiting
        little, 256 are three times as fast.
        """
        chroma = self._made(entries[0].piece.document.collection, len(vectors[0]))
        chroma.upsert(
            ids=[entry.id for entry in entries],
            embeddings=np.asarray(vectors, dtype=np.float32),
            documents=[entry.piece.text for entry in entries],
            metadatas=[metadata_of(entry, origin) for entry in entries],
        )

    def ids_of(self, collection: Collection, file: str, origin: str) -> list[str]:
        """Return the passages of one file; slow in a large index."""
        chroma = self._find(collection)
        if chroma is None:
            return []
        where: Any = {"$and": [{"file": file}, {"origin": origin}]}
        return chroma.get(where=where, include=[])["ids"]

    def remove(self, collection: Collection, ids: Iterable[str]) -> None:
        """Delete passages."""
        chroma = self._find(collection)
        if chroma is not None:
            self._delete(chroma, set(ids))

    def finish(self, collection: Collection) -> None:
        """Mark a write as finished, so that other readers load it."""
        chroma = self._find(collection)
        if chroma is not None:
            chroma.modify(metadata={**(chroma.metadata or {}), "revision": secrets.token_hex(8)})

    def nearest(
        self, collection: Collection, vector: Sequence[float], limit: int
    ) -> dict[str, float]:
        """Return the cosine of the passages nearest to a vector."""
        return self._query(collection, vector, limit, None)

    def nearest_among(
        self, collection: Collection, vector: Sequence[float], limit: int, ids: Sequence[str]
    ) -> dict[str, float]:
        """Return the cosine of the nearest among some passages; slower than `nearest`."""
        return self._query(collection, vector, limit, list(ids)) if ids else {}

    def cosines(
        self, collection: Collection, vector: Sequence[float], ids: Sequence[str]
    ) -> dict[str, float]:
        """Return the exact cosine of some passages."""
        if not ids:
            return {}
        found = self._read(collection, lambda c: c.get(ids=list(ids), include=["embeddings"]))
        embeddings = found["embeddings"] if found is not None else None
        if found is None or embeddings is None or not len(embeddings):
            return {}
        matrix = np.asarray(embeddings, dtype=np.float32)
        asked = np.asarray(vector, dtype=np.float32)
        norms = np.linalg.norm(matrix, axis=1) * np.linalg.norm(asked)
        values = (matrix @ asked) / np.maximum(norms, 1e-9)
        return dict(zip(found["ids"], values.tolist(), strict=True))

    def _query(
        self, collection: Collection, vector: Sequence[float], limit: int, ids: list[str] | None
    ) -> dict[str, float]:
        found = self._read(
            collection,
            lambda chroma: chroma.query(
                query_embeddings=np.asarray([vector], dtype=np.float32),
                ids=ids,
                n_results=limit,
                include=["distances"],
            ),
        )
        distances = found["distances"] if found is not None else None
        if found is None or not distances:
            return {}
        near = zip(found["ids"][0], distances[0], strict=True)
        return {id_: 1.0 - float(distance) for id_, distance in near}

    def _pages(
        self, collection: Collection, *, with_text: bool
    ) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        chroma = self._find(collection)
        if chroma is None:
            return
        include: Any = ["documents", "metadatas"] if with_text else ["metadatas"]
        offset = 0
        while True:
            page = chroma.get(limit=PAGE, offset=offset, include=include)
            ids, metadatas = page["ids"], page["metadatas"] or []
            texts = page["documents"] or [""] * len(ids)
            yield from zip(ids, texts, metadatas, strict=True)
            if len(ids) < PAGE:
                return
            offset += PAGE

    def _read(
        self, collection: Collection, ask: Callable[[ChromaCollection], Answer]
    ) -> Answer | None:
        """Ask a collection that was looked up before; a third of a search would go into that.

        One that another process made anew is looked up again.
        """
        known = self._open.get(collection)
        if known is not None:
            try:
                return ask(known)
            except NotFoundError:
                del self._open[collection]
        found = self._find(collection)
        if found is None:
            return None
        self._open[collection] = found
        return ask(found)

    def _find(self, collection: Collection) -> ChromaCollection | None:
        try:
            return self._client.get_collection(
                self.space.collection(collection), embedding_function=None
            )
        except NotFoundError:
            return None

    def _made(self, collection: Collection, dimension: int) -> ChromaCollection:
        chroma = self._client.get_or_create_collection(
            self.space.collection(collection),
            embedding_function=None,  # else Chroma notes its own model, and downloads it on use
            configuration=COSINE,
            metadata={"embedding": self.space.name, "dimension": dimension},
        )
        self._check_embedding(chroma)
        return chroma

    def _check_embedding(self, chroma: ChromaCollection) -> None:
        metadata = chroma.metadata or {}
        name, dimension = metadata.get("embedding"), metadata.get("dimension")
        wanted = self.space.dimension
        if name != self.space.name or (wanted is not None and dimension != wanted):
            raise MismatchError(
                f"collection {chroma.name} holds {name or 'an unknown embedding'}"
                f" ({dimension}), not {self.space.name} ({wanted or 'its own dimension'})"
            )

    def _check_vectors(self, chroma: ChromaCollection) -> None:
        """Read some vectors: the database can be whole while the vector files are gone."""
        ids = chroma.get(include=[])["ids"]
        probes = ids[:: max(1, len(ids) // PROBES)]
        if not probes:
            return
        found = chroma.get(ids=probes, include=["embeddings"])["embeddings"]
        dimension = (chroma.metadata or {}).get("dimension")
        if found is None or len(found) != len(probes) or len(found[0]) != dimension:
            raise DamagedStoreError(f"collection {chroma.name}: vectors are missing")

    @staticmethod
    def _delete(chroma: ChromaCollection, ids: set[str]) -> None:
        ordered = sorted(ids)
        for start in range(0, len(ordered), PAGE):
            chroma.delete(ids=ordered[start : start + PAGE])
