"""The embedding space of an OpenAI-compatible provider; imported only where a key is set."""

from langchain_core.embeddings import Embeddings
from langchain_openai import OpenAIEmbeddings
from openai import OpenAIError
from pydantic import SecretStr

from bot.retrieval.embeddings import EmbeddingError, Space, cleaned


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
    """Return the space of an OpenAI-compatible embedding model.

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
    return Space(model, ProviderEmbeddings(embeddings))
