"""Any order of an alert's posts over days: never two investigations of it, never a mute incident."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.posts import Post
from bot.handlers.alerts.answers import Alerts
from bot.handlers.events import AlertPost, Parser
from bot.storage.database import Database
from bot.storage.investigations import SqlInvestigations
from bot.storage.tables import investigations
from tests.unit.handlers.memory import EchoTalk, MemoryOutbox
from tests.unit.handlers.shapes import WHO, body

Json = dict[str, Any]
BEGIN = 1_795_000_000
SEEDS = range(12)
POSTS = 40


@dataclass(frozen=True, slots=True)
class Step:
    """One post of the alert: when, what, and whether nothing had fired for hours before it."""

    at: int
    event: Json
    first_of_incident: bool = False


def _post(at: int, state: str, hosts: tuple[str, ...], *, acknowledged: bool = False) -> Json:
    count = f":{len(hosts)}" if state == "FIRING" else ""
    label = f"{hosts[0]}:9100 " if len(hosts) == 1 else ""
    title = f"[{state}{count}] HostHighCpuLoad prod-dw ({label}critical)"
    event = {"subtype": "bot_message", "bot_id": "B0AM", "username": "am", "ts": f"{at}.000100"}
    if acknowledged:
        return {**event, "text": "Acknowledged by Minji: HostHighCpuLoad prod-dw"}
    color = "a30200" if state == "FIRING" else "2eb886"
    attachment = {"title": title, "color": color, "fallback": title}
    return {**event, "text": "", "attachments": [attachment]}


def _sequence(chance: random.Random) -> Iterator[Step]:
    """Yield incidents hours apart, with growth, repeats and acknowledgements; ends may be missing."""
    at = BEGIN
    for _ in range(POSTS // 5):
        at += chance.randint(2 * 3600, 30 * 3600)
        yield Step(at, _post(at, "FIRING", ("node-3",)), first_of_incident=True)
        for _ in range(chance.randint(0, 3)):
            at += chance.randint(30, 3000)
            hosts = chance.choice([("node-3",), ("node-3", "node-4"), ("node-4",)])
            is_ack = chance.random() < 0.3
            yield Step(at, _post(at, "FIRING", hosts, acknowledged=is_ack))
        if chance.random() < 0.6:
            at += chance.randint(30, 3000)
            yield Step(at, _post(at, "RESOLVED", chance.choice([("node-3",), ("node-4",)])))


@pytest.mark.parametrize("seed", SEEDS)
async def test_no_incident_is_mute_and_none_has_two_investigations(
    database: Database, seed: int
) -> None:
    """Each post may come twice; each incident after a normal spell brings words to people."""
    chance = random.Random(seed)
    kept = SqlInvestigations(database, lambda: datetime.now(UTC))
    alerts, parser = Alerts(EchoTalk(), kept, MemoryOutbox()), Parser(WHO)
    for step in _sequence(chance):
        heard = parser.read(body(step.event))
        if not isinstance(heard, AlertPost):
            continue
        told: list[Post] = []
        for _ in range(chance.choice([1, 1, 2])):
            outcome = await alerts.handle(f"msg:{step.at}", heard.alert)
            told = [*outcome.posts]
        assert await database.read(_open) <= 1
        if step.first_of_incident:
            assert told, timedelta(seconds=step.at - BEGIN)
            assert told[0].event_payload.get("status") != "resolved"


def _open(connection: sa.Connection) -> int:
    query = sa.select(sa.func.count()).where(investigations.c.closed_at.is_(None))
    return int(connection.scalar(query) or 0)
