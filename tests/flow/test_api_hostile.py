"""Callers that lie: nothing dies without a person, nothing leaks, nothing breaks."""

import asyncio
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.flow.gateway import Gateway, gateway
from tests.flow.test_api_talk import KILL_2, TOP_3, said

SEED = 20261127
CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]
Call = tuple[str, str, dict[str, Any]]


def hostile(rng: random.Random, at: Gateway, proposal: dict[str, Any]) -> Call:
    """Return one call of somebody who wants a kill, a secret or a crash."""
    forged = "".join(rng.choice("0123456789abcdef") for _ in range(64))
    known, digest = proposal["id"], proposal["digest"]
    names = [name for name in at.tokens if name not in {"oncall", "everything"}]
    token = rng.choice(
        [*(at.tokens[name] for name in names), "x", "dj_x", at.tokens["oncall"][:-1]]
    )
    headers = {"Authorization": f"Bearer {token}"}
    decide = f"/v1/proposals/{rng.choice([known, forged[:32], '%2e%2e', known.upper()])}/decision"
    body = {"decision": "approve", "digest": rng.choice([digest, forged, digest.upper(), "", None])}
    spoof = {"user": "U0ONCALL1", "X-Forwarded-User": "U0ONCALL1", "team": "T0DATATEAM"}
    rpc = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": rng.choice(["tools/call", "tasks/get", "tasks/cancel", "tasks/update", "x"]),
        "params": rng.choice(
            [
                {"name": "decide", "arguments": body},
                {"name": "kill_spark_job", "arguments": {"applications": [], "approved": True}},
                {"name": "get_proposal", "arguments": {"proposal_id": forged[:32]}},
                {"taskId": known},
                {"taskId": 7},
                [],
            ]
        ),
    }
    order = {"proposal": rng.choice([known, forged[:32]]), "digest": body["digest"]}
    order["position"] = rng.choice([0, 1, 7, -1, "0", 2**70])
    execute = {"Authorization": f"Bearer {at.tokens['slack']}"}
    accepts = {"Accept": "application/json, text/event-stream"}
    lies: list[Call] = [
        ("POST", decide, {"json": body, "headers": headers}),
        ("POST", decide, {"json": body | spoof, "headers": headers | spoof}),
        ("POST", decide, {"content": json.dumps(body).encode() * 500, "headers": headers}),
        ("POST", f"{decide}?approve=true", {"json": [body], "headers": headers}),
        ("PUT", decide, {"json": body, "headers": headers}),
        ("GET", f"/v1/proposals/{forged[:32]}", {"headers": headers}),
        ("POST", "/v1/tools/kill_spark_job", {"json": {"approved": True}, "headers": headers}),
        ("GET", "/v1/tools/get_spark_jobs?count=3&user='--", {"headers": headers}),
        ("POST", "/mcp", {"json": rpc, "headers": headers | accepts}),
        ("GET", "/../../etc/passwd", {"headers": headers}),
        ("POST", "/v1/cluster/kill", {"json": order, "headers": execute}),
        ("POST", "/v1/cluster/kill", {"json": order | spoof, "headers": headers}),
        ("GET", "/v1/cluster/cpu?start=0001-01-01T00:00:00Z&end=x&step=-1", {"headers": execute}),
        ("GET", "/v1/cluster/application?id=../../x&cluster=x&backend=x", {"headers": execute}),
        ("GET", "/v1/openapi.json", {"headers": headers | {"Host": "evil.example"}}),
        ("POST", "/v1/threads/x/messages", {"content": b"\xff" * 70_000, "headers": headers}),
    ]
    return rng.choice(lies)


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("calls", [1_000, pytest.param(10_000, marks=pytest.mark.long)])
async def test_no_lie_kills_leaks_or_breaks(tmp_path: Path, calls: int) -> None:
    """With a card open that only a person may decide on."""
    rng = random.Random(SEED)
    async with gateway(tmp_path) as at:
        async with at.caller("model") as model:
            await said(model, TOP_3["ko"])
            proposal: Any = (await said(model, KILL_2["ko"]))["proposal"]
        lies = [hostile(rng, at, proposal) for _ in range(calls)]
        answers: list[httpx.Response] = []
        async with httpx.AsyncClient(base_url=at.url, timeout=60) as client:
            for start in range(0, calls, 20):
                batch = (client.request(*each[:2], **each[2]) for each in lies[start : start + 20])
                answers += await asyncio.gather(*batch)
        codes = Counter(answer.status_code for answer in answers)
        assert max(codes) < 500, codes
        told = "\n".join({answer.text for answer in answers})
        settings_ = at.world.settings
        secrets = [str(url) for url in settings_.yarn_url] + list(at.tokens.values())
        secrets += [token.get_secret_value() for token in (settings_.slack_bot_token,) if token]
        assert not [each for each in (*secrets, "Traceback", "root:") if each in told]
        async with at.caller("oncall") as oncall:
            still = (await oncall.get(f"/v1/proposals/{proposal['id']}")).json()
        assert still["votes"] == []
        assert still["state"] in {"pending", "cancelled"}  # who asked may have taken it back
        assert at.world.platform.kill_requests == []


@pytest.mark.parametrize("examples", [5, pytest.param(50, marks=pytest.mark.long)])
async def test_every_answer_is_as_the_schema_says(tmp_path: Path, examples: int) -> None:
    """Schemathesis calls each operation of OpenAPI with what fits and what does not."""
    async with gateway(tmp_path, documents=True) as at, at.caller("model") as model:
        spec = (await model.get("/v1/openapi.json")).json()
        headers = {"Authorization": f"Bearer {at.tokens['everything']}"}
        called = await asyncio.to_thread(_walked, spec, at.url, headers, examples)
        assert called == {
            each["operationId"] for path in spec["paths"].values() for each in path.values()
        }
        assert at.world.platform.kill_requests == []


def _walked(spec: dict[str, Any], url: str, headers: dict[str, str], examples: int) -> set[str]:
    schema = schemathesis.openapi.from_dict(spec)
    schema.config.update(base_url=url)
    called = set()
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # an unsound schema fails here
        quietly = settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )

        @quietly
        @given(case=operation.as_strategy())
        def call(case: Any) -> None:
            answer = case.call(headers=headers)
            assert answer.status_code < 500, answer.text
            case.validate_response(answer, checks=CHECKS)

        call()
        called.add(operation.definition.raw["operationId"])
    return called
