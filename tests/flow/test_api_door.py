"""The door of the API over real sockets: host, origin, size, token, rate, and what leaks."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.api.tokens import ACTS, READS, STRANGERS, TALKS, Limits, Rate
from tests.flow.gateway import FREELY, gateway

PROBLEM = "application/problem+json"


async def test_who_shows_no_token_or_a_wrong_one_gets_one_line(tmp_path: Path) -> None:
    """The schema is behind the door, too; only the health is open."""
    async with gateway(tmp_path) as at, httpx.AsyncClient(base_url=at.url) as client:
        for headers in (
            {},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer dj_wrong"},
            {"Authorization": f"Basic {at.tokens['reader']}"},
            {"Authorization": f"Bearer {at.tokens['reader']} x"},
        ):
            for path in ("/v1/openapi.json", "/v1/proposals", "/nowhere"):
                answer = await client.get(path, headers=headers)
                assert answer.status_code == 401
                assert answer.headers["content-type"] == PROBLEM
                assert answer.headers["www-authenticate"] == "Bearer"
        assert (await client.get("/healthz")).json() == {"status": "alive"}


async def test_other_hosts_and_origins_are_turned_away(tmp_path: Path) -> None:
    """A page that points a name of its own at our address gets nothing; no answer allows CORS."""
    async with gateway(tmp_path) as at, at.caller("talker") as client:
        for host in ("evil.example", "127.0.0.1.evil.example", "", "a@127.0.0.1"):
            answer = await client.get("/v1/openapi.json", headers={"Host": host})
            assert answer.status_code in {400, 421}, host
        for origin in ("http://evil.example", "null", "http://127.0.0.1"):
            answer = await client.get("/v1/openapi.json", headers={"Origin": origin})
            assert (answer.status_code, answer.json()["code"]) == (403, "other_origin")
        asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
        flight = await client.request("OPTIONS", "/v1/proposals", headers=asked)
        assert flight.status_code == 403
        same = await client.get("/v1/openapi.json", headers={"Origin": at.url})
        assert same.status_code == 200
        assert not [name for name in same.headers if name.startswith("access-control")]
        assert same.headers["cache-control"] == "no-store"


async def test_a_body_has_its_size_whatever_it_says_of_it(tmp_path: Path) -> None:
    """Told beforehand or not."""

    async def pieces() -> Any:
        for _ in range(40):
            yield b" " * 4096

    limits = Limits(FREELY.rates, body=64 * 1024)
    async with gateway(tmp_path, limits=limits) as at, at.caller("talker") as client:
        path = "/v1/threads/t1/messages"
        huge = await client.post(path, content=json.dumps({"text": "x" * 70_000}))
        assert (huge.status_code, huge.json()["code"]) == (413, "too_large")
        unsaid = await client.post(path, content=pieces())
        assert unsaid.status_code in {400, 413}
        long = await client.post(path, json={"text": "x" * 5_000})
        assert (long.status_code, long.json()["code"]) == (422, "unfit")
        assert "xxx" not in long.text


async def test_each_token_has_a_rate_and_strangers_one_together(tmp_path: Path) -> None:
    """Who asks too much is told when to come back; others are not held up."""
    slow = Rate(3, 0.01)
    limits = Limits({READS: slow, TALKS: slow, ACTS: slow, STRANGERS: Rate(2, 0.01)})
    async with gateway(tmp_path, limits=limits) as at, at.caller("model") as model:
        codes = [(await model.get("/v1/proposals")).status_code for _ in range(4)]
        assert codes == [200, 200, 200, 429]
        refused = await model.get("/v1/proposals")
        assert int(refused.headers["retry-after"]) > 0
        async with at.caller("other") as other, httpx.AsyncClient(base_url=at.url) as nobody:
            assert (await other.get("/v1/proposals")).status_code == 200
            stranger = [(await nobody.get("/v1/proposals")).status_code for _ in range(3)]
            assert stranger == [401, 401, 429]


@pytest.mark.parametrize("caller", ["reader", "talker"])
async def test_a_scope_opens_its_own_routes_alone(tmp_path: Path, caller: str) -> None:
    """And is named where it is missing."""
    async with gateway(tmp_path) as at, at.caller(caller) as client:
        assert (await client.get("/v1/proposals")).json()["code"] == "no_scope"
        talked = await client.get("/v1/threads/t1")
        assert talked.status_code == (200 if caller == "talker" else 403)
        decision = {"decision": "approve", "digest": "0" * 64}
        decided = await client.post(f"/v1/proposals/{'0' * 32}/decision", json=decision)
        assert decided.status_code == 403


async def test_what_is_no_http_or_no_json_gets_a_refusal(tmp_path: Path) -> None:
    """Never a traceback."""
    async with gateway(tmp_path) as at, at.caller("talker") as client:
        path = "/v1/threads/t1/messages"
        for content in (b"", b"{", b"[]", b"null", b'{"text": 1}', b'{"text": "\\ud800"}', b"\xff"):
            answer = await client.post(path, content=content)
            assert answer.status_code in {400, 422}, content
            assert answer.headers["content-type"] == PROBLEM
        for thread in ("..%2f..", "a" * 65, "%00", "한글"):
            assert (await client.get(f"/v1/threads/{thread}")).status_code in {404, 422}
        assert (await client.put("/v1/proposals")).status_code == 405
        port = int(at.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x16\x03\x01\x00\xff garbage\r\n\r\n")
        assert b"400" in await reader.readline()
        writer.close()


async def test_the_schema_names_every_route_and_no_secret(tmp_path: Path) -> None:
    """It is made from the types."""
    async with gateway(tmp_path) as at, at.caller("reader") as client:
        text = (await client.get("/v1/openapi.json")).text
        operations = {
            each["operationId"]
            for path in json.loads(text)["paths"].values()
            for each in path.values()
        }
        assert {"post_message", "get_proposals", "decide"} <= operations
        values = at.world.settings.model_dump(mode="python")
        hidden = [str(value) for name, value in values.items() if "url" in name and value]
        assert not [each for each in (*hidden, *at.tokens.values()) if each in text]
