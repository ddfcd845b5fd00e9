"""Figures of knowledge search: recall on the development questions, ingest rate, search time."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from bot.domain.knowledge import FITS, Collection
from bot.retrieval.documents import split
from bot.retrieval.index import open_or_replace
from bot.retrieval.knowledge import Knowledge, default_source, local_space
from bot.retrieval.library import open_library
from bot.retrieval.search import KnowledgeSearch
from tests.bench.retrieval_baselines import baseline_figures
from tests.bench.retrieval_corpus import (
    Fresh,
    Question,
    found,
    fresh_questions,
    off_topic,
    questions,
    synthetic_documents,
    write_source,
)

PASSAGES = 10_000
DISTRACTORS = 168


@asynccontextmanager
async def opened(knowledge: Knowledge) -> AsyncIterator[KnowledgeSearch]:
    """Search what lies there."""
    search = KnowledgeSearch(partial(open_library, knowledge))
    await search.start()
    try:
        await search.ready()
        yield search
    finally:
        await search.stop()


async def ranks(search: KnowledgeSearch, asked: Iterable[Question]) -> dict[Question, int | None]:
    """Return, per question, the place (from 0) of the gold passage among three; None if absent."""
    places: dict[Question, int | None] = {}
    for question in asked:
        passages = (await search.search(question.gold.collection, question.text, "")).passages
        places[question] = next(
            (n for n, passage in enumerate(passages) if found(question.gold, passage.text)), None
        )
    return places


def recall(places: Iterable[int | None], at: int) -> float:
    listed = list(places)
    return sum(place is not None and place < at for place in listed) / len(listed)


async def recall_figures(directory: Path) -> dict[str, float]:
    """Return recall through the real ingest and search, 168 synthetic distractors among them."""
    ours, corpus = local_space(), directory / "corpus"
    source = write_source(directory / "source", distractors=DISTRACTORS)
    async with (
        opened(Knowledge(corpus, ours, source=source)) as search,
        opened(Knowledge(directory / "own", ours, source=default_source())) as own,
    ):
        places = await ranks(search, questions())
        fresh = await fresh_ranks(search, own)
        rejected = {near: await rejected_part(search, off_topic(near)) for near in (False, True)}
    korean = [place for question, place in places.items() if question.language != "en"]
    english = [place for question, place in places.items() if question.language == "en"]
    return {
        "recall1": recall(places.values(), 1),
        "recall3": recall(places.values(), 3),
        "recall3_ko": recall(korean, 3),
        "recall3_en": recall(english, 3),
        "fresh_recall1": recall(fresh.values(), 1),
        "fresh_recall3_ko": recall([v for k, v in fresh.items() if k.language == "ko"], 3),
        "fresh_recall3_en": recall([v for k, v in fresh.items() if k.language == "en"], 3),
        "off_topic_rejected": rejected[False],
        "off_topic_near_rejected": rejected[True],
        **baseline_figures(source),
    }


async def fresh_ranks(search: KnowledgeSearch, own: KnowledgeSearch) -> dict[Fresh, int | None]:
    """Return the places of the answers to questions about both sets of documents."""
    places: dict[Fresh, int | None] = {}
    for question in fresh_questions():
        where = own if question.passage is None else search
        passages = (await where.search(question.collection, question.text, "")).passages
        places[question] = next(
            (n for n, passage in enumerate(passages) if question.answered_by(passage)), None
        )
    return places


async def rejected_part(search: KnowledgeSearch, asked: Sequence[str]) -> float:
    """Return the part of questions for which neither collection has anything."""
    rejected = 0
    for text in asked:
        found_ = [
            (await search.search(collection, text, "")).strength >= FITS
            for collection in (Collection.MANUAL, Collection.HISTORY)
        ]
        rejected += not any(found_)
    return rejected / len(asked)


async def load_figures(directory: Path, passages: int = PASSAGES) -> dict[str, float]:
    """Return passages ingested a second, and the median search time over them in milliseconds."""
    knowledge = Knowledge(directory, local_space())
    chunks = [chunk for each in synthetic_documents(passages) for chunk in split(each)]
    store = await asyncio.to_thread(open_or_replace, knowledge)
    began = time.perf_counter()
    await asyncio.to_thread(store.write, knowledge.local, chunks, lambda _done, _total: None)
    rate = len(chunks) / (time.perf_counter() - began)
    async with opened(knowledge) as search:
        times = []
        for question in questions():
            began = time.perf_counter()
            await search.search(Collection.MANUAL, question.text, "")
            times.append((time.perf_counter() - began) * 1000)
    return {"ingest_per_second": rate, "search_10k_p50_ms": statistics.median(times)}


async def bench(passages: int = PASSAGES) -> dict[str, float]:
    """Return every figure; some two minutes on two cores."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        return await recall_figures(Path(first)) | await load_figures(Path(second), passages)
