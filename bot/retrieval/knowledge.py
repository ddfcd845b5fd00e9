"""Where the documents and their indexes lie."""

from dataclasses import dataclass
from pathlib import Path

from bot.errors import StartError
from bot.retrieval.documents import FOLDERS
from bot.retrieval.embeddings import Space, local_space, openai_space
from bot.settings import Settings

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

    @property
    def spaces(self) -> tuple[Space, ...]:
        """Return both spaces, the local one first."""
        return (self.local,) if self.remote is None else (self.local, self.remote)

    @property
    def directory(self) -> Path:
        """Return Chroma's directory, used where there is no server."""
        return self.data_dir / "chroma"

    @property
    def kept(self) -> Path:
        """Return the directory of the incidents kept from threads."""
        return self.data_dir / "knowledge"

    @property
    def sample(self) -> bool:
        """Return True while the documents are those the product ships."""
        return self.documents().resolve() == default_source()

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


def build_knowledge(settings: Settings, source: Path | None = None) -> Knowledge:
    """Return where the knowledge lies; opens and reads nothing."""
    remote = None
    if settings.embeddings != "local" and settings.openai_api_key is not None:
        remote = openai_space(
            settings.openai_api_key, settings.openai_embedding_model, settings.openai_base_url
        )
    return Knowledge(settings.data_dir, local_space(), remote, settings.chroma_url, source)
