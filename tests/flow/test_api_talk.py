"""Talk over the API: the same answers as in Slack, threads of their own, listings that freeze."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.slack.demo import ALERT_CHANNEL
from tests.flow.gateway import Gateway, gateway
from tests.flow.world import payload_of

TOP_3 = {
    "ko": "리소스를 많이 사용하는 spark 잡 3개 추출해줘?",
    "en": "show me the top 3 spark jobs",
}
KILL_2 = {"ko": "이 중에서 상위 2개 spark 잡 Kill 해줘?", "en": "kill the top 2"}


async def said(client: httpx.AsyncClient, text: str, thread: str = "t1") -> dict[str, object]:
    """Say something and return the answer."""
    answer = await client.post(f"/v1/threads/{thread}/messages", json={"text": text})
    assert answer.status_code == 200, answer.text
    body: dict[str, object] = answer.json()
    return body


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_a_listing_freezes_and_a_rank_means_its_rows(tmp_path: Path, lang: str) -> None:
    """As in Slack; the card stands in Slack, where people decide, and in the answer."""
    async with gateway(tmp_path) as at, at.caller("model") as model:
        listed = await said(model, TOP_3[lang])
        assert (listed["intent"], listed["language"]) == ("list", lang)
        top = listed["applications"]
        assert isinstance(top, list)
        assert len(top) == 3
        killed = await said(model, KILL_2[lang])
        proposal = killed["proposal"]
        assert isinstance(proposal, dict)
        assert [each["id"] for each in proposal["targets"]] == top[:2]
        assert [each["rank"] for each in proposal["targets"]] == [1, 2]
        assert (proposal["state"], proposal["status"]) == ("pending", "working")
        card = await at.world.post(
            lambda each: payload_of(each).get("proposal_id") == proposal["id"]
        )
        assert (card.channel, card.root) == (ALERT_CHANNEL, card.ts)
        assert at.world.platform.kill_requests == []


async def test_slack_and_the_api_answer_alike_and_remember_apart(tmp_path: Path) -> None:
    """The same applications in the same order; a rank said in one is unknown to the other."""
    async with gateway(tmp_path) as at, at.caller("model") as model:
        ours = await said(model, TOP_3["ko"])
        theirs = payload_of(await at.world.ask(f"@당직 {TOP_3['ko']}"))
        assert ours["applications"] == theirs["applications"]
        assert ours["intents"] == [theirs["intent"]]
        elsewhere = await said(model, KILL_2["ko"], "t2")
        assert elsewhere["proposal"] is None
        async with at.caller("other") as other:
            assert (await said(other, KILL_2["ko"], "t1"))["proposal"] is None
        thread = (await model.get("/v1/threads/t1")).json()
        assert thread["listing"] == ours["applications"]
        assert [each["by"] for each in thread["messages"]] == ["person", "bot"]


async def test_threads_are_listed_to_whom_they_belong(tmp_path: Path) -> None:
    """The one last spoken in first, by its first words; another caller's stay unseen."""
    async with gateway(tmp_path) as at, at.caller("model") as model:
        for thread, text in (("t1", TOP_3["ko"]), ("t_2", TOP_3["en"]), ("t1", TOP_3["en"])):
            await said(model, text, thread)
        listed = (await model.get("/v1/threads")).json()
        assert listed == [
            {"thread": "t1", "title": TOP_3["ko"]},
            {"thread": "t_2", "title": TOP_3["en"]},
        ]
        async with at.caller("other") as other:
            assert (await other.get("/v1/threads")).json() == []


async def test_alerts_looked_into_are_listed(tmp_path: Path) -> None:
    """Those of the channels in the settings, with the percentage they fire above."""
    async with gateway(tmp_path) as at, at.caller("talker") as talker:
        assert (await talker.get("/v1/investigations")).json() == []
        await at.world.alert("CPU usage 97% > 85% prod-dw")
        (found,) = (await talker.get("/v1/investigations")).json()
        assert found["title"].startswith("CPU usage 97%")
        assert (found["channel"], found["threshold"]) == (ALERT_CHANNEL, 85)
        assert found["closed_at"] is None


async def test_parts_are_typed_and_markdown_holds_the_same_words(tmp_path: Path) -> None:
    """Names that look like markup stay names."""
    async with gateway(tmp_path) as at, at.caller("talker") as talker:
        answer = await said(talker, TOP_3["en"])
        parts = answer["parts"]
        assert isinstance(parts, list)
        kinds = [each["kind"] for each in parts]
        assert "table" in kinds
        table = parts[kinds.index("table")]
        text = str(answer["markdown"])
        assert all(
            cell.replace("_", "\\_") in text or "." in cell or "-" in cell
            for cell in table["rows"][1]
        )
        assert "| ---" in text


async def test_without_the_scope_a_kill_is_told_and_not_proposed(tmp_path: Path) -> None:
    """The thread is the token's; so is what it may."""
    async with gateway(tmp_path) as at, at.caller("talker") as talker:
        await said(talker, TOP_3["ko"])
        answer = await said(talker, KILL_2["ko"])
        assert answer["proposal"] is None
        assert "propose" in str(answer["summary"])
        assert (await talker.get("/v1/threads/t1")).json()["proposals"] == []


async def test_events_end_with_the_answer(tmp_path: Path) -> None:
    """Without a model there is nothing to wait for, and so no draft."""
    async with gateway(tmp_path) as at, at.caller("talker") as talker:
        events = await streamed(at, talker, TOP_3["en"])
        assert [name for name, _ in events] == ["answer"]
        assert events[0][1]["intent"] == "list"


async def streamed(
    at: Gateway, client: httpx.AsyncClient, text: str
) -> list[tuple[str, dict[str, object]]]:
    """Say something and return the events as they came."""
    found = []
    async with client.stream(
        "POST",
        "/v1/threads/s1/messages",
        json={"text": text},
        headers={"Accept": "text/event-stream"},
    ) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        name = ""
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                found.append((name, json.loads(line.removeprefix("data: "))))
    return found


MORE = {"ko": "코어 많이 쓰는 spark 잡 5개 보여줘", "en": "show the top 5 spark jobs by memory"}


async def undone(client: httpx.AsyncClient, text: str) -> int:
    """Take a message back; return the status."""
    return (await client.post("/v1/threads/t1/undo", json={"text": text})).status_code


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_a_message_taken_back_was_never_said(tmp_path: Path, lang: str) -> None:
    """Its list is meant by no rank any more; what a card was made from stays."""
    async with gateway(tmp_path, slack=False) as at, at.caller("model") as model:
        first: Any = await said(model, TOP_3[lang])
        before = (await model.get("/v1/threads/t1")).json()
        await said(model, MORE[lang])
        assert await undone(model, TOP_3[lang]) == 409, "only the last one"
        assert await undone(model, MORE[lang]) == 200
        assert (await model.get("/v1/threads/t1")).json() == before
        assert await undone(model, TOP_3[lang]) == 409, "one step and no more"
        card: Any = (await said(model, KILL_2[lang]))["proposal"]
        assert [each["id"] for each in card["targets"]] == first["applications"][:2]
        assert await undone(model, KILL_2[lang]) == 409


async def test_a_thread_whose_only_message_is_taken_back_is_listed_no_more(tmp_path: Path) -> None:
    """And a rank in it means nothing."""
    async with gateway(tmp_path, slack=False) as at, at.caller("model") as model:
        await said(model, TOP_3["ko"])
        assert await undone(model, TOP_3["ko"]) == 200
        assert (await model.get("/v1/threads")).json() == []
        assert (await said(model, KILL_2["ko"]))["proposal"] is None
