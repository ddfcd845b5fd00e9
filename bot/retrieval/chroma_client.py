"""Opening the indexes at start: checked, rebuilt when damaged, filled when empty."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog
from chromadb.api import ClientAPI
from chromadb.errors import ChromaError

from bot.domain.knowledge import Collection
from bot.errors import StartError
from bot.retrieval.documents import FOLDERS, load_documents
from bot.retrieval.embeddings import EmbeddingError, LocalEmbeddings, Space
from bot.retrieval.index import Index, MismatchError
from bot.retrieval.ingest import Origin, Progress, Report, ingest, load_source
from bot.retrieval.store import (
    REBUILD,
    DamagedStoreError,
    StorePlace,
    first_line,
    open_store,
    set_aside,
)

log = structlog.get_logger(__name__)
SOURCE_NOTE = "knowledge-source.txt"
NAME_SOURCE = "run python -m bot ingest --source DIRECTORY"


def default_source() -> Path:
    """Return the product's own documents: beside the package, or inside it when installed."""
    package = Path(__file__).resolve().parent.parent
    for source in (package.parent / "knowledge", package / "knowledge"):
        if any((source / folder).is_dir() for folder in FOLDERS.values()):
            return source
    raise StartError(f"knowledge/ is not there; {NAME_SOURCE}")


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Where everything lies, and in which spaces it is indexed; the local one is never missing."""

    data_dir: Path
    local: Space
    remote: Space | None = None
    chroma_url: str | None = None
    source: Path | None = None
    clock: Callable[[], datetime] = field(default=lambda: datetime.now().astimezone())

    @property
    def place(self) -> StorePlace:
        """Return where Chroma is."""
        return StorePlace(self.data_dir / "chroma", self.chroma_url)

    @property
    def kept(self) -> Path:
        """Return the directory of the incidents kept from threads."""
        return self.data_dir / "knowledge"

    def documents(self) -> Path:
        """Return the source directory: the given one, the last ingested one, or our own."""
        if self.source is not None:
            return self.source
        note = self.data_dir / SOURCE_NOTE
        if note.is_file():
            noted = Path(note.read_text(encoding="utf-8").strip())
            if noted.is_dir():
                return noted
        return default_source()

    def note_source(self, source: Path) -> None:
        """Remember where documents came from, for rebuilding a lost index from the same place."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        (self.data_dir / SOURCE_NOTE).write_text(f"{source.resolve()}\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Indexes:
    """The open indexes."""

    local: Index
    remote: Index | None

    @property
    def all(self) -> tuple[Index, ...]:
        """Return both, the local one first."""
        return (self.local,) if self.remote is None else (self.local, self.remote)

    def close(self) -> None:
        """Close the client both share."""
        self.local.close()


def open_indexes(knowledge: Knowledge, *, rebuild: bool = False) -> Indexes:
    """Open and check the indexes; blocks. A damaged directory is set aside for a new one.

    What another embedding wrote is dropped in a directory of our own; on a server, which others
    may use, it is refused unless `rebuild`. Raises StartError with the command to run.
    """
    place = knowledge.place
    try:
        indexes = _checked(knowledge, open_store(place), rebuild=rebuild)
    except (DamagedStoreError, ChromaError) as error:
        if place.url is not None:
            raise StartError(f"Chroma at {place}: {first_line(error)}; run {REBUILD}") from error
        aside = set_aside(place.directory, knowledge.clock().strftime("%Y%m%d-%H%M%S"))
        log.warning("index_damaged", reason=first_line(error), set_aside=str(aside))
        indexes = _checked(knowledge, open_store(place), rebuild=False)
    return indexes


def ensure_index(knowledge: Knowledge, progress: Progress | None = None) -> Indexes:
    """Open the indexes and fill what is empty or was never filled to the end; blocks.

    What `progress` raises ends it. Raises StartError.
    """
    indexes = open_indexes(knowledge)
    for index in indexes.all:
        if not any(index.count(each) and index.revision(each) for each in FOLDERS):
            try:
                fill(knowledge, index, progress)
            except EmbeddingError as error:
                log.warning("index_not_filled", space=index.space.name, reason=str(error))
    if all(indexes.local.count(collection) == 0 for collection in FOLDERS):
        raise StartError(
            f"no passage is indexed: {knowledge.documents()} holds no document; {NAME_SOURCE}"
        )
    return indexes


def fill(knowledge: Knowledge, index: Index, progress: Progress | None = None) -> Report:
    """Bring one index in line with the documents and the kept incidents."""
    source = knowledge.documents()
    report = ingest(index, load_source(source), Origin.SOURCE, progress=progress)
    if knowledge.kept.is_dir():
        ingest(index, load_documents(knowledge.kept), Origin.KEPT)
    log.info(
        "index_filled",
        space=index.space.name,
        manual=index.count(Collection.MANUAL),
        history=index.count(Collection.HISTORY),
    )
    return report


def _checked(knowledge: Knowledge, client: ClientAPI, *, rebuild: bool) -> Indexes:
    if isinstance(knowledge.local.embeddings, LocalEmbeddings):
        knowledge.local.embeddings.load()
    indexes = Indexes(
        Index(client, knowledge.local),
        Index(client, knowledge.remote) if knowledge.remote is not None else None,
    )
    for index in indexes.all:
        if rebuild:
            index.drop()
            continue
        try:
            index.check()
        except MismatchError as error:
            if knowledge.chroma_url is not None:
                indexes.close()
                raise StartError(f"CHROMA_URL: {error}; run {REBUILD}") from None
            log.warning("index_dropped", reason=str(error))
            index.drop()
    return indexes
