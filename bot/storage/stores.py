"""Our rows of one database, by what they hold, for one replica."""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from bot.ports import Clock
from bot.storage.clock import SteadyClock
from bot.storage.database import Database
from bot.storage.feedback import SqlFeedback
from bot.storage.history import SqlHistory
from bot.storage.inbox import SqlInbox
from bot.storage.incidents import SqlIncidents
from bot.storage.investigations import SqlInvestigations
from bot.storage.leases import Lease
from bot.storage.outbox import SqlOutbox
from bot.storage.runs import SqlRuns
from bot.storage.watches import SqlWatches

INBOX_LEASE = timedelta(minutes=3)  # longer than the longest turn may take
OUTBOX_LEASE = timedelta(seconds=15)  # longer than four posts take


@dataclass(frozen=True, slots=True)
class Rows:
    """Our rows, by what they hold."""

    inbox: SqlInbox
    outbox: SqlOutbox
    investigations: SqlInvestigations
    runs: SqlRuns
    history: SqlHistory
    feedback: SqlFeedback
    incidents: SqlIncidents
    watches: SqlWatches

    @classmethod
    def over(cls, database: Database, clock: Clock) -> "Rows":
        """Return the rows of one database, for this replica."""
        owner, steady = _replica_name(), SteadyClock(clock, monotonic)
        lease = Lease(owner)
        return cls(
            SqlInbox(database, steady, Lease(owner, INBOX_LEASE)),
            SqlOutbox(database, steady, Lease(owner, OUTBOX_LEASE)),
            SqlInvestigations(database, clock),
            SqlRuns(database, clock, lease),
            SqlHistory(database),
            SqlFeedback(database, clock),
            SqlIncidents(database, clock),
            SqlWatches(database, clock),
        )


def _replica_name() -> str:
    """Return a name no other running replica has."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
