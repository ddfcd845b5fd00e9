"""Small knowledge directories, and a search of them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bot.retrieval.knowledge import Knowledge, Space, local_space
from bot.retrieval.library import open_library
from bot.retrieval.search import KnowledgeSearch

MANUAL = """---
title: Spark 메모리
date: 2025-03-01
language: ko
---
# Spark 메모리

## executor OOM 대응
executor가 OOM으로 죽으면 spark.executor.memoryOverhead를 먼저 올린다.

## shuffle spill
shuffle spill이 크면 spark.sql.shuffle.partitions를 늘린다.
"""
HISTORY = """---
title: 2025-05-02 노트북 세션이 큐를 점유
date: 2025-05-02
---
# 2025-05-02 노트북 세션이 큐를 점유

## 상황
default 큐가 가득 차고 노트북 세션 하나가 core 300개를 잡고 있었다.
"""

Opened = Callable[..., AbstractAsyncContextManager[KnowledgeSearch]]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    root = tmp_path / "source"
    (root / "manual").mkdir(parents=True)
    (root / "history").mkdir()
    (root / "manual" / "spark.md").write_text(MANUAL, encoding="utf-8")
    (root / "history" / "2025-05-02-notebook.md").write_text(HISTORY, encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def space() -> Space:
    """One set of weights for all tests."""
    return local_space()


@pytest.fixture
def knowledge(tmp_path: Path, source: Path, space: Space) -> Knowledge:
    return Knowledge(tmp_path / "data", space, source=source)


@pytest.fixture
def opened() -> Opened:
    @asynccontextmanager
    async def open_search(
        knowledge: Knowledge, monotonic: Callable[[], float] = lambda: 0.0
    ) -> AsyncIterator[KnowledgeSearch]:
        search = KnowledgeSearch(
            lambda progress: open_library(knowledge, progress, monotonic), monotonic
        )
        await search.start()
        try:
            await search.ready()
            yield search
        finally:
            await search.stop()

    return open_search
