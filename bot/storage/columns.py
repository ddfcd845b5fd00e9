"""Column types with the same meaning on SQLite (STRICT tables) and on PostgreSQL."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# STRICT tables of SQLite know INTEGER, REAL and TEXT alone.
Count = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Number: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware time, kept as whole microseconds since 1970 UTC: it compares alike everywhere."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Use the 64-bit integer of each database."""
        return dialect.type_descriptor(
            sa.Integer() if dialect.name == "sqlite" else sa.BigInteger()
        )

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> Any:
        """Return microseconds; a naive time raises, for it could mean anything."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """Return an aware UTC time."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Json(sa.types.TypeDecorator[Any]):
    """A JSON value as text, keys sorted, so that the same value is always the same bytes."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> Any:
        """Return canonical JSON."""
        return None if value is None else canonical(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:
        """Return the parsed value."""
        return None if value is None else json.loads(value)


def canonical(value: Any) -> str:
    """Return the one JSON text of a value; ASCII, so lone surrogates and NUL pass every driver."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
