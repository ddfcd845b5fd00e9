"""What the doctor finds in the index: it looks, and neither repairs nor fills."""

from pathlib import Path

import httpx
from chromadb.errors import ChromaError

from bot.domain.findings import Check, Level
from bot.domain.knowledge import Collection
from bot.errors import StartError
from bot.retrieval.assembly import build_knowledge
from bot.retrieval.chroma_client import Knowledge
from bot.retrieval.documents import FOLDERS
from bot.retrieval.index import Index, MismatchError
from bot.retrieval.store import DamagedStoreError, close_store, first_line, open_store
from bot.settings import Settings


def check_knowledge(settings: Settings) -> list[Check]:
    """Return the findings, one per line of the report; blocks."""
    found = []
    if settings.database_url and not settings.chroma_url:
        found.append(Check("knowledge", Level.WARN, "knowledge_lonely"))
    knowledge = build_knowledge(settings)
    try:
        counts = _passages(knowledge)
        if any(counts.values()):
            values = {collection.value: str(count) for collection, count in counts.items()}
            return [*found, Check("knowledge", Level.OK, "knowledge_fine", _short(values))]
        source = knowledge.documents()
    except (StartError, DamagedStoreError, MismatchError) as error:
        values = {"detail": str(error)}
        return [*found, Check("knowledge", Level.FAIL, "knowledge_failed", values)]
    except (ChromaError, httpx.HTTPError) as error:
        values = {"detail": f"Chroma: {first_line(error)}"}
        return [*found, Check("knowledge", Level.FAIL, "knowledge_failed", values)]
    level, key = (
        (Level.OK, "knowledge_unread") if _documents(source) else (Level.WARN, "knowledge_empty")
    )
    return [*found, Check("knowledge", level, key, {"source": str(source)})]


def _short(values: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix("operation_"): value for name, value in values.items()}


def _passages(knowledge: Knowledge) -> dict[Collection, int]:
    if knowledge.chroma_url is None and not knowledge.place.directory.is_dir():
        return dict.fromkeys(FOLDERS, 0)
    client = open_store(knowledge.place)
    try:
        index = Index(client, knowledge.local)
        index.check()
        return {collection: index.count(collection) for collection in FOLDERS}
    finally:
        close_store(client)


def _documents(source: Path) -> bool:
    return any(source.glob("*/*.md"))
