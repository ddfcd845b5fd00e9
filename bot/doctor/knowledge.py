"""What the doctor finds in the index: it looks, and neither repairs nor fills."""

from bot.doctor.findings import Check, finding
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
        found.append(finding("knowledge_lonely"))
    knowledge = build_knowledge(settings)
    try:
        chunks = _chunks(knowledge)
        source = knowledge.documents()
    except (StartError, DamagedStoreError) as error:
        return [*found, finding("knowledge_failed", detail=error)]
    except STORE_ERRORS as error:
        return [*found, finding("knowledge_failed", detail=f"Chroma: {first_line(error)}")]
    if chunks:
        values = {
            folder: sum(chunk.collection is collection for chunk in chunks)
            for collection, folder in FOLDERS.items()
        }
        key = "knowledge_sample" if any(chunk.sample for chunk in chunks) else "knowledge_fine"
        return [*found, finding(key, **values)]
    key = "knowledge_unread" if any(source.glob("*/*.md")) else "knowledge_empty"
    return [*found, finding(key, source=source)]


def _chunks(knowledge: Knowledge) -> list[Chunk]:
    if knowledge.chroma_url is None and not knowledge.directory.is_dir():
        return []
    store = open_store(knowledge)
    try:
        return [chunk for each in FOLDERS for chunk in store.chunks(knowledge.local, each)]
    finally:
        store.close()
