"""Recall and "nothing found", through the real ingest, Chroma, Kiwi and local embedding."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.knowledge import FITS, Collection
from bot.retrieval.knowledge import Knowledge, Space
from bot.retrieval.library import open_library
from bot.retrieval.search import KnowledgeSearch
from tests.bench.retrieval_bench import ranks, recall
from tests.bench.retrieval_corpus import off_topic, questions, write_source

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[0, 168])
async def search(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, space: Space
) -> AsyncIterator[KnowledgeSearch]:
    directory: Path = tmp_path_factory.mktemp("recall")
    source = write_source(directory / "source", distractors=request.param)
    knowledge = Knowledge(directory / "data", space, source=source)
    opened = KnowledgeSearch(partial(open_library, knowledge))
    await opened.start()
    await opened.ready()
    yield opened
    await opened.stop()


async def test_the_right_passage_is_among_three(search: KnowledgeSearch) -> None:
    """Of 30 development questions all find their passage, 27 of them first."""
    places = await ranks(search, questions())
    missed = [question.text for question, place in places.items() if place is None]
    assert not missed
    assert recall(places.values(), 1) >= 27 / 30


async def test_off_topic_questions_find_nothing(search: KnowledgeSearch) -> None:
    """At least 85 % of everyday questions are told that nothing fits, in both collections."""
    asked = off_topic()
    found = [
        text
        for text in asked
        if (await search.search(Collection.MANUAL, text, "")).strength >= FITS
        or (await search.search(Collection.HISTORY, text, "")).strength >= FITS
    ]
    assert len(found) <= 0.15 * len(asked), found
