"""Words and notions, ranking by words alone, and embedding of odd texts."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.agents.reading.features import DIMENSION
from bot.agents.reading.words import load_morphemes
from bot.domain.knowledge import Collection, Document
from bot.domain.language import Language
from bot.retrieval.documents import Chunk, split
from bot.retrieval.knowledge import Space
from bot.retrieval.library import LoadedPassages
from bot.retrieval.tokens import stem, terms

KIWI = load_morphemes()


def test_kiwi_gives_korean_stems_and_whole_names() -> None:
    """Particles and endings are gone; a dotted name is there as a whole, too."""
    first, second, third = (
        set(terms(text, KIWI).words)
        for text in ("메모리가 부족해서 죽었다", "spark.executor.memory 설정", "\ud800")
    )
    assert {"메모리", "부족", "죽"} <= first
    assert "가" not in first
    assert "spark.executor.memory" in second
    assert not third & first


def test_a_notion_is_one_in_either_language() -> None:
    """Written in English, Korean, Korean letters the analyser takes apart, or without spaces."""
    for said in ("GC가 길다", "long garbage collection", "가비지컬렉션이 길다", "가비지 컬렉션"):
        assert "=gc" in terms(said, KIWI).notions, said
    assert terms("익스큐터", KIWI).notions == terms("executors", KIWI).notions
    assert terms("익스큐터", KIWI).rest == frozenset()
    assert "=server" not in terms("출장비 정산", KIWI).notions


@pytest.mark.parametrize(
    "words",
    [
        ("query", "queries", "queried", "querying"),
        ("kill", "kills", "killed", "killing"),
        ("stop", "stopped", "stopping"),
        ("cache", "caches", "cached", "caching"),
        ("status",),
        ("process", "processes"),
    ],
)
def test_endings_of_english_words_are_cut(words: tuple[str, ...]) -> None:
    """All forms of a word are one; what is no English word stays."""
    assert len({stem(word) for word in words}) == 1
    assert stem("spark.executor.memory") == "spark.executor.memory"
    assert stem("셔플") == "셔플"


def chunks(text: str, file: str = "a.md") -> tuple[Chunk, ...]:
    return split(Document(Collection.MANUAL, file, "t", text))


def asked(
    loaded: LoadedPassages,
    question: str,
    near: dict[str, float] | None = None,
    language: Language | None = None,
) -> list[str]:
    words, where = terms(question, KIWI), Collection.MANUAL
    _, found = loaded.search(
        where, question, words, "", limit=3, cosines=(near, None), language=language
    )
    return [passage.source.partition("/")[2] for passage in found]


def test_bm25_ranks_the_rare_word_higher() -> None:
    """Words no passage holds score nothing; without Chroma words alone are enough."""
    loaded = LoadedPassages.of(chunks("# 1\ndisk full\n# 2\ndisk slow"), KIWI)
    assert asked(loaded, "slow disk") == ["a.md#2", "a.md#1"]
    assert asked(loaded, "boil an egg") == []
    assert asked(LoadedPassages.of([], KIWI), "disk", {}) == []


def test_a_section_and_its_twin_are_one_in_the_language_asked_in() -> None:
    """Found by the words of either, shown once; they are paired by their anchors, in any order."""
    korean = '# 쪽\n## 디스크 <a id="disk"></a>\n디스크가 가득 참\n## 느림 <a id="slow"></a>\n조회가 느림'
    english = '# page\n## Slow <a id="slow"></a>\nqueries slow\n## Disk <a id="disk"></a>\nthe disk is full'
    loaded = LoadedPassages.of([*chunks(korean), *chunks(english, "a-en.md")], KIWI)
    for question, source in (("디스크 가득", "a.md#디스크"), ("disk is full", "a-en.md#Disk")):
        assert asked(loaded, question) == [source]
        for language in Language:  # that of whom it is shown to goes before the question's
            shown = "a-en.md#Disk" if language is Language.EN else "a.md#디스크"
            assert asked(loaded, question, language=language) == [shown]


@settings(max_examples=40)
@given(text=st.text(alphabet=st.characters(), max_size=300))
def test_any_text_is_embedded(space: Space, text: str) -> None:
    """Lone surrogates, NUL and emoji give a finite vector of unit length."""
    vector = space.embeddings.embed_query(text)
    assert len(vector) == DIMENSION
    assert math.isclose(math.hypot(*vector), 1, abs_tol=1e-3)


def test_long_text_is_capped(space: Space) -> None:
    """What stands behind the first 2,000 characters changes nothing and costs nothing."""
    assert space.embeddings.embed_query("가" * 2000) == space.embeddings.embed_query("가" * 200_000)
