"""While a model takes its time the facts stand already; its words come by one edit, checked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from bot.agents.model.limits import ModelTimeouts
from bot.domain.posts import Post
from bot.handlers.delivery import Delivery
from bot.handlers.socket import web_client
from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, BOT_TOKEN
from bot.sandbox.slack.transcript import Message
from tests.flow.test_incident import begin, first_reply, incident, said_by_alertmanager
from tests.flow.world import FAST, World, now, payload_of, words_of, world
from tests.openai.asked import Asked, Reply, Script, call
from tests.openai.models import KEY
from tests.openai.server import OpenAIStandIn
from tests.unit.handlers.memory import MemoryDesk, MemoryOutbox, proposal

STATUS, WHY = "현재 클러스터 가동율 알려줘?", "왜 이렇게 높아?"
WRITING, QUIET = "AI가 문장을 쓰고 있습니다", "AI 문장 없이 답했습니다"
LIE = "네임노드 장애로 CPU 사용률이 12%입니다."
PACE = replace(
    FAST,
    edge=replace(FAST.edge, draft_after=0.1),
    model=ModelTimeouts(call=5.0, turn=8.0, rest=0.5),
)


def true_words(asked: Asked) -> str:
    running = asked.prompt.partition('"running":"')[2].partition(" ")[0]
    return f"현재 잡 {running}개가 실행 중입니다."


def held(until: asyncio.Event | None, *, lie: bool = False) -> Script:
    """Return a script that looks once at the jobs, and speaks when it may."""

    def script(asked: Asked) -> Reply:
        if asked.tool_names and not asked.tool_results:
            return call(("get_spark_jobs", {"by": "cpu"}))
        return Reply(content=f"{true_words(asked)} {LIE}" if not lie else LIE, until=until)

    return script


@asynccontextmanager
async def thread_with(folder: Path, script: Script) -> AsyncIterator[tuple[World, str]]:
    """Run the bot with this model, in the middle of an incident; give the alert's thread."""
    async with OpenAIStandIn(script) as server:
        settings: dict[str, Any] = {"openai_api_key": KEY, "openai_base_url": server.url}
        whole = world(folder, incident(), embeddings="local", **settings)
        async with whole as at, at.product(PACE):
            begin(at)
            thread = said_by_alertmanager(at, "firing")
            await first_reply(at, thread)
            yield at, thread


async def final(at: World, answer: Message) -> Message:
    """Return the answer once it is no draft."""
    return await at.slack.wait_for(lambda _: None if payload_of(answer).get("draft") else answer)


def writes(at: World, method: str, ts: str) -> int:
    """Count the calls of a method that posted or edited the answer to the message of this ts."""
    found = [each for each in at.slack.transcript.calls if each.method == method]
    return sum(f"{ts}:answer" in str(each.arguments) for each in found)


@pytest.mark.parametrize("question", [STATUS, WHY])
async def test_the_facts_stand_while_the_model_writes(tmp_path: Path, question: str) -> None:
    """One post, then one edit with the verified words; never a word that was not verified."""
    speak = asyncio.Event()
    async with thread_with(tmp_path, held(speak)) as (at, thread):
        ts = at.say(f"@당직 {question}", thread)
        answer = await at.answer(ts)
        shown = words_of(answer)
        assert payload_of(answer)["draft"] is True
        assert payload_of(answer)["llm"] is False
        assert WRITING in shown
        assert "%" in shown
        assert "개가 실행 중입니다." not in shown
        speak.set()
        await final(at, answer)
        shown = words_of(answer)
        assert payload_of(answer)["llm"] is True
        assert "개가 실행 중입니다." in shown
        assert WRITING not in shown
        assert not any(LIE in str(each) for each in (answer.body, *answer.history))
        assert (writes(at, "chat.postMessage", ts), writes(at, "chat.update", ts)) == (1, 1)
        assert sum(f"{ts}:answer" in str(each.body) for each in at.ours(ALERT_CHANNEL, thread)) == 1


async def test_a_quick_model_leaves_no_draft(tmp_path: Path) -> None:
    """An answer that comes in time is one post, and was never anything else."""
    async with thread_with(tmp_path, held(None)) as (at, thread):
        ts = at.say(STATUS, thread)
        answer = await at.answer(ts)
        await final(at, answer)
        assert payload_of(answer)["llm"] is True
        assert writes(at, "chat.postMessage", ts) == 1


@pytest.mark.parametrize("fault", ["lie", "hang"])
async def test_a_draft_is_ended_whatever_the_model_does(tmp_path: Path, fault: str) -> None:
    """The line that says more is coming goes; what comes instead is nothing, or the quiet line."""
    speak = asyncio.Event()
    lying = held(speak, lie=True)
    script = lying if fault == "lie" else lambda _: Reply(fault="hang")
    async with thread_with(tmp_path, script) as (at, thread):
        answer = await at.ask(STATUS, thread)
        assert WRITING in words_of(answer)
        speak.set()
        await final(at, answer)
        assert WRITING not in words_of(answer)
        assert payload_of(answer)["llm"] is False
        assert words_of(answer).count(QUIET) == (1 if fault == "hang" else 0)


async def test_a_bot_that_dies_over_its_draft_ends_it_at_its_next_start(tmp_path: Path) -> None:
    """The question is still in the inbox; its answer edits the draft that stands."""
    speak = asyncio.Event()
    async with OpenAIStandIn(held(speak)) as server:
        settings: dict[str, Any] = {"openai_api_key": KEY, "openai_base_url": server.url}
        async with world(tmp_path, incident(), embeddings="local", **settings) as at:
            async with at.product(PACE) as dying:
                begin(at)
                ts = at.slack.say(APPROVER, ALERT_CHANNEL, f"@당직 {STATUS}")
                answer = await at.answer(ts)
                assert WRITING in words_of(answer)
                await dying.edge.stop(grace=0.0)
            speak.set()
            async with at.product(PACE):
                await final(at, answer)
                assert payload_of(answer)["llm"] is True
                assert writes(at, "chat.postMessage", ts) == 1


async def test_a_draft_whose_post_got_no_answer_is_found_and_edited(tmp_path: Path) -> None:
    """Its ts is not known here; the thread is searched, and the final words go over the draft."""
    async with world(tmp_path, incident()) as at:
        client = web_client(BOT_TOKEN, at.slack.api_url)
        desk = MemoryDesk(proposal(), MemoryOutbox(), APPROVER)
        delivery = Delivery(client, desk.get, now, UTC, "B0DANGJIK")
        root = at.say("?")
        draft = Post("p1", ALERT_CHANNEL, root, "facts", (), draft=True)
        ts = await delivery.send(draft)
        assert await delivery.send(replace(draft, tries=2)) == ts
        assert await delivery.send(replace(draft, text="whole", draft=False, tries=2)) == ts
        (message,) = at.ours(ALERT_CHANNEL, root)
        assert message.body["text"] == "whole"
        assert len(message.history) == 1
