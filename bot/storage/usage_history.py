"""What the heaviest applications used, sampled now and then, and what each name's habit was.

A row says what one application used at one slot; the row without an application says that the
slot was sampled. Names are kept as hashes: they are only ever compared.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.applications import Application, Basis
from bot.domain.core_usage import UsageBaseline, UsageSum
from bot.storage.database import Database, add_up, insert_once
from bot.storage.tables import usage_samples, usage_sums

NO_APPLICATION = ""
NEAR = timedelta(minutes=30)  # "at this hour" of an earlier day
DAY = timedelta(days=1)
MOST_DAYS = 14  # days looked back for the hour
NAME_KEPT = 200  # characters
MOST_RUNS = 50  # runs looked at for their length, the newest


class SqlUsageHistory:
    """Samples of one cluster; see bot.ports.UsageBaselines and bot.services.jobs.Samples."""

    def __init__(self, database: Database, cluster: str) -> None:
        self._database = database
        self._cluster = cluster

    async def claim(self, slot: datetime) -> bool:
        """Take a slot; False when it is taken, by whatever replica. Raises StorageError."""
        row = self._row(slot, NO_APPLICATION, "", slot, 0.0)
        return await self._database.transact(lambda c: insert_once(c, usage_samples, row))

    async def keep(self, slot: datetime, applications: Sequence[Application]) -> None:
        """Keep what these applications use in a slot that was claimed. Raises StorageError."""
        rows = [
            self._row(slot, app.ref.id, who(app), app.started_at, app.cores)
            | {"measured": int(app.cores_basis is Basis.MEASURED)}
            for app in {app.ref.id: app for app in applications}.values()
            if app.started_at is not None and app.cores is not None
        ]
        if rows:
            await self._database.transact(lambda c: c.execute(sa.insert(usage_samples), rows))

    async def add(self, sums: Sequence[UsageSum]) -> None:
        """Add core-hours to those of their hour. Raises StorageError."""

        def added(connection: Connection) -> None:
            for each in sums:
                self._add(connection, each)

        await self._database.transact(added)

    def _add(self, connection: Connection, found: UsageSum) -> None:
        key = {
            "hour": found.since.replace(minute=0, second=0, microsecond=0),
            "cluster": self._cluster,
            "owner": _plain(found.owner),
            "queue": _plain(found.queue),
        }
        add_up(connection, usage_sums, key, {"used": found.used, "granted": found.granted})

    async def sums(self, since: datetime) -> tuple[UsageSum, ...]:
        """Return the core-hours by owner and queue since a time. Raises StorageError."""
        table = usage_sums.c
        query = (
            sa.select(
                table.owner,
                table.queue,
                sa.func.sum(table.used),
                sa.func.sum(table.granted),
                sa.type_coerce(sa.func.min(table.hour), usage_sums.c.hour.type),
            )
            .where(table.hour >= since, table.cluster == self._cluster)
            .group_by(table.owner, table.queue)
        )
        return await self._database.read(
            lambda c: tuple(UsageSum(*row) for row in c.execute(query).all())
        )

    async def give_back(self, slot: datetime) -> None:
        """Forget a slot that was claimed and could not be sampled. Raises StorageError."""
        mine = (usage_samples.c.slot == slot) & (usage_samples.c.cluster == self._cluster)
        await self._database.transact(lambda c: c.execute(sa.delete(usage_samples).where(mine)))

    async def prune(self, before: datetime) -> int:
        """Forget samples older than that, of every cluster; return how many. Raises StorageError."""
        old = sa.delete(usage_samples).where(usage_samples.c.slot < before)
        sums = sa.delete(usage_sums).where(usage_sums.c.hour < before)
        return await self._database.transact(
            lambda c: c.execute(old).rowcount + c.execute(sums).rowcount
        )

    async def habits(
        self, applications: Sequence[Application], at: datetime
    ) -> Mapping[str, UsageBaseline]:
        """Return the habit of each application's name and user, by application id.

        Its own run is left out, and so are samples of the other basis: granted cores say
        nothing of measured ones. Raises StorageError.
        """
        return await self._database.read(
            lambda c: {app.ref.id: self._habit(c, app, at) for app in applications}
        )

    def _habit(self, connection: Connection, app: Application, at: datetime) -> UsageBaseline:
        table = usage_samples.c
        others = (
            (table.who == who(app)) & (table.cluster == self._cluster) & (table.app != app.ref.id)
        )
        hour = sa.or_(*(_near(at - day * DAY) for day in range(1, MOST_DAYS + 1)))
        basis = table.measured == int(app.cores_basis is Basis.MEASURED)
        query = sa.select(table.slot, table.cores).where(others, basis, hour)
        seen = connection.execute(query).all()
        days = {round((at - slot) / DAY) for slot, _ in seen}
        lengths = self._lengths(connection, others)
        return UsageBaseline(
            cores=median(cores for _, cores in seen) if seen else None,
            days=len(days),
            length=timedelta(seconds=median(lengths)) if lengths else None,
            runs=len(lengths),
        )

    def _lengths(self, connection: Connection, others: sa.ColumnElement[bool]) -> list[float]:
        """Return how many seconds finished runs were seen; what the newest sample has is not finished."""
        table = usage_samples.c
        newest = (
            sa.select(sa.func.max(table.slot)).where(table.cluster == self._cluster)
        ).scalar_subquery()
        last = sa.func.max(table.slot)
        query = (
            sa.select(sa.func.min(table.started_at), last)
            .where(others)
            .group_by(table.app)
            .having(last < newest)
            .order_by(last.desc())
            .limit(MOST_RUNS)
        )
        return [(ended - started).total_seconds() for started, ended in connection.execute(query)]

    def _row(
        self, slot: datetime, app: str, whose: str, started_at: datetime, cores: float
    ) -> dict[str, Any]:
        return {
            "slot": slot,
            "cluster": self._cluster,
            "app": app,
            "who": whose,
            "started_at": started_at,
            "cores": cores,
            "measured": 0,
        }


def _near(moment: datetime) -> sa.ColumnElement[bool]:
    return usage_samples.c.slot.between(moment - NEAR, moment + NEAR)


def _plain(name: str) -> str:
    """Return a name as both databases take it."""
    return name.encode("utf-8", "replace").decode().replace("\0", "")[:NAME_KEPT]


def who(app: Application) -> str:
    """Return what stands for a name and its user."""
    text = f"{app.name}\0{app.user}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
