"""Investigations, one open per alert group and channel, and the threads the bot takes part in."""

import hashlib
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from bot.domain.alerts import Alert, Heard, Identity, Investigation, Subject, fitting
from bot.storage.database import Store, insert_once
from bot.storage.tables import investigations, threads

UNHEARD = "unheard"  # stands for the post that closed one whose end was not heard
MOST_OPEN = 500  # of one channel that a post is compared with
_IDENTITY = TypeAdapter(Identity)
_SUBJECT = TypeAdapter(Subject)


class SqlInvestigations(Store):
    """Investigations in the database; see bot.ports.Investigations.

    Asking twice for the same post gives the same answer: its first reply may have been lost.
    """

    async def open(self, alert: Alert, reply: str = "", *, anew: bool = False) -> Heard:
        """Return the alert's open investigation, counting a repeat, or open one."""
        return await self._database.transact(lambda c: self._open(c, alert, reply, anew=anew))

    async def close(self, alert: Alert) -> Investigation | None:
        """Close the alert's open investigation; None when there is none, or it goes on."""
        return await self._database.transact(lambda c: self._close(c, alert))

    async def recent(self, channels: Collection[str]) -> tuple[Investigation, ...]:
        """Return the last 20 of some channels, newest first."""
        those = sa.select(investigations).where(investigations.c.channel.in_(channels))
        query = those.order_by(investigations.c.opened_at.desc()).limit(20)
        return await self._database.read(lambda c: tuple(map(investigation_of, c.execute(query))))

    async def join(self, channel: str, thread_ts: str) -> None:
        """Remember that the bot takes part in a thread."""
        row = {"channel": channel, "thread_ts": thread_ts, "joined_at": self._clock()}
        if not await self.joined(channel, thread_ts):
            await self._insert(threads, row)

    async def joined(self, channel: str, thread_ts: str) -> bool:
        """Tell whether the bot takes part in a thread."""
        query = sa.select(threads.c.joined_at).where(
            threads.c.channel == channel, threads.c.thread_ts == thread_ts
        )
        return await self._database.read(lambda c: c.execute(query).first() is not None)

    async def prune(self, older_than: timedelta) -> int:
        """Forget threads joined that long ago; a mention joins one again."""
        old = threads.c.joined_at < self._clock() - older_than
        return await self._execute(sa.delete(threads).where(old))

    def _open(self, connection: Connection, alert: Alert, reply: str, *, anew: bool) -> Heard:
        row = self._current(connection, alert)
        if row is not None and anew and row.opened_by != alert.ts:
            self._end(connection, row.id, UNHEARD)
            row = None
        late = self._ended_by_younger(connection, alert) if row is None else None
        if late is not None:
            return Heard(investigation_of(late))
        if row is None:
            insert_once(connection, investigations, _new(alert, reply))
            mine = investigations.c.id == _id(alert)
            # Opened by this very post and closed since, or by another replica just now.
            row = connection.execute(sa.select(investigations).where(mine)).first()
            row = row or self._current(connection, alert)
        if row.opened_by == alert.ts:
            return Heard(investigation_of(row), new=True)
        if alert.colour == "green" and (row.about or {}).get("colour") == "red":
            return Heard(investigation_of(row), turned=True)
        return self._repeat(connection, row, alert)

    def _current(self, connection: Connection, alert: Alert) -> Any:
        query = (
            sa.select(investigations)
            .where(
                investigations.c.channel == alert.channel,
                investigations.c.closed_at.is_(None),
            )
            .order_by(investigations.c.opened_at.desc())
            .limit(MOST_OPEN)
            .with_for_update()
        )
        rows = connection.execute(query).all()
        by_key = next((row for row in rows if row.alert_key == alert.key), None)
        if by_key is not None:
            return by_key
        found = fitting(alert, ((row.id, _identity(row)) for row in rows))
        fits = next((row for row in rows if row.id == found), None)
        return fits or next((row for row in rows if _below(alert, row)), None)

    def _ended_by_younger(self, connection: Connection, alert: Alert) -> Any:
        """Return the investigation that a post younger than this one has ended already."""
        told = investigations.c.closed_by
        query = sa.select(investigations).where(
            investigations.c.channel == alert.channel,
            told > alert.ts,
            told != UNHEARD,
            investigations.c.opened_by != alert.ts,
        )
        rows = connection.execute(query.limit(MOST_OPEN)).all()
        found = fitting(alert, ((row.id, _identity(row)) for row in rows))
        return next((row for row in rows if row.id == found), None)

    def _repeat(self, connection: Connection, row: Any, alert: Alert) -> Heard:
        """Count a repeat; one that is asked for again is told as it was the first time."""
        about = dict(row.about or {})
        if alert.ts == row.last_ts:
            return Heard(investigation_of(row), quiet=timedelta(seconds=about.get("quiet", 0)))
        quiet = max(alert.posted_at - row.last_at, timedelta(0))
        grown = _identity(row).joined(alert.identity)
        about |= {"quiet": quiet.total_seconds(), "identity": _stored(_IDENTITY, grown)}
        values = {
            "repeats": investigations.c.repeats + 1,
            "last_ts": alert.ts,
            "last_at": max(alert.posted_at, row.last_at),
            "about": about,
        }
        _update(connection, row.id, values)
        return Heard(replace(investigation_of(row), repeats=row.repeats + 1), quiet=quiet)

    def _close(self, connection: Connection, alert: Alert) -> Investigation | None:
        closed_by_it = (investigations.c.channel == alert.channel) & (
            investigations.c.closed_by == alert.ts
        )
        ended = connection.execute(sa.select(investigations).where(closed_by_it)).first()
        if ended is not None:
            return investigation_of(ended)
        row = self._current(connection, alert)
        if row is None or row.last_at > alert.posted_at:  # it fired again after this end
            return None
        if left := _identity(row).left_by(alert.identity):
            self._keep(connection, row, left)
            return None
        at = self._end(connection, row.id, alert.ts)
        return replace(investigation_of(row), closed_at=at)

    def _keep(self, connection: Connection, row: Any, hosts: tuple[str, ...]) -> None:
        """Keep an investigation open for the hosts that still fire."""
        identity = _stored(_IDENTITY, replace(_identity(row), hosts=hosts))
        _update(connection, row.id, {"about": {**(row.about or {}), "identity": identity}})

    def _end(self, connection: Connection, id_: str, by: str) -> datetime:
        at = self._clock()
        _update(connection, id_, {"closed_at": at, "closed_by": by})
        return at


