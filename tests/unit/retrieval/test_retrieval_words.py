"""Kiwi in its own process, pairs of letters, BM25, fusion and embedding of odd texts."""

import asyncio
import math
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.retrieval.embeddings import LOCAL_DIMENSION, Space
from bot.retrieval.fusion import MatchScores, fused
from bot.retrieval.highlight import spans
from bot.retrieval.lexical import Lexical
from bot.retrieval.morphemes import Morphemes, MorphemesUnavailableError, letter_pairs
from bot.retrieval.tokenizer import stem, tokenize


async def test_kiwi_gives_korean_stems_and_whole_names() -> None:
    """Particles and endings are gone; a dotted name is there as a whole, too."""
    morphemes = Morphemes()
    try:
        await morphemes.start()
        found = await morphemes.words(
            ["메모리가 부족해서 죽었다", "spark.executor.memory 설정", "\ud800"]
        )
    finally:
        await morphemes.close()
    assert {"메모리", "부족", "죽"} <= set(found[0])
    assert "가" not in found[0]
    assert "spark.executor.memory" in found[1]


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "-c", "raise SystemExit(1)"],
        [sys.executable, "-c", "import sys; sys.stdin.readline(); print('no json')"],
        ["/nonexistent/python"],
    ],
)
async def test_a_kiwi_that_does_not_answer_is_named(command: list[str]) -> None:
    """Whatever is wrong with it is the same to the search."""
    morphemes = Morphemes(command)
    with pytest.raises(MorphemesUnavailableError):
        await morphemes.start()
    await morphemes.close()
    with pytest.raises(MorphemesUnavailableError):
        await morphemes.words(["x"])


async def test_questions_are_answered_in_turn() -> None:
    """Askers at the same time each get their own words."""
    morphemes = Morphemes()
    try:
        await morphemes.start()
        found = await asyncio.gather(*(morphemes.words([f"큐 {n}"]) for n in range(10)))
    finally:
        await morphemes.close()
    assert [words[0][-1] for words in found] == [str(n) for n in range(10)]


def test_pairs_ignore_spacing() -> None:
    """루트 파티션 and 루트파티션 are the same."""
    assert (
        letter_pairs("루트 파티션")
        == letter_pairs("루트파티션")
        == ["루트", "트파", "파티", "티션"]
    )
    assert letter_pairs("") == []
    assert letter_pairs("a") == ["a"]


def test_a_notion_is_one_in_either_language() -> None:
    """Written in English, Korean, Korean letters the analyser takes apart, or without spaces."""
    gc = {"=gc"}
    assert gc <= tokenize("GC가 길다", ["gc", "길"]).notions
    assert gc <= tokenize("long garbage collection", ["long", "garbage", "collection"]).notions
    assert gc <= tokenize("가비지컬렉션이 길다", ["가비", "지컬", "길"]).notions
    assert (
        tokenize("익스큐터", ["익스", "큐터"]).notions
        == tokenize("executors", ["executors"]).notions
    )
    assert tokenize("익스큐터", ["익스", "큐터"]).rest == frozenset()
    assert "=server" not in tokenize("출장비 정산", ["출장비", "정산"]).notions


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


def test_bm25_ranks_the_rare_word_higher() -> None:
    """Unknown words score nothing, an empty index too."""
    lexical = Lexical([["disk", "full"], ["disk", "slow"], []])
    scores = lexical.scores(["slow", "disk", "unknown"])
    assert int(np.argmax(scores)) == 1
    assert scores[2] == 0
    assert not lexical.scores(["unknown"]).any()
    assert Lexical([]).scores(["x"]).shape == (0,)
    assert lexical.coverage(["disk", "slow"], [0, 1]) == 1
    assert lexical.coverage([], [0]) == 0


def test_fusion_averages_stretched_scores() -> None:
    """The best in both comes first with 1, the worst in both last with 0."""
    ranked = fused(["a", "b", "c"], {"a": 0.9, "b": 0.5, "c": 0.1}, {"a": 4.0, "b": 1.0})
    assert [id_ for id_, _ in ranked] == ["a", "b", "c"]
    assert ranked[0][1] == 1
    assert ranked[2][1] == 0
    assert fused(["a"], {"a": 0.4}, {}) == [("a", 0.0)]


def test_the_trade_is_believed_sooner() -> None:
    """The same evidence fits for a question that speaks of the trade, and not for any other."""
    assert MatchScores(0.2, 0.3, notions=1, trade=True).fits
    assert MatchScores(0.2, 0.3, notions=7, trade=False).fits
    assert not MatchScores(0.2, 0.3, notions=0, trade=False).fits
    assert MatchScores(0.4, 0.5, notions=0, trade=False).fits
    assert MatchScores(0.41, 0.0, notions=0, trade=False).fits
    assert MatchScores(0.3, 0.25, notions=0, trade=False, analysed=False).fits
    assert not MatchScores(-0.2, 0.0, notions=9, trade=True).fits


@settings(max_examples=40, deadline=None)
@given(text=st.text(alphabet=st.characters(), max_size=300))
def test_any_text_is_embedded(space: Space, text: str) -> None:
    """Lone surrogates, NUL and emoji give a finite vector of unit length."""
    vector = space.embeddings.embed_query(text)
    assert len(vector) == LOCAL_DIMENSION
    assert math.isclose(math.hypot(*vector), 1, abs_tol=1e-3)


def test_long_text_is_capped(space: Space) -> None:
    """What stands behind the first 2,000 characters changes nothing and costs nothing."""
    assert space.embeddings.embed_query("가" * 2000) == space.embeddings.embed_query("가" * 200_000)


@given(st.text(max_size=200), st.text(max_size=60))
def test_highlights_are_ordered_and_inside(text: str, question: str) -> None:
    """Spans never overlap nor leave the text."""
    end = 0
    for start, stop in spans(text, question, question.split()):
        assert end <= start < stop <= len(text)
        end = stop
