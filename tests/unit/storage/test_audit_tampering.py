"""The trail: what is edited, deleted, swapped, cut off or rewritten is found."""

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage.audit import Event, append, link, verify
from bot.storage.tables import audit, canonical, desk
from tests.reliability.platform import START
from tests.reliability.stepping import fresh_memory, wipe

ROWS = 40
Tamper = Callable[[Connection, random.Random], None]


def _fill(connection: Connection, rows: int, who: str = "U") -> list[str]:
    return [
        append(connection, START, Event(f"p{n % 7}", "approved", f"{who}{n}", {"n": n, "x": "값"}))
        for n in range(rows)
    ]


def _rewrite(connection: Connection, since: int) -> None:
    """Make every hash from here on fit again, as somebody with the file could."""
    rows = connection.execute(sa.select(audit).order_by(audit.c.seq)).mappings().all()
    prev, seq = "", 0
    for row in rows:
        if row["seq"] >= since:
            values = {"prev": prev, "hash": link(prev, dict(row))}
            connection.execute(sa.update(audit).where(audit.c.seq == row["seq"]).values(**values))
            prev = values["hash"]
        else:
            prev = row["hash"]
        seq = row["seq"]
    connection.execute(sa.update(desk).values(audit_seq=seq, audit_hash=prev))


def _edit(connection: Connection, draw: random.Random) -> None:
    values: dict[str, Any] = draw.choice(
        [{"actor": "U999"}, {"event": "denied"}, {"detail": {"n": -1}}, {"proposal_id": "p99"}]
    )
    where = audit.c.seq == draw.randint(1, ROWS)
    connection.execute(sa.update(audit).where(where).values(**values))


def _delete(connection: Connection, draw: random.Random) -> None:
    connection.execute(sa.delete(audit).where(audit.c.seq == draw.randint(1, ROWS)))


def _swap(connection: Connection, draw: random.Random) -> None:
    one, two = draw.sample(range(1, ROWS + 1), 2)
    for old, new in ((one, 10_000), (two, one), (10_000, two)):
        connection.execute(sa.update(audit).where(audit.c.seq == old).values(seq=new))


def _cut(connection: Connection, draw: random.Random) -> None:
    connection.execute(sa.delete(audit).where(audit.c.seq > draw.randint(0, ROWS - 1)))
    _rewrite(connection, ROWS + 1)


def _rewrite_tail(connection: Connection, draw: random.Random) -> None:
    first = draw.randint(1, ROWS)
    connection.execute(sa.update(audit).where(audit.c.seq == first).values(actor="U999"))
    _rewrite(connection, first)


def _insert(connection: Connection, draw: random.Random) -> None:
    first = draw.randint(1, ROWS)
    connection.execute(sa.delete(audit).where(audit.c.seq >= first))
    _rewrite(connection, ROWS + 1)
    _fill(connection, ROWS - first + 1, who="X")


KINDS: tuple[Tamper, ...] = (_edit, _delete, _swap, _cut, _rewrite_tail, _insert)


@pytest.fixture(scope="module")
def memory() -> Any:
    connection = fresh_memory()
    yield connection
    connection.close()


@pytest.mark.parametrize("times", [120, pytest.param(1000, marks=pytest.mark.long)])
def test_tamperings_are_found_with_the_heads_that_cards_showed(
    memory: Connection, times: int
) -> None:
    """Also those that leave a chain that fits: the heads shown in Slack tell."""
    wipe(memory)
    draw = random.Random(18)
    with memory.begin() as all_:
        heads = [
            f"{head.partition('.')[0]}.{head.partition('.')[2][:16]}"
            for head in _fill(memory, ROWS)
        ]
        assert verify(memory, heads).sound
        for number in range(times):
            kind = KINDS[number % len(KINDS)]
            attempt = memory.begin_nested()
            kind(memory, draw)
            assert not verify(memory, heads).sound, f"{number}: {kind.__name__}"
            attempt.rollback()
        assert verify(memory, heads).sound
        all_.rollback()


def test_a_head_that_is_none_is_a_problem(memory: Connection) -> None:
    """Too short, of another row, or no head at all."""
    wipe(memory)
    with memory.begin():
        head = _fill(memory, 3)[-1]
        for wrong in ("3.ab", "x", "9.0123456789", "3.0123456789", f"2.{head.partition('.')[2]}"):
            assert not verify(memory, [wrong]).sound


def test_100_000_rows_are_verified_within_5_seconds(memory: Connection) -> None:
    """A year's trail is checked at a start."""
    wipe(memory)
    rows, prev = [], ""
    for seq in range(1, 100_001):
        row: dict[str, Any] = {
            "seq": seq,
            "at": START,
            "proposal_id": "p",
            "event": "taken",
            "actor": "bot",
            "detail": {"token": seq},
        }
        digest = link(prev, row)
        rows.append(row | {"prev": prev, "hash": digest})
        prev = digest
    with memory.begin():
        memory.execute(sa.insert(audit), rows)
        memory.execute(sa.update(desk).values(audit_seq=100_000, audit_hash=prev))
        started = time.process_time()
        assert verify(memory).sound
        assert time.process_time() - started < 5


def test_the_same_value_is_always_the_same_text() -> None:
    """Key order and letters of any script do not matter."""
    assert canonical({"b": 1, "a": "값"}) == canonical({"a": "값", "b": 1})
