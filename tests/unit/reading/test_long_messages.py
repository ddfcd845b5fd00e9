"""Messages that are much longer than a question: pasted text, or somebody who means no good."""

import sys
from collections import Counter
from types import FrameType

import pytest

from bot.agents.reading.names import Names
from bot.agents.reading.reader import LONGEST, Reader
from bot.domain.conversation import Intent
from bot.wiring import load_reader
from tests.unit.reading.scene import ROWS, view


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader()


def calls(word: str) -> int:
    """Count the Python functions called to look a word up among the names."""
    names, seen = Names(ROWS), Counter[str]()

    def note(frame: FrameType, event: str, _: object) -> None:
        seen[event] += frame is not None

    sys.setprofile(note)
    try:
        names.hits(word)
    finally:
        sys.setprofile(None)
    return seen["call"]


def test_a_word_without_end_costs_no_more_than_its_length() -> None:
    """Its halves are not tried at every syllable, which took minutes for a page of them."""
    assert calls("가" * 6_000) <= 2.5 * calls("가" * 3_000)


def test_a_long_run_of_letters_still_finds_a_name_in_it() -> None:
    assert Names(ROWS).hits("dailyuserfeatures").rows == frozenset({1})


def test_an_order_that_goes_on_and_on_is_asked_about(reader: Reader) -> None:
    """Whatever stands behind what is read might take it back."""
    short = "1번 죽여줘. 지금 당장. "
    assert reader.understand(short, view("L5")).intent is Intent.KILL
    long = short + "고맙습니다. " * LONGEST + "아니다 죽이지 마"
    assert reader.understand(long, view("L5")).intent is not Intent.KILL
