"""Passages: pieces of our documents or of the web, each with its source."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Collection(StrEnum):
    """Where a passage comes from."""

    MANUAL = "operation_manual"
    HISTORY = "operation_history"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved piece: `source` is `collection/file#heading` or a domain; score is 0 to 1."""

    collection: Collection
    source: str
    title: str
    heading: str
    text: str
    score: float
    dated: date | None = None
