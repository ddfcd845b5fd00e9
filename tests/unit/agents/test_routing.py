"""Who answers: the nearest known question, and the drawn graph."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.agents.assembly import Help
from bot.agents.nearest import Nearest, NearestExample, beside
from bot.agents.understanding import understand
from bot.agents.understanding.overlap import Example, examples
from bot.domain.conversation import AgentName, Intent, ThreadView
from bot.errors import BackendError, FaultKind
from bot.retrieval.nearest_example import NearestByMeaning
from tests.drawing import DOCUMENTS, drawn
from tests.evals.platform import platform_scene
from tests.evals.world import World

UNKNOWN = "qwv zxplf dnrt"  # no grammar reads it
STATUS = Example("how loaded is it?", AgentName.INFRA_ENGINEER, Intent.STATUS)
KILL = Example("죽여줘", AgentName.DATA_ENGINEER, Intent.KILL)


class Always:
    """A nearest question that is always the same."""

    def __init__(self, example: Example, nearness: float) -> None:
        self.found = NearestExample(example, nearness)
        self.asked: list[str] = []

    async def __call__(self, text: str) -> NearestExample | None:
        self.asked.append(text)
        return self.found


def world(nearest: Nearest) -> World:
    return World(platform_scene(), given=Help(nearest=nearest))


async def test_what_no_grammar_reads_goes_the_way_of_a_near_question() -> None:
    """Whose intent and agent it takes."""
    nearest = Always(STATUS, 0.6)
    answer = await world(nearest).ask(UNKNOWN)
    assert (answer.intent, answer.agent) == (Intent.STATUS, AgentName.INFRA_ENGINEER)
    assert nearest.asked == [UNKNOWN]


async def test_a_far_question_says_nothing_and_a_clear_message_is_not_looked_up() -> None:
    """Below the limit the message stays what it was; where the grammar is sure nobody looks."""
    far = Always(STATUS, 0.3)
    assert (await world(far).ask(UNKNOWN)).intent is Intent.OUT_OF_SCOPE
    assert (await world(far).ask("상위 3개 잡 보여줘")).intent is Intent.LIST
    assert far.asked == [UNKNOWN]


@pytest.mark.parametrize("nearness", [0.5, 0.8, 1.0])
async def test_a_kill_never_rests_on_a_neighbour(nearness: float) -> None:
    """However near: it is asked which job is meant, and no card is made."""
    here = world(Always(KILL, nearness))
    await here.ask("상위 5개 잡 보여줘")
    answer = await here.ask(UNKNOWN)
    assert answer.intent is Intent.CLARIFY
    assert here.proposals.made == []


def test_no_known_question_is_one_for_a_kill() -> None:
    """Nor may its reading choose an application."""
    assert all(example.intent is not Intent.KILL for example in examples())
    unsure = understand(UNKNOWN, ThreadView())
    for example in examples():
        assert beside(unsure, NearestExample(example, 1.0)).selection is None


async def test_an_embedding_that_is_still_loading_keeps_nobody_waiting() -> None:
    """The first question goes without it, and the loading goes on for the next one."""
    loaded = asyncio.Event()

    async def embed(texts: list[str]) -> list[list[float]]:
        await loaded.wait()
        return [[1.0, 0.0] for _ in texts]

    nearest = NearestByMeaning(embed, (STATUS,), patience=0.01)
    assert await nearest("busy?") is None
    loaded.set()
    waiting = replace(NearestExample(STATUS, 1.0))
    patient = NearestByMeaning(embed, (STATUS,), patience=5.0)
    assert await patient("busy?") == waiting
    await nearest.close()


async def test_an_embedding_that_fails_is_no_failure_of_the_turn() -> None:
    """There is just no neighbour."""

    async def embed(texts: list[str]) -> list[list[float]]:
        raise BackendError("operation_manual", FaultKind.FAILED, "no index")

    nearest = NearestByMeaning(embed, (STATUS,))
    assert await nearest("busy?") is None
    assert (await world(nearest).ask(UNKNOWN)).intent is Intent.OUT_OF_SCOPE


@pytest.mark.parametrize("document", DOCUMENTS, ids=["en", "ko"])
def test_the_graph_in_the_document_is_the_compiled_one(document: Path) -> None:
    """Otherwise: python -m tests.drawing."""
    text = document.read_text(encoding="utf-8")
    assert drawn(text) == text
    for node in (
        "understand",
        "route",
        "infra_engineer",
        "data_engineer",
        "admin_guide",
        "generate_answer",
    ):
        assert f"{node}({node})" in text
