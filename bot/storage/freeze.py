"""The freeze switch: while it is on nothing is killed, whatever was approved."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.ports import Clock
from bot.storage import audit
from bot.storage.database import Database
from bot.storage.desk_row import lock
from bot.storage.tables import desk


class SqlFreeze:
    """The switch in the desk's row: it is read in the transaction in which a call begins."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def on(self) -> bool:
        """Tell whether kills are stopped."""
        query = sa.select(desk.c.frozen)
        return bool(await self._database.read(lambda c: c.scalar(query)))

    async def turn(self, *, on: bool, actor: str) -> bool:
        """Stop all kills, or lift that; False when it was so already. The trail says who did."""
        now = self._clock()

        def work(connection: Connection) -> bool:
            seen, frozen = lock(connection, now)
            if frozen == on:
                return False
            connection.execute(sa.update(desk).values(frozen=int(on)))
            name = "freeze_on" if on else "freeze_off"
            audit.append(connection, seen, audit.Event("", name, actor, {}))
            return True

        return await self._database.transact(work)