def _update(connection: Connection, id_: str, values: dict[str, Any]) -> None:
    connection.execute(sa.update(investigations).where(investigations.c.id == id_).values(**values))


def investigation_of(row: Any) -> Investigation:
    """Return the investigation of a row."""
    about = row.about or {}
    subject = about.get("subject")
    return Investigation(
        id=row.id,
        alert_key=row.alert_key,
        channel=row.channel,
        thread_ts=row.thread_ts,
        opened_at=row.opened_at,
        repeats=row.repeats,
        closed_at=row.closed_at,
        reply=about.get("reply", ""),
        title=about.get("title", ""),
        subject=_SUBJECT.validate_python(subject) if subject else Subject(),
    )


def _id(alert: Alert) -> str:
    text = f"{alert.channel}\0{alert.key}\0{alert.ts}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _below(alert: Alert, row: Any) -> bool:
    """Tell whether a post is its sender's reply below the very post that opened an investigation.

    One that names something else altogether is other work of the same sender.
    """
    root = alert.thread_ts == row.opened_by and alert.ts != row.opened_by
    return root and _identity(row).likeness(alert.identity) > 0


def _identity(row: Any) -> Identity:
    stored = (row.about or {}).get("identity")
    return _IDENTITY.validate_python(stored) if stored else Identity(sender=row.alert_key)


def _stored(adapter: TypeAdapter[Any], value: Any) -> Any:
    return adapter.dump_python(value, mode="json")


def _new(alert: Alert, reply: str) -> dict[str, Any]:
    return {
        "id": _id(alert),
        "alert_key": alert.key,
        "channel": alert.channel,
        "thread_ts": alert.thread_ts,
        "opened_at": alert.posted_at,
        "opened_by": alert.ts,
        "last_ts": alert.ts,
        "last_at": alert.posted_at,
        "repeats": 1,
        "about": {
            "identity": _stored(_IDENTITY, alert.identity),
            "subject": _stored(_SUBJECT, alert.subject),
            "colour": alert.colour,
            "title": alert.title,
            "reply": reply,
        },
    }
