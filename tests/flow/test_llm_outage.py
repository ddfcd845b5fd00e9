"""The model's server goes away in the middle of an incident: nobody waits for it, nothing is lost."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.agents.model.limits import ModelTimeouts
from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER
from bot.sandbox.slack.transcript import Message
from bot.storage.open_database import open_database
from bot.storage.records import SqlSpending
from tests.flow.test_incident import begin, first_reply, incident, said_by_alertmanager
from tests.flow.world import FAST, World, event_of, now, payload_of, words_of, world
from tests.openai.asked import Asked, Reply, fail, fill, say
from tests.openai.models import KEY
from tests.openai.server import OpenAIStandIn
from tests.openai.wire import usage

STATUS, LIST = "현재 클러스터 가동율 알려줘?", "리소스를 많이 사용하는 spark 잡 3개 추출해줘?"
KILL, COMPARE = "이 중에서 상위 2개 spark 잡 Kill 해줘?", "클러스터 사용율이 떨어졌는지 확인해줘?"
QUIET = "AI 문장 없이 답했습니다"
PACE = replace(
    FAST,
    edge=replace(FAST.edge, draft_after=60.0),  # what is said while a model hangs is tested apart
    model=ModelTimeouts(call=2.0, turn=4.0, rest=0.5),
)
OUTAGES: dict[str, Callable[[Asked], Reply]] = {
    "500": lambda _asked: fail(500),
    "hangs": lambda _asked: Reply(fault="hang"),
    "drops": lambda _asked: Reply(fault="drop"),
    "key": lambda _asked: fail(401, "invalid_api_key"),
    "throttled": lambda _asked: fail(429, "rate_limit_exceeded", Retry_After="1"),
}


def well(asked: Asked) -> Reply:
    """Read every kill as the top 2, and say one true sentence about the running jobs."""
    if asked.structured:
        return fill(asked, {"intent": "kill", "top": 2})
    if '"running":"' not in asked.prompt:
        return say("-")
    running = asked.prompt.partition('"running":"')[2].partition(" ")[0]
    return say(f"현재 잡 {running}개가 실행 중입니다.")


def quiet_lines(message: Message) -> int:
    return str(message.body.get("blocks", "")).count(QUIET)


@asynccontextmanager
async def incident_with_model(folder: Path, server: OpenAIStandIn) -> AsyncIterator[World]:
    settings: dict[str, Any] = {
        "openai_api_key": KEY,
        "openai_base_url": server.url,
        "embeddings": "local",
    }
    async with world(folder, incident(), **settings) as at, at.product(PACE):
        begin(at)
        yield at


async def kill_proved(at: World, thread: str, listed: Message) -> Message:
    """Ask for the top two, approve the card, and return the answer that brought it."""
    top = payload_of(listed)["applications"][:2]
    asked = await at.ask(KILL, thread)
    card = await at.card(asked)
    assert payload_of(card)["applications"] == top
    at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
    await at.card_state(card, "done")
    assert [at.platform.kill_count(each) for each in top] == [1, 1]
    assert len(at.platform.kill_requests) == 2
    await at.post(
        lambda each: event_of(each) == "oncall_notice" and "proposal_id" in payload_of(each)
    )
    return asked


async def back(at: World, thread: str) -> Message:
    """Return the first answer the model has a part in again; its rest ends by itself."""
    for _ in range(20):
        answer = await at.ask(STATUS, thread)
        if payload_of(answer)["llm"]:
            return answer
    raise AssertionError("the model's server was never noticed again")


@pytest.mark.parametrize("outage", OUTAGES.values(), ids=OUTAGES)
async def test_an_incident_goes_on_without_its_model(
    tmp_path: Path, outage: Callable[[Asked], Reply]
) -> None:
    """List, selection, approval, kill and proof are as ever, with one quiet line each."""
    async with OpenAIStandIn(well) as server, incident_with_model(tmp_path, server) as at:
        thread = said_by_alertmanager(at, "firing")
        await first_reply(at, thread)
        helped = await at.ask(STATUS, thread)
        assert payload_of(helped)["llm"], words_of(helped)
        assert quiet_lines(helped) == 0
        server.script = outage
        listed = await at.ask(LIST, thread)
        killed = await kill_proved(at, thread, listed)
        compared = await at.ask(COMPARE, thread)
        for answer in (listed, killed, compared):
            assert quiet_lines(answer) == 1, words_of(answer)
            assert not payload_of(answer)["llm"]
        server.script = well
        assert quiet_lines(await back(at, thread)) == 0


async def test_a_server_that_is_gone_altogether_is_noticed_when_it_is_back(
    tmp_path: Path,
) -> None:
    """Nothing listens on its port for a while; the bot is not restarted."""
    server = OpenAIStandIn(well)
    await server.__aenter__()
    async with incident_with_model(tmp_path, server) as at:
        thread = said_by_alertmanager(at, "firing")
        await first_reply(at, thread)
        assert payload_of(await at.ask(STATUS, thread))["llm"]
        await server.__aexit__()
        listed = await at.ask(LIST, thread)
        killed = await kill_proved(at, thread, listed)
        assert [quiet_lines(each) for each in (listed, killed)] == [1, 1]
        async with OpenAIStandIn(well, port=server.port):
            assert quiet_lines(await back(at, thread)) == 0


async def test_what_the_model_used_is_known_after_a_restart(tmp_path: Path) -> None:
    """The running product books every call in its database, by thread and day."""
    async with OpenAIStandIn(well) as server:
        async with incident_with_model(tmp_path, server) as at:
            thread = said_by_alertmanager(at, "firing")
            await first_reply(at, thread)
            await at.ask(STATUS, thread)
        used = sum(usage(asked, well(asked))["total_tokens"] for asked in server.asked)
        database = await open_database(tmp_path / "dangjik.db")
        kept = await SqlSpending(database, now, ZoneInfo("Asia/Seoul")).spent(
            f"{ALERT_CHANNEL}:{thread}"
        )
        await database.close()
        assert kept == (used, used)
        assert used > 0
