"""What operators' tools are told of us."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from bot.errors import StartError, StorageError
from bot.health_checks import Check, HealthServer


async def fine() -> str:
    return ""


async def broken() -> str:
    raise StorageError("disk I/O error in a secret place")


async def no_figures() -> bytes:
    return b"dangjik_up 1\n"


@asynccontextmanager
async def serving(**checks: Check) -> AsyncIterator[httpx.AsyncClient]:
    server = HealthServer(0, checks, no_figures, host="127.0.0.1")
    await server.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
            yield client
    finally:
        await server.stop()


async def test_ready_when_every_part_is() -> None:
    """All checks silent: 200."""
    async with serving(slack=fine, storage=fine) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "parts": {"slack": "ok", "storage": "ok"}}


async def test_one_broken_part_makes_us_unready_and_is_named_without_its_details() -> None:
    """The kind of the error is told, its text stays in the log."""
    async with serving(slack=fine, storage=broken) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"slack": "ok", "storage": "StorageError"}


async def test_alive_even_when_not_ready() -> None:
    """Liveness says only that the process answers: a restart would not mend Slack."""
    async with serving(storage=broken) as client:
        assert (await client.get("/healthz")).status_code == 200


async def test_a_check_is_asked_anew_each_time() -> None:
    """Green again after red, without a restart."""
    down = asyncio.Event()

    async def switched() -> str:
        return "down" if down.is_set() else ""

    async with serving(slack=switched) as client:
        seen = [(await client.get("/readyz")).status_code]
        down.set()
        seen.append((await client.get("/readyz")).status_code)
        down.clear()
        seen.append((await client.get("/readyz")).status_code)
    assert seen == [200, 503, 200]


async def test_figures_are_prometheus_text() -> None:
    """The content type says so, and the text is passed on."""
    async with serving() as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.text == "dangjik_up 1\n"


async def test_a_taken_port_ends_the_start_with_one_line() -> None:
    """The line names the setting."""
    async with serving() as client:
        port = client.base_url.port or 0
        with pytest.raises(StartError, match="HEALTH_PORT"):
            await HealthServer(port, {}, no_figures, host="127.0.0.1").start()
