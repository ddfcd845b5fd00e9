"""What only a question needs is not held while nobody asks, and is there with the next question."""

import asyncio
from collections.abc import Callable

from bot.domain.knowledge import Collection, Passage
from bot.retrieval.chroma_client import Knowledge
from bot.retrieval.documents import Document
from bot.retrieval.embeddings import LocalEmbeddings, local_space
from bot.retrieval.idle import IdleTimer
from bot.retrieval.lazy_search import LazyKnowledgeSearch
from bot.retrieval.morphemes import Morphemes
from bot.retrieval.search import KnowledgeSearch

QUESTION = "executor가 OOM으로 죽으면 어떻게 하나요?"


class CountedKiwi(Morphemes):
    """The Kiwi process, telling whether it is there."""

    @property
    def running(self) -> bool:
        return self._process is not None


async def test_nothing_is_held_for_questions_once_the_documents_are_read(
    knowledge: Knowledge,
) -> None:
    """Neither the Kiwi process nor the weights; the next question brings both back."""
    embeddings = LocalEmbeddings()
    kiwi = CountedKiwi()
    space = local_space()
    own = Knowledge(
        knowledge.data_dir,
        type(space)(space.name, space.suffix, embeddings, space.dimension),
        source=knowledge.source,
    )
    async with KnowledgeSearch(own, kiwi) as search:
        await search.ready(morphemes=True)
        assert (kiwi.running, embeddings.loaded) == (False, False)
        found = await search.search(Collection.MANUAL, QUESTION, "C1")
        assert found[0].heading.endswith("executor OOM 대응")
        assert (kiwi.running, embeddings.loaded) == (True, True)


async def test_a_question_puts_rest_off() -> None:
    """It comes so long after the last question, once."""
    lain = asyncio.Event()
    times = []

    async def unload() -> None:
        times.append(asyncio.get_running_loop().time())
        lain.set()

    rest = IdleTimer(unload, after=0.05)
    rest.touch()
    rest.touch()
    touched = asyncio.get_running_loop().time()
    await asyncio.wait_for(lain.wait(), 10)
    await rest.close()
    assert len(times) == 1
    assert times[0] - touched >= 0.04


class SlowToImport:
    """A search whose making blocks until it may go on."""

    def __init__(self) -> None:
        self.opened = 0
        self.closed = 0
        self.kept: list[Document] = []

    def open(self) -> None:
        self.opened += 1

    async def search(
        self, collection: Collection, question: str, channel: str, limit: int = 3
    ) -> tuple[Passage, ...]:
        return ()

    async def section(self, source: str, channel: str) -> Passage | None:
        return None

    async def highlights(self, question: str, text: str) -> tuple[tuple[int, int], ...]:
        return ((0, len(text)),)

    async def embed(self, texts: list[str]) -> list[list[float]]:
        return [[1.0] for _ in texts]

    async def withdraw(self, collection: Collection, file: str) -> None:
        """Never asked."""

    async def keep(self, document: Document) -> None:
        self.kept.append(document)

    async def close(self) -> None:
        self.closed += 1


def making(search: SlowToImport, made: list[int]) -> Callable[[], SlowToImport]:
    def make() -> SlowToImport:
        made.append(1)
        return search

    return make


async def test_a_late_search_is_made_once_by_whoever_asks_first() -> None:
    """Askers at the same time wait for the one making; closing closes it."""
    search, made = SlowToImport(), list[int]()
    late = LazyKnowledgeSearch(making(search, made))
    found = await asyncio.gather(
        late.search(Collection.MANUAL, "q", "C1"),
        late.section("s", "C1"),
        late.highlights("q", "text"),
    )
    await late.start()
    await late.stop()
    assert tuple(found) == ((), None, ((0, 4),))
    assert (made, search.opened, search.closed) == ([1], 1, 1)


async def test_a_late_search_nobody_wanted_is_never_made() -> None:
    """`digest --now` needs no documents."""
    made = list[int]()
    await LazyKnowledgeSearch(making(SlowToImport(), made)).stop()
    assert not made
