"""Building the room's objects from the settings."""

from pathlib import Path

from bot.retrieval.chroma_client import Knowledge
from bot.retrieval.embeddings import Space, local_space
from bot.settings import Settings


def build_knowledge(settings: Settings, source: Path | None = None) -> Knowledge:
    """Return where the knowledge lies; opens and reads nothing."""
    return Knowledge(
        data_dir=settings.data_dir,
        local=local_space(),
        remote=_remote(settings),
        chroma_url=settings.chroma_url,
        source=source,
    )


def _remote(settings: Settings) -> Space | None:
    if settings.embeddings == "local" or settings.openai_api_key is None:
        return None
    from bot.retrieval.provider import openai_space  # noqa: PLC0415 - 20 MB, and no key: no use

    return openai_space(
        settings.openai_api_key, settings.openai_embedding_model, settings.openai_base_url
    )
