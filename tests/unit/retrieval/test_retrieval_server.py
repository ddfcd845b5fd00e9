"""The same search over a Chroma server, as several replicas use it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from langchain_core.embeddings import DeterministicFakeEmbedding

from bot.domain.knowledge import Collection
from bot.errors import BackendError, FaultKind, StartError
from bot.retrieval.chroma_client import Knowledge, ensure_index
from bot.retrieval.embeddings import Space
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
    """One fills it, both find; another embedding is refused with the command; a lost one named."""
    process, url = server
    first = replace(knowledge, chroma_url=url)
    second = replace(first, data_dir=tmp_path / "second")
    other = Space("other", knowledge.local.suffix, DeterministicFakeEmbedding(size=16), 16)
    async with opened(first) as one, opened(second) as two:
        assert await one.search(Collection.MANUAL, OOM, "") == await two.search(
            Collection.MANUAL, OOM, ""
        )
        with pytest.raises(StartError, match=r"python -m bot ingest --rebuild"):
            await asyncio.to_thread(ensure_index, replace(second, local=other))
        process.kill()
        await process.wait()
        with pytest.raises(BackendError) as caught:
            await one.search(Collection.MANUAL, OOM, "")
    assert caught.value.missing.kind is FaultKind.UNREACHABLE
