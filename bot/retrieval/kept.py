"""The shelf of past incidents people kept: written as documents and indexed at once."""

from bot.domain.knowledge import Collection, IncidentDocument
from bot.retrieval.documents import Document
from bot.retrieval.search import KnowledgeSearch

AUDIENCE = "oncall"


class KeptIncidents:
    """Keeps incidents through the search that will find them."""

    def __init__(self, search: KnowledgeSearch) -> None:
        self._search = search

    async def keep(self, document: IncidentDocument) -> None:
        """Write and index a document; it is found from then on. Raises BackendError."""
        await self._search.keep(
            Document(
                collection=Collection.HISTORY,
                file=document.file,
                title=document.title,
                text=document.text,
                dated=document.dated,
                language=document.language.value,
                audience=AUDIENCE,
                channel=document.channel,
            )
        )
