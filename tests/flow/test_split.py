"""Split in two: a Slack process that knows no cluster, and a gateway that does, on one PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.api.tokens import add_token
from bot.app import Bot, build
from bot.backends.build import BESIDE, reach_cluster
from bot.doctor.examination import examine
from bot.domain.applications import KillOutcome
from bot.errors import StartError
from bot.sandbox.slack.demo import APPROVER
from bot.sandbox.slack.transcript import Message
from bot.settings import Settings, load_settings
from bot.storage.audit import Audit
from bot.storage.database import open_beside
from tests.contract.databases import another, postgres_server
from tests.contract.orders import stored_order
from tests.flow.test_incident import (
    HANGUL,
    SCRIPTS,
    begin,
    first_reply,
    incident,
    said_by_alertmanager,
)
from tests.flow.world import FAST, World, now, payload_of, words_of, world
from tests.free_ports import free_port
from tests.reliability.platform import target_of

SELDOM = replace(FAST, sweep_every=3600.0)  # so that only the Slack process carries kills out


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@dataclass
class Halves:
    """Both stand-ins, and the settings of the two processes."""

    world: World
    gateway: Settings
    slack: Settings

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Bot]:
        """Run the gateway until the block ends."""
        async with build(self.gateway, now, SELDOM, slack=False) as served:
            await served.start()
            try:
                yield served
            finally:
                await served.stop()

    @asynccontextmanager
    async def talking(self) -> AsyncIterator[Bot]:
        """Run the Slack process until the block ends."""
        async with build(self.slack, now, FAST) as oncall:
            await oncall.start()
            try:
                yield oncall
            finally:
                await oncall.stop()

    async def card(self, lang: str = "ko") -> Message:
        """Ask for a list and for a kill of the first two; return the card."""
        script = SCRIPTS[lang]
        listed = await self.world.ask(f"@당직 {script.listing}")
        return await self.world.card(await self.world.ask(script.kill, listed.root))

    def press(self, card: Message) -> None:
        self.world.slack.click(APPROVER, card.channel, card.ts, "approve_proposal")

    def kills(self, card: Message) -> list[int]:
        """Return how often each application of a card was asked to die."""
        return [self.world.platform.kill_count(each) for each in payload_of(card)["applications"]]


@asynccontextmanager
async def halves(folder: Path, url: str, name: str) -> AsyncIterator[Halves]:
    """Set both up; the Slack process is told nothing of the cluster but its name."""
    port, tokens = free_port(), folder / "tokens"
    secret = SecretStr(add_token(tokens, "slack:execute"))
    async with world(folder, incident(), database_url=another(url, name)) as at:
        nothing: dict[str, Any] = {f"{system}_url": None for system in BESIDE}
        slack = at.settings.model_copy(
            update={
                **nothing,
                "yarn_url": (),
                "spark_master_url": (),
                "gateway_url": f"http://127.0.0.1:{port}",
                "gateway_token": secret,
                "data_dir": folder / "slack",
            }
        )
        gateway = at.settings.model_copy(
            update={
                "slack_bot_token": None,
                "slack_app_token": None,
                "api_port": port,
                "api_tokens_file": tokens,
            }
        )
        yield Halves(at, gateway, slack)


@pytest.mark.parametrize("lang", ["ko", pytest.param("en", marks=pytest.mark.long)])
async def test_an_incident_where_slack_knows_no_cluster(
    tmp_path: Path, postgres_url: str, lang: str
) -> None:
    """Facts, list, card, press, one call a target by the gateway, proof; in the asker's language."""
    script = SCRIPTS[lang]
    async with halves(tmp_path, postgres_url, lang) as at, at.serving(), at.talking():
        begin(at.world)
        thread = said_by_alertmanager(at.world, "firing")
        facts = await first_reply(at.world, thread)
        assert "%" in words_of(facts)
        listed = await at.world.ask(script.listing, thread)
        killed = await at.world.ask(script.kill, thread)
        card = await at.world.card(killed)
        assert payload_of(card)["applications"] == payload_of(listed)["applications"][:2]
        at.press(card)
        await at.world.card_state(card, "done")
        assert at.kills(card) == [1, 1]
        proof = await at.world.post(lambda each: payload_of(each).get("kind") == "proof")
        for each in (listed, card, proof):
            assert bool(HANGUL.search(words_of(each))) is script.hangul
        async with open_beside(at.slack.database) as database:
            trail = await Audit(database).trail(payload_of(card)["proposal_id"])
            assert (await Audit(database).verify()).sound
    calls = [(each.event, each.actor) for each in trail if each.event in {"calling", "handed_on"}]
    assert calls == [("calling", "bot"), ("handed_on", "api:slack")] * 2


