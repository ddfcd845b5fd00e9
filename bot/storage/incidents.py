"""Records of closed investigations, and what people made of them."""

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from bot.domain.incidents import Incident, IncidentState
from bot.ports import Clock
from bot.storage.database import Database, insert_once
from bot.storage.tables import incidents

INCIDENT = TypeAdapter(Incident)


class SqlIncidents:
    """Offered records; each is decided once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def offer(self, incident: Incident) -> Incident:
        """Store a record; return the one that is there already under its id, or this one."""
        return await self._database.transact(lambda c: self._offer(c, incident))

    async def get(self, id_: str) -> Incident | None:
        """Return a record; None when there is none."""
        return await self._database.read(lambda c: _get(c, id_))

    async def decide(self, id_: str, state: IncidentState, user: str, key: str) -> Incident | None:
        """Decide on an offered record by one press, and return it as it then stands.

        One that is decided stays as it is; None when there is none.
        """
        return await self._database.transact(lambda c: self._decide(c, id_, state, (user, key)))

    async def prune(self, older_than: timedelta) -> int:
        """Forget records offered that long ago, decided or not; return how many.

        What was kept of them is a document by then.
        """
        old = sa.delete(incidents).where(incidents.c.offered_at < self._clock() - older_than)
        return await self._database.transact(lambda c: c.execute(old).rowcount)

    def _offer(self, connection: Connection, incident: Incident) -> Incident:
        row = {
            "id": incident.id,
            "incident": INCIDENT.dump_python(incident, mode="json"),
            "state": incident.state.value,
            "offered_at": self._clock(),
        }
        if insert_once(connection, incidents, row):
            return incident
        return _get(connection, incident.id) or incident

    def _decide(
        self, connection: Connection, id_: str, state: IncidentState, by: tuple[str, str]
    ) -> Incident | None:
        incident = _get(connection, id_)
        if incident is None:
            return None
        decided = replace(incident, state=state, decided_by=by[0], decided_key=by[1])
        values = {
            "incident": INCIDENT.dump_python(decided, mode="json"),
            "state": state.value,
            "decided_at": self._clock(),
        }
        still = (incidents.c.id == id_) & (incidents.c.state == IncidentState.OFFERED.value)
        connection.execute(sa.update(incidents).where(still).values(**values))
        return _get(connection, id_)


def _get(connection: Connection, id_: str) -> Incident | None:
    query = sa.select(incidents.c.incident).where(incidents.c.id == id_)
    found = connection.execute(query).scalar()
    return None if found is None else INCIDENT.validate_python(found)
