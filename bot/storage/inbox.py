"""The inbox: every delivery is a row before it is acknowledged, and stays until it is done."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.posts import InboxItem, Incoming, Post
from bot.ports import Clock
from bot.storage.database import Database, Store
from bot.storage.leases import RELEASED, Lease
from bot.storage.outbox import queue
from bot.storage.tables import inbox

AT_ONCE = 50
WAITING, DONE = "waiting", "done"


class SqlInbox(Store):
    """The inbox in the database; see bot.ports.Inbox."""

    def __init__(self, database: Database, clock: Clock, lease: Lease) -> None:
        super().__init__(database, clock)
        self._lease = lease

    async def put(self, item: InboxItem) -> bool:
        """Store a delivery; False when its key is there already. Raises StorageError."""
        row = {
            "key": item.key,
            "kind": item.kind.value,
            "payload": item.payload,
            "received_at": item.received_at,
            "state": WAITING,
            "tries": item.tries,
        }
        return await self._insert(inbox, row)

    async def claim(self, key: str) -> InboxItem | None:
        """Take one item under a lease; None when done or taken by another."""
        taken = await self._take((inbox.c.key == key) & (inbox.c.state == WAITING), 1)
        return taken[0] if taken else None

    async def waiting(self) -> tuple[InboxItem, ...]:
        """Claim and return what is not done and under nobody's lease, oldest first, at most 50."""
        return await self._take(inbox.c.state == WAITING, AT_ONCE)

    async def renew(self, keys: Sequence[str]) -> None:
        """Hold what we took for a whole lease from now; what another has taken stays its own."""
        ours = inbox.c.key.in_(keys) & (inbox.c.owner == self._lease.owner)
        held = self._lease.taken(self._clock())
        await self._execute(sa.update(inbox).where(ours).values(**held))

    async def finish(self, key: str, posts: Sequence[Post] = ()) -> None:
        """Mark an item done and queue its posts, in one transaction."""
        now = self._clock()
        done = {"state": DONE, "finished_at": now, **RELEASED}

        def work(connection: Connection) -> None:
            connection.execute(sa.update(inbox).where(inbox.c.key == key).values(**done))
            for post in posts:
                queue(connection, post, now)

        await self._database.transact(work)

    async def last_at(self) -> datetime | None:
        """Return when something was last taken in; None when nothing ever was."""
        query = sa.select(sa.func.max(inbox.c.received_at))
        return await self._database.read(lambda c: c.scalar(query))

    async def prune(self, older_than: timedelta) -> int:
        """Forget what was done that long ago; keep it well above Slack's 5 minutes of retries."""
        old = (inbox.c.state == DONE) & (inbox.c.finished_at < self._clock() - older_than)
        return await self._execute(sa.delete(inbox).where(old))

    async def _take(self, where: sa.ColumnElement[bool], limit: int) -> tuple[InboxItem, ...]:
        now = self._clock()
        free = where & self._lease.free(inbox, now)
        first = sa.select(inbox).where(free).order_by(inbox.c.received_at, inbox.c.key).limit(limit)
        values = {**self._lease.taken(now), "tries": inbox.c.tries + 1}

        def work(connection: Connection) -> tuple[InboxItem, ...]:
            found = connection.execute(first.with_for_update(skip_locked=True)).all()
            mine = inbox.c.key.in_([row.key for row in found])
            connection.execute(sa.update(inbox).where(mine).values(**values))
            return tuple(
                InboxItem(row.key, Incoming(row.kind), row.payload, row.received_at, row.tries + 1)
                for row in found
            )

        return await self._database.transact(work)