async def test_while_the_gateway_is_down_answers_say_so_and_a_kill_waits(
    tmp_path: Path, postgres_url: str
) -> None:
    """Nothing is lost and nothing sent twice once it is back."""
    async with halves(tmp_path, postgres_url, "down") as at, at.talking():
        begin(at.world)  # so that it is always the same two that lead
        async with at.serving():
            card = await at.card()
        answer = await at.world.ask("@당직 지금 클러스터 어때?")
        assert "클러스터 게이트웨이" in words_of(answer)
        at.press(card)
        await at.world.card_state(card, "claimed")
        assert at.kills(card) == [0, 0]
        async with at.serving():
            await at.world.card_state(card, "done")
            assert at.kills(card) == [1, 1]


async def test_what_was_forged_in_the_database_is_refused_and_the_doctor_knows_the_set_up(
    tmp_path: Path, postgres_url: str
) -> None:
    """With the right token, over the wire; a token without the scope is named as such."""
    async with halves(tmp_path, postgres_url, "forged") as at:
        async with at.serving(), reach_cluster(at.slack, now) as remote:
            app = (await remote.running()).applications[0]
            ago = now() - timedelta(minutes=5)
            assert await remote.cpu(ago, now(), timedelta(seconds=30)) is not None
            assert (await remote.usage_at(ago)).cpu is not None
            assert (await remote.now()).cpu is not None
            async with open_beside(at.slack.database) as database:
                order = await stored_order(database, now, target_of(app), voter="")
                answer = await (await remote.prepare(app.ref))(order, lambda: 10.0)
                trail = await Audit(database).trail(order.proposal_id)
            assert (answer.outcome, "unapproved" in answer.detail) == (KillOutcome.UNSENT, True)
            assert (trail[-1].event, trail[-1].detail["why"]) == ("call_refused", "unapproved")
            assert at.world.platform.kill_requests == []
            assert await said_of(at.slack) == "gateway_fine"
            other = SecretStr(add_token(tmp_path / "tokens", "reader:read"))
            assert await said_of(at.slack, gateway_token=other) == "gateway_token"
            assert await said_of(at.slack, yarn_url=("http://rm:8088",)) == "backend_wrong"
        assert await said_of(at.slack) == "gateway_failed"


async def said_of(settings: Settings, **changes: Any) -> str:
    """Return what the doctor finds of the cluster."""
    changed = settings.model_copy(update=changes)
    checks = await examine(changed, now, lambda: build(changed, beside=True), ())
    return next(check.key for check in checks if check.name == "cluster")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"yarn_url": ("http://rm:8088",), "prometheus_url": "http://p"},
            "YARN_URL, PROMETHEUS_URL",
        ),
        ({"gateway_token": None}, "needs GATEWAY_TOKEN"),
        ({"database_url": None}, "needs DATABASE_URL"),
    ],
)
async def test_half_a_split_does_not_start(changes: dict[str, Any], line: str) -> None:
    """One line says what to take out or to add."""
    whole = {
        "gateway_url": "http://gateway:8765",
        "gateway_token": "dj_x",
        "database_url": "postgresql://db/none",
    }
    settings = load_settings(_env_file=None, **whole).model_copy(update=changes)
    with pytest.raises(StartError, match=line):
        async with reach_cluster(settings, now):
            pass
