"""A passage as the index holds it, and how it is written into Chroma's metadata."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.domain.knowledge import Collection
from bot.retrieval.split import Chunk

VERSION = 2  # of what is written per passage; another one counts as changed


@dataclass(frozen=True, slots=True)
class Row:
    """A passage as the index holds it."""

    id: str
    collection: Collection
    file: str
    title: str
    heading: str
    path: str
    text: str
    dated: date | None
    channel: str
    ordinal: int = 0

    @property
    def indexed(self) -> str:
        """Return what is searched: the heading path and the text."""
        return f"{self.path}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Held:
    """What the index knows of one file: its digest, its passages, and whether all are there."""

    digest: str
    ids: frozenset[str]
    parts: int

    @property
    def whole(self) -> bool:
        """Return False when an earlier ingest was cut off inside this file."""
        return len(self.ids) == self.parts


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A passage about to be written; `digest` and `parts` are of its whole document."""

    piece: Chunk
    id: str
    digest: str
    parts: int


def entries_of(pieces: Sequence[Chunk], origin: str) -> tuple[IndexEntry, ...]:
    """Return a document's entries: the same passage at the same place keeps its id."""
    digest = digest_of(pieces)
    return tuple(
        IndexEntry(piece, _id(origin, piece, digest), digest, len(pieces)) for piece in pieces
    )


def digest_of(pieces: Sequence[Chunk]) -> str:
    """Return the hash that tells whether a document's passages must be written again."""
    texts = [VERSION, pieces[0].document.digest, *(piece.indexed for piece in pieces)]
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


def _id(origin: str, piece: Chunk, digest: str) -> str:
    parts = [origin, piece.document.file, piece.ordinal, digest]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def metadata_of(entry: IndexEntry, origin: str) -> dict[str, Any]:
    """Return what Chroma keeps beside a passage."""
    piece = entry.piece
    document = piece.document
    return {
        "file": document.file,
        "title": document.title,
        "heading": piece.heading,
        "path": piece.path,
        "date": document.dated.isoformat() if document.dated else "",
        "language": document.language,
        "audience": document.audience,
        "channel": document.channel,
        "origin": origin,
        "digest": entry.digest,
        "parts": entry.parts,
        "ordinal": piece.ordinal,
    }


def row_of(collection: Collection, id_: str, text: str, metadata: Mapping[str, Any]) -> Row:
    """Read a passage back."""
    dated = str(metadata["date"])
    return Row(
        id=id_,
        collection=collection,
        file=str(metadata["file"]),
        title=str(metadata["title"]),
        heading=str(metadata["heading"]),
        path=str(metadata["path"]),
        text=text,
        dated=date.fromisoformat(dated) if dated else None,
        channel=str(metadata["channel"]),
        ordinal=int(metadata["ordinal"]),
    )
