"""Which passages a guide answer shows, page by page."""

from hypothesis import given
from hypothesis import strategies as st

from bot.agents.passages import FITS, MANUALS, SHOWABLE, paged
from bot.agents.query_context import points, says_nothing
from bot.domain.knowledge import Collection, Passage


def passage(score: float, source: str, collection: Collection = Collection.MANUAL) -> Passage:
    return Passage(collection, source, "제목", "절", "내용", score)


def test_what_is_far_below_the_best_waits_for_more() -> None:
    """It is on the second page, unless it is too far for that too."""
    found = [passage(score, f"m/{score}#a") for score in (0.8, 0.5, 0.4, 0.1)]
    first, more = paged(found, 0, MANUALS)
    assert [each.score for each in first] == [0.8, 0.5]
    assert more
    second, more = paged(found, 1, MANUALS)
    assert ([each.score for each in second], more) == ([0.4], False)


def test_an_incident_is_shown_once() -> None:
    """Two of its sections count as one; two sections of a manual page are two."""
    for collection, shown in ((Collection.HISTORY, 1), (Collection.MANUAL, 2)):
        found = [passage(0.8, "f.md#a", collection), passage(0.7, "f.md#b", collection)]
        assert len(paged(found, 0, MANUALS)[0]) == shown


@given(st.lists(st.floats(0.01, 1), max_size=15), st.integers(1, 3))
def test_pages_show_everything_worth_showing_once(scores: list[float], size: int) -> None:
    """In order, none twice, none over the page's size, and `more` tells the truth."""
    found = [passage(s, f"m/{n}#a") for n, s in enumerate(sorted(scores, reverse=True))]
    seen: list[Passage] = []
    number, more = 0, True
    while more:
        page, more = paged(found, number, size)
        assert len(page) <= size
        assert not more or page
        seen.extend(page)
        number += 1
    best = max(scores, default=0.0)
    assert seen == [each for each in found if each.score >= SHOWABLE * best]
    assert all(each.score >= FITS * best for each in paged(found, 0, size)[0])


def test_a_question_that_only_points_is_recognised() -> None:
    """It is completed from its thread; one that names its subject stands by itself."""
    for question in (
        "전에도 이런 적 있어?",
        "any past incidents like this one?",
        "have we seen this before?",
        "지난번에도 있었어?",
        "이런 사례 또 있었나요?",
    ):
        assert says_nothing(question), question
        assert points(question), question
    for question in (
        "executor OOM 사례 있어?",
        "any past HDFS incidents?",
        "trino 장애 이력 보여줘",
    ):
        assert not says_nothing(question), question
        assert not points(question), question
    assert points("이런 OOM 에러는 어떻게 해?")
