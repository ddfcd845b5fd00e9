"""Leases on rows: work a replica took, and that another may take once the time is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Lease:
    """Who takes rows, and for how long."""

    owner: str
    duration: timedelta = timedelta(seconds=60)

    def free(self, table: sa.Table, now: datetime) -> sa.ColumnElement[bool]:
        """Return the condition that a row is under nobody's lease."""
        return sa.or_(table.c.lease_until.is_(None), table.c.lease_until <= now)

    def taken(self, now: datetime) -> dict[str, Any]:
        """Return the columns of a row that is taken now."""
        return {"owner": self.owner, "lease_until": now + self.duration}


RELEASED: dict[str, Any] = {"owner": None, "lease_until": None}
