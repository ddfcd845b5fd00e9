"""The shelf of past incidents people kept: written as documents and indexed at once."""

from typing import Protocol

from bot.domain.knowledge import Collection, IncidentDocument
from bot.retrieval.documents import Document

AUDIENCE = "oncall"


class Keeper(Protocol):
    """Writes and indexes documents."""

    async def keep(self, document: Document) -> None:
        """Write a document and index it. Raises BackendError."""
        ...

    async def withdraw(self, collection: Collection, file: str) -> None:
        """Take back a kept document. Raises BackendError."""
        ...


class KeptIncidents:
    """Keeps incidents through the search that will find them."""

    def __init__(self, search: Keeper) -> None:
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

    async def withdraw(self, document: IncidentDocument) -> None:
        """Take a document back; it is found no more. Raises BackendError."""
        await self._search.withdraw(Collection.HISTORY, document.file)
