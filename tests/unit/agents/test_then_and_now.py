"""The present against an earlier time, and what could be given up: facts and words."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.agents.infra_engineer import ended, movers, shifted
from bot.domain.answers import Answer, Buttons, Table
from bot.domain.applications import Basis, RunningApplications
from bot.domain.cluster import Gauge, NodeUsage, PastUsage, Window
from bot.domain.conversation import Intent
from bot.errors import FaultKind, Missing
from bot.handlers.views.answer import render
from bot.handlers.views.blocks import plain_text
from tests.evals.platform import busy, platform_scene
from tests.evals.world import NOW, Scene, World

HOUR = timedelta(hours=1)


def measured() -> Scene:
    """Return the platform with every application measured, and the hour before it."""
    scene = platform_scene()
    scene.applications = tuple(
        replace(item, used_cores=item.granted_cores) for item in scene.applications
    )
    scene.earlier = {item.ref.id: item.cores or 0.0 for item in scene.applications}
    first = scene.applications[0].ref.id
    scene.earlier = {**scene.earlier, first: 6.0, "application_1_0001": 12.0}
    scene.past = past
    return scene


def past(at: datetime) -> PastUsage:
    nodes = (NodeUsage("worker-1", 60.0), NodeUsage("worker-2", 88.0))
    applications = platform_scene().applications
    cores = {item.ref.id: item.cores or 0.0 for item in applications} | {"application_1_0001": 12.0}
    return PastUsage(at, Window(at, at, 55.0, 62.0, 70.0), 66.0, nodes, cores)


def words(answer: Answer) -> str:
    return plain_text(render(answer, answer.language).blocks)


@pytest.mark.parametrize(
    ("text", "changed", "around"),
    [
        ("어제 이 시간이랑 비교해줘", "62%에서 91%로 올라갔습니다(+29%p)", "05-03 17:00 KST"),
        ("compare with an hour ago", "up from 62% to 91% (+29 points)", "05-04 16:00 KST"),
    ],
)
async def test_then_and_now_are_both_told(text: str, changed: str, around: str) -> None:
    """With the time they were measured at, memory, the nodes and the jobs that moved."""
    answer = await World(measured()).ask(text)
    assert answer.intent is Intent.COMPARE
    told = words(answer)
    for each in (changed, around, "66% → 71%", "worker-1", "12"):
        assert each in told
    assert sum(isinstance(part, Table) for part in answer.parts) == 2


async def test_without_a_measurement_nothing_is_compared() -> None:
    """The present is told, and why the past is not."""
    scene = platform_scene()
    answer = await World(scene).ask("어제 이 시간이랑 비교해줘")
    assert "91%" in words(answer)
    assert "비교할 수 없습니다" in words(answer)
    gone = (Missing("prometheus", FaultKind.NOT_CONFIGURED),)
    scene.past = lambda at: PastUsage(at, missing=gone)
    assert "PROMETHEUS_URL" in words(await World(scene).ask("compare with yesterday"))


async def test_granted_is_not_compared_with_measured() -> None:
    """A share of granted cores and a measured percentage are two different things."""
    scene = measured()
    scene.metrics = replace(busy(91.0, 9), cpu=Gauge(91.0, Basis.GRANTED))
    told = words(await World(scene).ask("compare with yesterday"))
    assert "not compared with the 62%" in told
    assert "up from" not in told


def test_only_what_was_measured_at_both_times_has_moved() -> None:
    """An application that had not started is new; one not seen then is left out."""
    scene = measured()
    snapshot = RunningApplications(NOW, scene.applications, 160.0)
    first, second = scene.applications[:2]
    then = NOW - (first.running_for(NOW) or timedelta()) - timedelta(minutes=1)
    usage = PastUsage(then, cores={"application_1_0001": 3.0})
    assert all(one.before is None for one in movers(snapshot, usage))
    now_running = PastUsage(NOW, cores={first.ref.id: 6.0})
    assert [(one.name, one.before) for one in movers(snapshot, now_running)] == [(first.name, 6.0)]
    assert movers(snapshot, PastUsage(NOW)) == ()
    assert second.name not in {one.name for one in movers(snapshot, now_running)}


def test_small_shifts_are_noise_and_a_partial_list_ends_nothing() -> None:
    """Under three points a node has not changed; what is not readable has not ended."""
    metrics = replace(busy(91.0, 9), nodes=(NodeUsage("a", 50.0), NodeUsage("b", 70.0)))
    usage = PastUsage(NOW, nodes=(NodeUsage("a", 49.0), NodeUsage("b", 40.0)))
    assert shifted(metrics, usage) == (("b", 40.0, 70.0),)
    torn = RunningApplications(NOW, (), missing=(Missing("yarn", FaultKind.TIMEOUT),))
    assert ended(torn, {"application_1_0001": 3.0}) == (0, 0.0)


async def test_the_runaway_of_this_queue_goes_first_and_may_be_proposed() -> None:
    """Without a list in the thread, "this queue" is that of the one runaway."""
    world = World(measured())
    answer = await world.ask("이 큐에서 줄여도 되는 잡은?")
    assert answer.intent is Intent.LIST
    assert "adhoc 큐" in answer.summary
    assert "adhoc_clickstream_join" in answer.summary
    assert _offers(answer) == 1
    assert world.proposals.made == []
    card = await world.ask("1번 죽여줘")
    assert card.intent is Intent.KILL
    assert [item.name for item in world.proposals.made[0].targets] == ["adhoc_clickstream_join"]


async def test_where_nothing_is_out_of_hand_the_owners_are_to_be_asked() -> None:
    """The heaviest come first, no kill is offered, protected ones are left out by name."""
    scene = measured()
    scene.protected = ("name:hourly_sessionize",)
    answer = await World(scene).ask("which jobs in the etl queue could we cut?")
    assert _offers(answer) == 0
    assert "ask the owners" in answer.summary
    assert "Left out because protected: hourly_sessionize" in words(answer)


async def test_a_queue_that_could_be_any_is_asked_back() -> None:
    """Calm, nothing listed: which queue "this" is cannot be known."""
    scene = measured()
    scene.metrics = replace(busy(40.0, 9), queues=())
    answer = await World(scene).ask("이 큐에서 줄여도 되는 잡은?")
    assert "어느 큐" in answer.summary


def _offers(answer: Answer) -> int:
    rows = [part for part in answer.parts if isinstance(part, Buttons)]
    return sum(button.action == "propose_kill" for row in rows for button in row.buttons)
