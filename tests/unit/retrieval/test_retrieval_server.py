"""The same search over a Chroma server, as several replicas use it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest_asyncio

from bot.domain.knowledge import Collection
from bot.errors import FaultKind
from bot.retrieval.knowledge import Knowledge
from tests.unit.retrieval.conftest import Opened

OOM = "executor가 OOM으로 죽어요"


@pytest_asyncio.fixture
async def server(
    tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "chroma"),
        *("run", "--host", "127.0.0.1", "--port", str(unused_tcp_port)),
        *("--path", str(tmp_path / "served")),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(60):
        while True:  # the server tells nobody when it listens
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", unused_tcp_port)
                writer.close()
                await writer.wait_closed()
                break
            await asyncio.sleep(0.05)
    yield process, f"http://127.0.0.1:{unused_tcp_port}"
    if process.returncode is None:
        process.kill()
    await process.wait()


async def test_replicas_share_a_server(
    knowledge: Knowledge,
    opened: Opened,
    server: tuple[asyncio.subprocess.Process, str],
    tmp_path: Path,
) -> None:
    """One fills it, both find; when it is lost words alone answer, and the answer says so."""
    process, url = server
    first = replace(knowledge, chroma_url=url)
    second = replace(first, data_dir=tmp_path / "second")
    async with opened(first) as one, opened(second) as two:
        found = await one.search(Collection.MANUAL, OOM, "")
        assert found == await two.search(Collection.MANUAL, OOM, "")
        assert found.missing is None
        process.kill()
        await process.wait()
        lost = await one.search(Collection.MANUAL, OOM, "")
    assert lost.missing is not None
    assert lost.missing.kind is FaultKind.UNREACHABLE
    assert lost.passages[0].source == found.passages[0].source


async def test_a_server_that_is_down_at_the_start_is_done_without(
    knowledge: Knowledge, opened: Opened, unused_tcp_port: int
) -> None:
    """The documents themselves are read, and words alone answer."""
    down = replace(knowledge, chroma_url=f"http://127.0.0.1:{unused_tcp_port}")
    async with opened(down) as search:
        found = await search.search(Collection.MANUAL, OOM, "")
    assert found.missing is not None
    assert "executor OOM" in found.passages[0].heading
