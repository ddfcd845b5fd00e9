"""Room, drafts, wishes and the record: what the thread and the scheduler tell, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alerts import Alert, AlertStatus
from bot.domain.answers import Answer, Paragraph, Quote
from bot.domain.cluster import QueueUsage, Room
from bot.domain.conversation import AgentName, DraftKind, Intent, Need, Query, Understanding, Wish
from bot.domain.language import Language
from bot.domain.selections import Ranks
from tests.evals.platform import platform_scene
from tests.evals.world import CHANNEL, NOW, World

GIB = 1024**3


def reading(intent: Intent, language: Language = Language.EN) -> Understanding:
    return Understanding(intent, AgentName.NONE, language)


def roomy() -> World:
    scene = platform_scene()
    metrics = replace(
        scene.metrics,
        room=Room(160.0, 25.0, 640 * GIB, 164 * GIB),
        queues=(QueueUsage("root.adhoc", 35.0, 20.0, 50.0, 1), QueueUsage("etl", 28.0, 40.0, 60.0)),
    )
    return World(replace(scene, metrics=metrics))


def text_of(answer: Answer) -> str:
    return "\n".join(part.text for part in answer.parts if isinstance(part, Quote))


@pytest.mark.parametrize(
    ("need", "says"),
    [
        (Need(16.0), "Yes, there is room for 16 cores."),
        (Need(40.0), "No, there is no room for 40 cores."),
        (Need(memory=64 * GIB), "Yes, there is room for 64 GiB of memory."),
        (Need(10.0, queue="etl"), "Yes, queue etl has room for 10 cores."),
        (Need(25.0, queue="adhoc"), "No, queue root.adhoc has no room for 25 cores."),
        (Need(8.0, queue="zed"), "The capacity of queue zed is unknown."),
        (Need(), "Free right now: 25 cores"),
    ],
)
async def test_room_is_what_the_scheduler_has_not_granted(need: Need, says: str) -> None:
    answer = await roomy().ask("…", reading=replace(reading(Intent.CAPACITY), need=need))
    assert answer.summary.startswith(says)
    assert answer.agent is AgentName.INFRA_ENGINEER


async def test_room_after_a_kill_counts_what_it_frees() -> None:
    world = roomy()
    listing = Understanding(Intent.LIST, AgentName.DATA_ENGINEER, Language.EN, query=Query())
    await world.ask("…", reading=listing)
    asked = replace(reading(Intent.CAPACITY), need=Need(60.0), selection=Ranks((1,)))
    answer = await world.ask("…", reading=asked)
    assert answer.summary.startswith("Yes, there is room for 60 cores.")
    assert "as if adhoc_clickstream_join had ended" in answer.summary


async def test_unknown_room_is_no_answer_of_yes_or_no() -> None:
    answer = await World(platform_scene()).ask(
        "…", reading=replace(reading(Intent.CAPACITY), need=Need(1.0))
    )
    assert "unknown" in answer.summary


@pytest.mark.parametrize("wish", list(Wish))
@pytest.mark.parametrize("language", list(Language))
async def test_what_cannot_be_done_is_said_in_one_line(wish: Wish, language: Language) -> None:
    """With what to do instead, and the application's own id and owner where it was named."""
    world = World(platform_scene())
    await world.ask("top", reading=replace(reading(Intent.LIST), agent=AgentName.DATA_ENGINEER))
    asked = replace(reading(Intent.UNSUPPORTED), wish=wish, selection=Ranks((3,)))
    text = "안 되나" if language is Language.KO else "please"
    answer = await world.ask(text, reading=asked)
    (line,) = answer.parts
    assert isinstance(line, Paragraph)
    assert answer.intent is Intent.UNSUPPORTED
    if wish is Wish.MOVE:
        assert "application_1763776800000_0031" in answer.summary
        assert "carol" in answer.summary


async def alerted() -> World:
    world = World(platform_scene(97.0))
    await world.conversations.investigate(
        Alert(
            "k",
            AlertStatus.FIRING,
            "CPU high",
            "CPU high",
            CHANNEL,
            world.thread,
            world.thread,
            NOW,
        )
    )
    return world


@pytest.mark.parametrize("kind", [DraftKind.SUMMARY, DraftKind.HANDOVER, DraftKind.POSTMORTEM])
async def test_a_draft_holds_what_the_thread_knows(kind: DraftKind) -> None:
    world = await alerted()
    kill = replace(reading(Intent.KILL), agent=AgentName.DATA_ENGINEER, selection=Ranks((1,)))
    await world.ask("kill 1", reading=kill)
    world.proposals.carry_out()
    answer = await world.ask("…", reading=replace(reading(Intent.DRAFT), draft=kind))
    said = text_of(answer)
    assert "alert: CPU high (CPU 97%)" in said
    assert "killed adhoc_clickstream_join" in said
    assert "Now (" in said
    assert answer.intent is Intent.DRAFT


async def test_a_message_to_an_owner_names_their_job() -> None:
    world = await alerted()
    asked = replace(reading(Intent.DRAFT), draft=DraftKind.OWNER, selection=Ranks((3,)))
    answer = await world.ask("…", reading=asked)
    assert text_of(answer).startswith("Hi carol,")
    assert "ml_train_ctr (application_1763776800000_0031" in text_of(answer)


async def test_a_message_to_nobody_is_asked_about() -> None:
    asked = replace(reading(Intent.DRAFT), draft=DraftKind.OWNER)
    answer = await (await alerted()).ask("…", reading=asked)
    assert answer.intent is Intent.CLARIFY


async def test_the_record_of_a_day_reaches_beyond_the_thread() -> None:
    world = await alerted()
    kill = replace(reading(Intent.KILL), agent=AgentName.DATA_ENGINEER, selection=Ranks((1,)))
    await world.ask("kill 1", reading=kill)
    today = replace(reading(Intent.AUDIT), window=timedelta(hours=8))
    answer = await world.ask("…", reading=today)
    assert answer.summary.startswith("Nothing was killed since")
    world.proposals.carry_out()
    answer = await world.ask("…", reading=today)
    assert answer.summary.startswith("Killed since")
    assert "adhoc_clickstream_join" in answer.summary
