"""Pages shown beside an answer of another kind, or in place of one that says nothing."""

from dataclasses import replace

import pytest

from bot.agents.admin_guide import CERTAIN, Place, place
from bot.domain.conversation import AgentName, Intent, Understanding
from bot.domain.knowledge import FITS
from bot.domain.language import Language
from tests.evals.platform import platform_scene
from tests.evals.world import World


def read(intent: Intent, question: str = "", *readings: Intent) -> Understanding:
    meant = tuple(read(each) for each in readings)
    return Understanding(intent, AgentName.NONE, Language.EN, question=question, readings=meant)


def doubted(intent: Intent) -> Understanding:
    return replace(read(intent), belief=CERTAIN - 0.01)


@pytest.mark.parametrize(
    ("reading", "where"),
    [
        (read(Intent.DIAGNOSE), Place.TITLED),
        (doubted(Intent.DIAGNOSE), Place.BENEATH),
        (read(Intent.UNSUPPORTED), Place.BENEATH),
        (read(Intent.STATUS), Place.NOWHERE),
        (doubted(Intent.STATUS), Place.BENEATH),
        (doubted(Intent.LIST), Place.BENEATH),
        (read(Intent.OUT_OF_SCOPE), Place.INSTEAD),
        (read(Intent.CLARIFY, "not_understood"), Place.INSTEAD),
        (read(Intent.CLARIFY, "", Intent.STATUS, Intent.LIST), Place.TITLED),
        (read(Intent.CLARIFY, "which_one"), Place.NOWHERE),
        (read(Intent.CLARIFY, "which_one", Intent.KILL), Place.NOWHERE),
        (read(Intent.KILL), Place.NOWHERE),
        (read(Intent.SMALLTALK), Place.NOWHERE),
        (read(Intent.HOW_TO), Place.NOWHERE),
    ],
)
def test_the_place_depends_on_the_reading(reading: Understanding, where: Place) -> None:
    """Where nothing fits nothing is shown; with a second request neither."""
    assert place([reading], FITS) is where
    assert place([reading], FITS - 0.01) is Place.NOWHERE
    assert place([reading, read(Intent.DIAGNOSE)], FITS) is Place.NOWHERE


async def test_titles_stand_under_the_answer_that_stays() -> None:
    """A diagnosis remains one."""
    answer = await World(platform_scene()).ask("why is it slow")
    silent = await World(replace(platform_scene(), passages=())).ask("why is it slow")
    assert answer.intent is silent.intent is Intent.DIAGNOSE
    assert answer.sources
    assert answer.parts[: len(silent.parts)] == silent.parts
    assert silent.sources == ()


async def test_the_passage_comes_before_what_was_understood() -> None:
    """Another subject stays so only where no page fits."""
    question = "what's the capital of Mongolia"
    answer = await World(platform_scene()).ask(question)
    silent = await World(replace(platform_scene(), passages=())).ask(question)
    assert silent.intents == (Intent.OUT_OF_SCOPE,)
    assert answer.intents == (Intent.HOW_TO, Intent.OUT_OF_SCOPE)
    assert answer.sources
    assert answer.summary.endswith(silent.summary)
