"""Decisions over the API: who may, on what was shown, once, and with the same trail as in Slack."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, SECOND_APPROVER
from bot.storage.audit import Audit
from bot.storage.database import open_beside
from tests.flow.gateway import Gateway, gateway
from tests.flow.test_api_talk import KILL_2, TOP_3, said
from tests.flow.world import event_of, payload_of


async def proposed(client: httpx.AsyncClient) -> dict[str, Any]:
    """Ask for a kill and return the proposal."""
    await said(client, TOP_3["ko"])
    proposal = (await said(client, KILL_2["ko"]))["proposal"]
    assert isinstance(proposal, dict)
    return proposal


async def decided(
    client: httpx.AsyncClient, proposal: dict[str, Any], decision: str = "approve", **more: str
) -> httpx.Response:
    """Send a decision on what a proposal showed."""
    body = {"decision": decision, "digest": proposal["digest"], **more}
    return await client.post(f"/v1/proposals/{proposal['id']}/decision", json=body)


async def ended(at: Gateway, client: httpx.AsyncClient, proposal_id: str) -> dict[str, Any]:
    """Return the proposal once its task is over."""
    while True:
        seen: dict[str, Any] = (await client.get(f"/v1/proposals/{proposal_id}?wait=10")).json()
        if seen["status"] != "working":
            return seen


@pytest.mark.parametrize("slack", [True, False], ids=["beside Slack", "alone"])
async def test_an_approval_kills_once_and_is_proved(tmp_path: Path, slack: bool) -> None:
    """The card in Slack follows; alone there is none."""
    async with gateway(tmp_path, slack=slack) as at, at.caller("oncall") as oncall:
        async with at.caller("model") as model:
            proposal = await proposed(model)
        assert proposal["requester"] == "api:model"
        approved = await decided(oncall, proposal)
        assert (approved.status_code, approved.json()["state"]) == (200, "claimed")
        again = await decided(oncall, proposal)
        assert again.status_code == 409
        over = await ended(at, oncall, proposal["id"])
        assert over["state"] == "done"
        assert [each["state"] for each in over["targets"]] == ["succeeded", "succeeded"]
        assert [at.world.platform.kill_count(each["id"]) for each in over["targets"]] == [1, 1]
        assert over["cpu_after"] is not None
        if slack:
            card = await at.world.post(lambda each: payload_of(each).get("state") == "done")
            assert payload_of(card)["proposal_id"] == proposal["id"]
            proof = await at.world.post(
                lambda each: payload_of(each).get("kind") == "proof" and each.root == card.ts
            )
            assert "%" in str(proof.body)


async def test_a_press_in_slack_decides_what_the_api_proposed(tmp_path: Path) -> None:
    """The task ends with the proof."""
    async with gateway(tmp_path) as at, at.caller("model") as model:
        proposal = await proposed(model)
        card = await at.world.post(lambda each: event_of(each) == "kill_proposal")
        at.world.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
        over = await ended(at, model, proposal["id"])
        assert [each["state"] for each in over["targets"]] == ["succeeded", "succeeded"]
        assert over["votes"][0]["user"] == APPROVER


async def test_a_card_of_slack_is_decided_here_by_who_may(tmp_path: Path) -> None:
    """And seen by nobody who neither asked for it nor decides."""
    async with gateway(tmp_path) as at, at.caller("oncall") as oncall, at.caller("model") as model:
        listed = await at.world.ask(f"@당직 {TOP_3['ko']}")
        await at.world.card(await at.world.ask(KILL_2["ko"], listed.root, user=SECOND_APPROVER))
        proposal = (await oncall.get("/v1/proposals?state=pending")).json()[0]
        assert (await model.get("/v1/proposals")).json() == []
        assert (await model.get(f"/v1/proposals/{proposal['id']}")).status_code == 404
        assert (await decided(oncall, proposal, "reject")).json()["state"] == "denied"
        assert at.world.platform.kill_requests == []


async def test_who_may_not_or_shows_something_else_changes_nothing(tmp_path: Path) -> None:
    """Each refusal is one line and a word for programs."""
    async with gateway(tmp_path) as at, at.caller("oncall") as oncall:
        async with at.caller("model") as model:
            proposal = await proposed(model)
            assert (await decided(model, proposal)).json()["code"] == "no_scope"
        async with at.caller("colleague") as colleague:
            refused = await decided(colleague, proposal)
            assert (refused.status_code, refused.json()["code"]) == (403, "not_approver")
            assert refused.headers["content-type"] == "application/problem+json"
        forged = await decided(oncall, proposal, digest="0" * 64)
        assert (forged.status_code, forged.json()["code"]) == (409, "other_targets")
        unknown = await decided(oncall, {**proposal, "id": "0" * 32})
        assert unknown.status_code == 404
        assert at.world.platform.kill_requests == []
        still = (await oncall.get(f"/v1/proposals/{proposal['id']}")).json()
        assert (still["state"], still["votes"]) == ("pending", [])


async def test_who_asked_may_withdraw_it(tmp_path: Path) -> None:
    """A task that is withdrawn is over."""
    async with gateway(tmp_path) as at, at.caller("model") as model:
        proposal = await proposed(model)
        over = (await model.post(f"/v1/proposals/{proposal['id']}/withdrawal")).json()
        assert (over["state"], over["status"]) == ("cancelled", "cancelled")
        async with at.caller("oncall") as oncall:
            assert (await decided(oncall, proposal)).status_code == 409


async def test_the_trail_names_the_tokens(tmp_path: Path) -> None:
    """In the rows of the proposal and of the decision themselves."""
    async with gateway(tmp_path) as at, at.caller("oncall") as oncall:
        async with at.caller("model") as model:
            proposal = await proposed(model)
        await decided(oncall, proposal, "reject")
        async with open_beside(at.world.settings.database) as database:
            trail = await Audit(database).trail(proposal["id"])
        told = {entry.event: (entry.actor, entry.detail.get("via")) for entry in trail}
        assert told["proposed"] == ("api:model", "api:model")
        assert told["denied"] == (APPROVER, "api:oncall")


async def test_every_call_stands_in_the_trail_by_its_token(tmp_path: Path) -> None:
    """Counted by route, never with what was put in it; the chain holds."""
    async with gateway(tmp_path) as at, at.caller("reader") as reader:
        for _ in range(3):
            await reader.get("/v1/tools/get_spark_jobs?user=secret")
    async with open_beside(at.world.settings.database) as database:
        entries = [each for each in await Audit(database).trail() if each.event == "api_calls"]
        assert (await Audit(database).verify()).sound
    assert {each.actor for each in entries} == {"api:reader"}
    assert sum(each.detail["GET /v1/tools/get_spark_jobs"] for each in entries) == 3
    assert "secret" not in str(entries)
