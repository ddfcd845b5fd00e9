"""Building the room's objects from the settings."""

from pathlib import Path

from bot.retrieval.embeddings import Space, local_space, openai_space
from bot.retrieval.opening import Knowledge
from bot.retrieval.web import TavilyWeb
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


def build_web(settings: Settings) -> TavilyWeb:
    """Return the web search; without a key one that says so."""
    return TavilyWeb(
        settings.tavily_api_key, settings.tavily_base_url, domains=settings.tavily_domains
    )


def _remote(settings: Settings) -> Space | None:
    if settings.embeddings == "local" or settings.openai_api_key is None:
        return None
    return openai_space(
        settings.openai_api_key, settings.openai_embedding_model, settings.openai_base_url
    )
