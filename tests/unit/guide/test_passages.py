"""Which passages a guide answer shows."""

from dataclasses import replace

from bot.agents.admin_guide import TOGETHER, Passages, Search, points, says_nothing
from bot.domain.knowledge import Collection, Passage
from bot.domain.language import Language
from bot.tools.toolbox import Toolbox
from tests.evals.platform import platform_scene
from tests.evals.world import MemoryCluster, MemoryDocuments, MemoryProposals


def passage(
    score: float, source: str, collection: Collection = Collection.MANUAL, *, sample: bool = False
) -> Passage:
    return Passage(collection, source, "제목", "절", "내용", score, sample=sample)


async def chosen(
    *passages: Passage, history_only: bool = False, recent: bool = False
) -> tuple[list[str], list[str]]:
    scene = replace(platform_scene(), passages=passages)
    cluster = MemoryCluster(scene)
    tools = Toolbox(cluster, cluster, MemoryProposals(scene), MemoryDocuments(scene))
    found = await Passages(tools).choose(Search("질문", "C1", Language.KO, history_only, recent))
    return [each.source for each in found.quoted], [each.source for each in found.titles]


async def test_three_are_shown_and_none_far_below_the_best() -> None:
    """Best first, manual and history together."""
    many = [passage(score, f"m/{score}#a") for score in (0.5, 0.8, 0.6, 0.7, 0.1)]
    assert await chosen(*many) == (["m/0.8#a"], ["m/0.7#a", "m/0.6#a"])
    assert await chosen(passage(0.8, "m/a#a"), passage(0.1, "m/b#a")) == (["m/a#a"], [])


async def test_the_sections_of_one_page_are_quoted_together_while_they_are_short() -> None:
    """Of three that fit best; a long one is a title."""
    ours = [passage(0.8, "m/a#a"), passage(0.7, "m/b#a"), passage(0.6, "m/a#b")]
    assert await chosen(*ours) == (["m/a#a", "m/a#b"], ["m/b#a"])
    long = replace(ours[2], text="내용" * TOGETHER)
    assert await chosen(*ours[:2], long) == (["m/a#a"], ["m/b#a", "m/a#b"])


async def test_an_incident_is_shown_once() -> None:
    """Two of its sections count as one; two sections of a manual page are two."""
    for collection, shown in ((Collection.HISTORY, 1), (Collection.MANUAL, 2)):
        found = [passage(0.8, "f.md#a", collection), passage(0.7, "f.md#b", collection)]
        quoted, titles = await chosen(*found)
        assert (len(quoted), titles) == (shown, [])


async def test_incidents_of_the_team_come_before_samples() -> None:
    """When past incidents are asked for; a better sample comes after them."""
    shipped = passage(0.9, "h/sample.md#a", Collection.HISTORY, sample=True)
    own = passage(0.7, "h/own.md#a", Collection.HISTORY)
    found = await chosen(shipped, own, history_only=True)
    assert found == (["h/own.md#a"], ["h/sample.md#a"])


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
