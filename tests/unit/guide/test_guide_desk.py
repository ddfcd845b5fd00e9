"""Buttons under guide answers: only our own values, only in their own channel."""

from zoneinfo import ZoneInfo

import pytest

from bot.agents.templates.guide import PIECE
from bot.agents.templates.markdown import words_of
from bot.domain.answers import Extract
from bot.domain.knowledge import Collection, GuideNote, Passage
from bot.domain.language import Language
from bot.services.guides import GuideDesk
from bot.tools.toolbox import Toolbox
from tests.contract.memory import MemoryFeedback
from tests.evals.platform import platform_scene
from tests.evals.world import MemoryCluster, MemoryDocuments, MemoryProposals

SOURCE = "operation_manual/high-cpu.md#조치"
NOTE = GuideNote(
    "n1", "C1", "1.2", Language.KO, "CPU 높을 때", False, 0, (SOURCE, "spark.apache.org")
)


def desk(rows: MemoryFeedback) -> GuideDesk:
    scene = platform_scene()
    scene.passages = (
        Passage(
            Collection.MANUAL, SOURCE, "가동률", "조치", "**잰다.**\n\n" + "줄이 길다. " * 600, 0.9
        ),
    )
    cluster = MemoryCluster(scene)
    tools = Toolbox(cluster, cluster, MemoryProposals(scene), MemoryDocuments(scene), None, cluster)
    return GuideDesk(tools, rows, ZoneInfo("Asia/Seoul"))


@pytest.mark.parametrize(
    "value", ["", "n2", "n2:1", "n1:-1", "n1:x", "n1:99", "n1:²", "n1:1:1", ":"]
)
async def test_a_value_that_is_not_ours_does_nothing(value: str) -> None:
    """Neither a source nor a vote."""
    rows = MemoryFeedback(NOTE)
    assert await desk(rows).source(value, "C1") is None
    assert await desk(rows).vote(value, "C1", "U1", helpful=True) is None
    assert rows.votes == {}


async def test_a_button_of_another_channel_does_nothing() -> None:
    """What was shown there may be private to it."""
    rows = MemoryFeedback(NOTE)
    for value in ("n1", "n1:1"):
        assert await desk(rows).source(value, "C2") is None
        assert await desk(rows).vote(value, "C2", "U1", helpful=True) is None
    assert (rows.votes, list(rows.notes)) == ({}, ["n1"])


async def test_a_long_source_comes_in_pieces_and_the_web_has_none() -> None:
    """Each piece within Slack's limit; a web page is not ours to show."""
    answer = await desk(MemoryFeedback(NOTE)).source("n1:1", "C1")
    assert answer is not None
    extracts = [part for part in answer.parts if isinstance(part, Extract)]
    texts = [words_of(each.parts) for each in extracts]
    assert texts[0].startswith("잰다.")
    assert all(len(each) <= PIECE for each in texts)
    assert sum(each.count("줄이 길다.") for each in texts) == 600
    assert answer.sources == (SOURCE.partition("#")[0],)
    assert await desk(MemoryFeedback(NOTE)).source("n1:2", "C1") is None
