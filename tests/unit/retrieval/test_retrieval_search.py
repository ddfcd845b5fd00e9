"""Search: channels, dates, learning, fallbacks, a provider lost, an index written by others."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.domain.knowledge import Collection, Document, Passage
from bot.domain.language import Language
from bot.errors import BackendError, FaultKind, StartError
from bot.retrieval.index import carry_out, cut, open_store, plan
from bot.retrieval.knowledge import Knowledge, Space, openai_space
from bot.retrieval.library import open_library
from bot.retrieval.search import KnowledgeSearch
from tests.unit.retrieval.conftest import Opened

OOM = "executor가 OOM으로 죽어요"


def incident(number: int, channel: str = "") -> Document:
    text = f"# 사례 {number}\n\n## 상황\nkafka consumer lag이 {number}분 밀려 yarn 큐를 비웠다."
    return Document(
        Collection.HISTORY,
        f"incident-{number}.md",
        f"사례 {number}",
        text,
        date(2026, 1, number),
        Language.KO.value,
        channel,
    )


async def passages(
    search: KnowledgeSearch,
    collection: Collection,
    question: str,
    channel: str = "",
    limit: int = 3,
) -> tuple[Passage, ...]:
    return (await search.search(collection, question, channel, limit)).passages


def rewritten(knowledge: Knowledge) -> None:
    """Ingest as another process does."""
    store = open_store(knowledge)
    report = plan(store, knowledge.local, *cut(knowledge))
    carry_out(store, knowledge.local, report, lambda _done, _total: None)


async def test_a_passage_bears_its_source(knowledge: Knowledge, opened: Opened) -> None:
    """Collection, file, heading, title and date are all there."""
    async with opened(knowledge) as search:
        found = await passages(search, Collection.MANUAL, OOM, "C1")
    best = found[0]
    assert best.source == "operation_manual/spark.md#executor OOM 대응"
    assert (best.title, best.heading, best.dated) == (
        "Spark 메모리",
        "executor OOM 대응",
        date(2025, 3, 1),
    )
    assert best.text.startswith("executor가 OOM으로 죽으면")
    assert 0 < best.score <= 1


async def test_a_private_incident_is_found_only_from_its_channel(
    knowledge: Knowledge, opened: Opened
) -> None:
    """Even when private passages crowd out all others."""
    async with opened(knowledge) as search:
        for number in range(1, 29):
            await search.keep(incident(number, channel="CSECRET" if number > 1 else ""))
        question = "kafka consumer lag 밀림"
        inside = await passages(search, Collection.HISTORY, question, "CSECRET", limit=5)
        outside = await passages(search, Collection.HISTORY, question, "COTHER", limit=5)
        nowhere = await passages(search, Collection.HISTORY, question, "", limit=5)
    assert len(inside) == 5
    assert {passage.title for passage in outside} <= {
        "사례 1",
        "2025-05-02 노트북 세션이 큐를 점유",
    }
    assert outside[0].title == "사례 1"
    assert outside == nowhere


async def test_a_kept_incident_is_found_at_once_and_after_a_rebuild(
    knowledge: Knowledge, opened: Opened
) -> None:
    """It lies as a file under DATA_DIR, from which a lost index is filled."""
    async with opened(knowledge) as search:
        await search.keep(incident(4))
        first = await passages(search, Collection.HISTORY, "kafka consumer lag")
    assert first[0].title == "사례 4"
    assert (knowledge.kept / "history" / "incident-4.md").is_file()
    other = replace(knowledge, data_dir=knowledge.data_dir.parent / "other")
    (other.data_dir / "knowledge").parent.mkdir()
    knowledge.kept.rename(other.kept)
    async with opened(other) as search:
        again = await passages(search, Collection.HISTORY, "kafka consumer lag")
    assert again[0].title == "사례 4"


async def test_what_another_process_wrote_is_found_soon(
    knowledge: Knowledge, opened: Opened
) -> None:
    """The index is looked at again after ten seconds, and reloaded when it changed."""
    now = 0.0
    async with opened(knowledge, lambda: now) as search:
        question = "kafka consumer lag"
        page = knowledge.documents() / "history" / "2026-01-05-lag.md"
        page.write_text(incident(5).text, encoding="utf-8")
        await asyncio.to_thread(rewritten, knowledge)
        now = 11.0
        await passages(search, Collection.HISTORY, question, "")
        found: tuple[Passage, ...] = ()
        async with asyncio.timeout(30):
            while not found or found[0].title != "사례 5":
                found = await passages(search, Collection.HISTORY, question, "")


async def test_a_directory_lost_in_the_middle_is_never_an_empty_answer(
    knowledge: Knowledge, opened: Opened
) -> None:
    """Deleted under a running bot: still answered or named as a fault; the next start rebuilds."""
    async with opened(knowledge) as search:
        assert await passages(search, Collection.MANUAL, OOM, "")
        await asyncio.to_thread(shutil.rmtree, knowledge.directory)
        with suppress(BackendError):
            assert await passages(search, Collection.MANUAL, OOM, "")
    async with opened(knowledge) as search:
        assert (await passages(search, Collection.MANUAL, OOM, ""))[
            0
        ].heading == "executor OOM 대응"


async def test_a_kept_incident_is_taken_back(knowledge: Knowledge, opened: Opened) -> None:
    """Its file and its passages are gone, and stay gone after a rebuild."""
    async with opened(knowledge) as search:
        await search.keep(incident(4))
        await search.withdraw(incident(4))
        found = await passages(search, Collection.HISTORY, "kafka consumer lag")
    assert "사례 4" not in [passage.title for passage in found]
    assert list((knowledge.kept / "history").iterdir()) == []


async def test_a_question_with_no_letters_finds_nothing(
    knowledge: Knowledge, opened: Opened
) -> None:
    """Empty, control characters, lone surrogates and emoji end in an empty answer."""
    async with opened(knowledge) as search:
        for question in ("", "   ", "\x00\ud800", "🙂" * 50):
            assert await passages(search, Collection.MANUAL, question, "") == ()


async def test_search_waits_for_opening_and_says_why_it_failed(
    tmp_path: Path, space: Space, opened: Opened
) -> None:
    """A search asked during the opening is answered after it; a failed opening names the cure."""
    (tmp_path / "empty" / "manual").mkdir(parents=True)
    broken = Knowledge(tmp_path / "d2", space, source=tmp_path / "empty")
    search = KnowledgeSearch(partial(open_library, broken))
    try:
        with pytest.raises(BackendError) as caught:
            await passages(search, Collection.MANUAL, OOM)
        with pytest.raises(StartError):
            await search.ready()
    finally:
        await search.stop()
    assert caught.value.missing.kind is FaultKind.FAILED
    assert "no passage is indexed" in caught.value.missing.detail


class Provider:
    """An OpenAI-compatible embedding server: 16 numbers made of the text's letters."""

    def __init__(self) -> None:
        self.alive = True
        self.asked = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        if not self.alive:
            return web.json_response({"error": {"message": "down"}}, status=500)
        body = await request.json()
        assert all(isinstance(text, str) for text in body["input"])
        data = [
            {"object": "embedding", "index": index, "embedding": vector(text)}
            for index, text in enumerate(body["input"])
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return web.json_response({"object": "list", "model": "m", "data": data, "usage": usage})


def vector(text: str) -> list[float]:
    values = [1.0] * 16
    for letter in text:
        values[ord(letter) % 16] += 1.0
    return values


@pytest_asyncio.fixture
async def provider() -> AsyncIterator[tuple[Provider, Space]]:
    made = Provider()
    application = web.Application()
    application.router.add_post("/v1/embeddings", made.answer)
    async with TestServer(application, host="127.0.0.1") as server:
        url = str(server.make_url("/v1"))
        yield made, openai_space(SecretStr("sk-test"), "text-embedding-3-small", url, timeout=5)


async def test_a_provider_lost_in_the_middle_loses_no_search(
    knowledge: Knowledge, opened: Opened, provider: tuple[Provider, Space]
) -> None:
    """The next question is answered from the local space, and the provider left alone a minute."""
    made, remote = provider
    now = 100.0
    async with opened(replace(knowledge, remote=remote), lambda: now) as search:
        before = made.asked
        for collection in (Collection.MANUAL, Collection.HISTORY):
            await passages(search, collection, OOM)
        assert made.asked == before + 1, "one vector serves both collections"
        made.alive = False
        found = await passages(search, Collection.MANUAL, f"{OOM} 왜?")
        assert found[0].heading == "executor OOM 대응"
        asked = made.asked
        assert await passages(search, Collection.MANUAL, f"{OOM} 어떻게?")
        assert made.asked == asked
        made.alive, now = True, 161.0
        assert await passages(search, Collection.MANUAL, f"{OOM} 다시")
        assert made.asked == asked + 1


async def test_a_provider_down_at_the_first_start_leaves_the_local_space(
    knowledge: Knowledge, opened: Opened, provider: tuple[Provider, Space]
) -> None:
    """The local index is filled and searched; the other is filled by a later ingest."""
    made, remote = provider
    made.alive = False
    async with opened(replace(knowledge, remote=remote)) as search:
        assert await passages(search, Collection.MANUAL, OOM, "")
