"""What the doctor finds in the index: it looks, and neither repairs nor fills."""

from pathlib import Path

from bot.domain.findings import Check, Level
from bot.errors import StartError
from bot.retrieval.documents import FOLDERS
from bot.retrieval.knowledge import Knowledge, build_knowledge
from bot.retrieval.split import Chunk
from bot.retrieval.store import STORE_ERRORS, DamagedStoreError, first_line, open_store
from bot.settings import Settings


def check_knowledge(settings: Settings) -> list[Check]:
    """Return the findings, one per line of the report; blocks."""
    found = []
    if settings.database_url and not settings.chroma_url:
        found.append(Check("knowledge", Level.WARN, "knowledge_lonely"))
    knowledge = build_knowledge(settings)
    try:
        chunks = _chunks(knowledge)
        source = knowledge.documents()
    except (StartError, DamagedStoreError) as error:
        values = {"detail": str(error)}
        return [*found, Check("knowledge", Level.FAIL, "knowledge_failed", values)]
    except STORE_ERRORS as error:
        values = {"detail": f"Chroma: {first_line(error)}"}
        return [*found, Check("knowledge", Level.FAIL, "knowledge_failed", values)]
    if chunks:
        values = {
            folder: str(sum(chunk.collection is collection for chunk in chunks))
            for collection, folder in FOLDERS.items()
        }
        if any(chunk.sample for chunk in chunks):
            return [*found, Check("knowledge", Level.WARN, "knowledge_sample", values)]
        return [*found, Check("knowledge", Level.OK, "knowledge_fine", values)]
    level, key = (
        (Level.OK, "knowledge_unread") if _documents(source) else (Level.WARN, "knowledge_empty")
    )
    return [*found, Check("knowledge", level, key, {"source": str(source)})]


def _chunks(knowledge: Knowledge) -> list[Chunk]:
    if knowledge.chroma_url is None and not knowledge.directory.is_dir():
        return []
    store = open_store(knowledge)
    try:
        return [chunk for each in FOLDERS for chunk in store.chunks(knowledge.local, each)]
    finally:
        store.close()


def _documents(source: Path) -> bool:
    return any(source.glob("*/*.md"))
