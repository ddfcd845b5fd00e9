"""The same words get the same typed facts over the API and in Slack; a client made from OpenAPI."""

import asyncio
import json
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from schemathesis.specs.openapi.checks import response_schema_conformance

from bot.sandbox.slack.demo import COLLEAGUE
from tests.flow.gateway import Gateway, gateway
from tests.flow.test_api_decisions import decided, ended
from tests.flow.test_api_mcp import QUESTIONS
from tests.flow.test_api_talk import said
from tests.flow.world import payload_of

DATA = Path(__file__).parents[1] / "evals" / "data"
TOP_5 = {"ko": "상위 5개 보여줘", "mixed": "상위 5개 보여줘", "en": "show the top 5"}
Row = dict[str, Any]
Facts = tuple[str, list[str], list[str], list[str]]


def rows() -> list[Row]:
    """Return what is said afresh or under an alert; guests get no answers."""
    lines = (DATA / "talk.dev.jsonl").read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["who"] != "guest"]


async def over_api(client: httpx.AsyncClient, row: Row) -> Facts:
    """Return intent, rows, sources and targets of the answer; a card is withdrawn again."""
    if row["context"] == "A":
        await said(client, TOP_5[row["lang"]], row["id"])
    answer: Any = await said(client, row["text"], row["id"])
    card = answer["proposal"] or {"targets": []}
    if answer["proposal"]:
        await client.post(f"/v1/proposals/{card['id']}/withdrawal")
    targets = [each["id"] for each in card["targets"]]
    return answer["intent"], answer["applications"], answer["sources"], targets


async def in_slack(at: Gateway, oncall: httpx.AsyncClient, row: Row) -> Facts:
    """Return the same of Slack's answer to a colleague; a card is rejected."""
    root = None
    if row["context"] == "A":
        root = (await at.world.ask(f"@당직 {TOP_5[row['lang']]}", user=COLLEAGUE)).root
    answer = await at.world.ask(f"@당직 {row['text']}", root, user=COLLEAGUE)
    found, targets = payload_of(answer), []
    for card in (await oncall.get("/v1/proposals?state=pending")).json():
        targets += [each["id"] for each in card["targets"]]
        await decided(oncall, card, "reject")
    return found["intent"], found["applications"], found["sources"], targets


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.long)])
async def test_slack_and_the_api_find_the_same(tmp_path: Path, count: int) -> None:
    """Of the same words: intent, applications in their order, sources, and what a card would kill.

    But for a watch: over the API nothing can be told unasked, which is said before anything is asked.
    """
    differ = []
    async with (
        gateway(tmp_path, documents=count > 20) as at,
        at.caller("model") as model,
        at.caller("oncall") as oncall,
    ):
        for row in islice(rows(), count):
            ours, theirs = await over_api(model, row), await in_slack(at, oncall, row)
            unkept = ours[0] == "watch" and theirs[0] == "clarify"
            if ours != theirs and not unkept:
                differ.append((row["text"], ours, theirs))
    assert differ == []


@pytest.mark.parametrize("lang", ["ko", pytest.param("en", marks=pytest.mark.long)])
async def test_a_client_made_from_openapi_lives_an_incident(tmp_path: Path, lang: str) -> None:
    """It knows the schema alone, and checks each answer against it."""
    async with gateway(tmp_path, documents=True) as at, at.caller("oncall") as oncall:
        spec = (await oncall.get("/v1/openapi.json")).json()
        schema = schemathesis.openapi.from_dict(spec)
        schema.config.update(base_url=at.url)
        headers = {"Authorization": f"Bearer {at.tokens['oncall']}"}

        def call(verb: str, path: str, **given: Any) -> Any:
            case = schema[path][verb].Case(**given)
            answer = case.call(headers=headers)
            case.validate_response(answer, checks=[response_schema_conformance])
            return answer.json()

        async def post(path: str, names: dict[str, str], body: dict[str, str]) -> Any:
            given = {"path_parameters": names, "body": body, "media_type": "application/json"}
            return await asyncio.to_thread(call, "post", path, **given)

        intents = {}
        for text, intent in QUESTIONS[lang].items():
            answer = await post("/v1/threads/{thread}/messages", {"thread": "t"}, {"text": text})
            intents[text] = answer["intent"]
            if intent == "kill":
                card = answer["proposal"]
                names, body = {"proposal_id": card["id"]}, {"digest": card["digest"]}
                path = "/v1/proposals/{proposal_id}/decision"
                await post(path, names, {"decision": "approve", **body})
                over = await ended(at, oncall, card["id"])
                assert [each["state"] for each in over["targets"]] == ["succeeded", "succeeded"]
        assert intents == QUESTIONS[lang]
