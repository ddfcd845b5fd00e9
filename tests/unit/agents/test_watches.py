"""A promise is kept once, in its thread, when what was waited for has come true."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.agents.templates.wording import Wording
from bot.domain.cluster import Gauge, QueueUsage, Room
from bot.domain.conversation import (
    LASTS,
    AgentName,
    Intent,
    Need,
    Query,
    Understanding,
    Watch,
    WatchFor,
    WatchKind,
)
from bot.domain.language import Language
from bot.domain.selections import Ranks, Selection
from bot.services.jobs import tell_watches
from tests.evals.platform import platform_scene
from tests.evals.world import NOW, World

LATER = NOW + timedelta(minutes=20)


class MemoryWatches:
    def __init__(self) -> None:
        self.kept: dict[str, Watch] = {}
        self.ended: dict[str, str] = {}

    async def add(self, watch: Watch) -> None:
        self.kept.setdefault(watch.id, watch)

    async def open(self) -> tuple[Watch, ...]:
        return tuple(watch for id_, watch in self.kept.items() if id_ not in self.ended)

    async def in_thread(self, channel: str, thread_ts: str) -> tuple[Watch, ...]:
        return await self.open()

    async def close(self, id_: str, state: str) -> bool:
        return self.ended.setdefault(id_, state) is state


class Outlet:
    def __init__(self) -> None:
        self.told: list[str] = []

    async def put(self, watch: Watch, words: Wording) -> None:
        self.told.append(words.summary)


class Waiting:
    """A thread that waits, and the round that looks."""

    def __init__(self) -> None:
        self.world = World(platform_scene(97.0))
        self.rows, self.outlet = MemoryWatches(), Outlet()
        self.world.tools = replace(self.world.tools, watches=self.rows)
        self.world.conversations = self.world._built(None)

    async def wait_for(self, wanted: WatchFor, selection: Selection | None = None) -> str:
        listing = Understanding(Intent.LIST, AgentName.NONE, Language.EN, query=Query())
        await self.world.ask("…", reading=listing)
        reading = Understanding(
            Intent.WATCH, AgentName.NONE, Language.EN, selection=selection, watch=wanted
        )
        return (await self.world.ask("…", reading=reading)).summary

    async def look(self, at: datetime = LATER) -> int:
        return await tell_watches(self.world.tools, self.outlet.put, lambda: at)

    def cpu(self, percent: float) -> None:
        scene = self.world.scene
        scene.metrics = replace(scene.metrics, cpu=Gauge(percent))


async def test_it_is_told_once_when_it_comes_true() -> None:
    room = Waiting()
    said = await room.wait_for(WatchFor(WatchKind.CPU_BELOW, 80.0))
    assert said.startswith("I will say so here, once, when CPU falls below 80%.")
    assert await room.look() == 0
    room.cpu(71.0)
    assert [await room.look(), await room.look()] == [1, 0]
    assert room.outlet.told == ["CPU is at 71%, below 80%."]


async def test_what_is_so_already_is_said_at_once() -> None:
    room = Waiting()
    said = await room.wait_for(WatchFor(WatchKind.CPU_ABOVE, 90.0))
    assert said.startswith("That is so already. CPU is at 97%")
    assert room.rows.kept == {}


async def test_an_application_s_end_and_return_are_seen() -> None:
    room = Waiting()
    await room.wait_for(WatchFor(WatchKind.ENDED), Ranks((2,)))
    await room.wait_for(WatchFor(WatchKind.RELAUNCHED), Ranks((2,)))
    scene = room.world.scene
    ended = next(item for item in scene.applications if item.name == "daily_user_features")
    scene.applications = tuple(item for item in scene.applications if item is not ended)
    assert await room.look() == 1
    again = replace(ended, ref=replace(ended.ref, id="application_9_0001"), started_at=LATER)
    scene.applications = (*scene.applications, again)
    assert await room.look() == 1
    assert room.outlet.told == [
        "daily_user_features has ended.",
        "daily_user_features runs again: application_9_0001.",
    ]


async def test_room_in_a_queue_is_waited_for() -> None:
    room = Waiting()
    metrics = room.world.scene.metrics
    full = replace(metrics, room=Room(160.0, 40.0), queues=(QueueUsage("etl", 60.0, 40.0, 60.0),))
    room.world.scene.metrics = full
    await room.wait_for(WatchFor(WatchKind.ROOM, need=Need(10.0, queue="etl")))
    assert await room.look() == 0
    room.world.scene.metrics = replace(full, queues=(QueueUsage("etl", 20.0, 40.0, 60.0),))
    assert await room.look() == 1
    assert room.outlet.told == ["There is room for 10 cores in queue etl."]


@pytest.mark.parametrize("missing", [True, False])
async def test_a_missing_figure_is_no_figure(missing: bool) -> None:
    room = Waiting()
    await room.wait_for(WatchFor(WatchKind.CPU_BELOW, 80.0))
    room.world.scene.metrics = replace(room.world.scene.metrics, cpu=None if missing else Gauge(1))
    assert await room.look() == (0 if missing else 1)


async def test_it_expires_and_is_cancelled_by_words() -> None:
    room = Waiting()
    await room.wait_for(WatchFor(WatchKind.CPU_BELOW, 80.0))
    await room.wait_for(WatchFor(WatchKind.MEMORY_BELOW, 50.0))
    assert await room.look(NOW + LASTS) == 0
    assert set(room.rows.ended.values()) == {"expired"}
    await room.wait_for(WatchFor(WatchKind.CPU_BELOW, 70.0))
    cancel = Understanding(Intent.CANCEL, AgentName.NONE, Language.EN)
    assert (await room.world.ask("…", reading=cancel)).summary == "I stopped watching (1)."
    room.cpu(1.0)
    assert await room.look() == 0
