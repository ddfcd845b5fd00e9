"""The audit trail as it is read: its entries, and what a check of its chain found.

The emergency stop reads it, so it waits for no other value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of the trail; `head` is `number.hash`."""

    seq: int
    at: datetime
    proposal_id: str
    event: str
    actor: str
    detail: Mapping[str, Any]
    head: str


@dataclass(frozen=True, slots=True)
class Verification:
    """How many rows were checked, and one line per problem, at most 20; sound when none."""

    rows: int
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """True when nothing was found."""
        return not self.problems
