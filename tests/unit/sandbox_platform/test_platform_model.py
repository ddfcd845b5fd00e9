"""The model and its scenarios: determinism, history, what a kill does."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.platform import ScenarioError, load
from bot.sandbox.platform.model import PlatformModel, UnknownApplicationError
from tests.platforms import from_platform_json, many

EPOCH = 1_772_442_000.0
RUNAWAYS = ("adhoc_clickstream_join", "etl_orders_merge")


def model(name: str = "incident", seed: int = 1) -> PlatformModel:
    return PlatformModel(load(name), EPOCH, seed)


def kill_runaways(platform: PlatformModel, at: float) -> None:
    for name in RUNAWAYS:
        platform.kill(platform.named(name, at).id, "dangjik", at)


@given(st.integers(0, 10_000), st.floats(-7200, 7200))
def test_the_same_seed_and_events_give_the_same_figures(seed: int, offset: float) -> None:
    first, second = model(seed=seed), model(seed=seed)
    for platform in (first, second):
        platform.start_incident(EPOCH)
    assert first.usage(EPOCH + offset) == second.usage(EPOCH + offset)


@given(st.integers(0, 10_000), st.floats(-7200, 7200))
def test_calm_stays_calm_and_the_incident_stays_an_incident(seed: int, offset: float) -> None:
    """Every application breathes by itself: one time in many thousand they all breathe in."""
    platform = model(seed=seed)
    assert 40 < platform.cpu_percent(EPOCH + offset) < 75
    platform.start_incident(EPOCH)
    assert platform.cpu_percent(EPOCH + 20 + abs(offset)) > 91
    kill_runaways(platform, EPOCH + 100)
    assert platform.cpu_percent(EPOCH + 103 + abs(offset)) < 60


@given(st.integers(0, 10_000), st.floats(-3600, 3600))
def test_no_machine_gives_more_than_it_has(seed: int, offset: float) -> None:
    platform = model(seed=seed)
    platform.start_incident(EPOCH)
    usage = platform.usage(EPOCH + offset)
    assert max(usage.nodes) <= 32
    assert sum(usage.applications.values()) <= sum(usage.nodes) + 1e-6
    assert all(memory <= 131_072 for _, memory, _ in platform.granted_per_node(EPOCH + 60))


def test_cores_come_free_only_when_the_containers_are_gone() -> None:
    platform = model()
    platform.start_incident(EPOCH)
    kill_runaways(platform, EPOCH + 60)
    assert platform.cpu_percent(EPOCH + 60.9) > 90
    assert platform.cpu_percent(EPOCH + 61.4) < 60


def test_history_is_not_changed_by_a_kill() -> None:
    platform = model()
    platform.start_incident(EPOCH)
    before = platform.usage(EPOCH + 50)
    kill_runaways(platform, EPOCH + 60)
    assert platform.usage(EPOCH + 50) == before


def test_the_scheduler_starts_a_killed_application_again_once() -> None:
    platform = model("relaunch")
    platform.start_incident(EPOCH)
    first = platform.named("etl_orders_merge", EPOCH + 60)
    platform.kill(first.id, "dangjik", EPOCH + 60)
    assert platform.named("etl_orders_merge", EPOCH + 65).id == first.id
    again = platform.named("etl_orders_merge", EPOCH + 67)
    assert again.id != first.id
    assert (again.spec.user, again.state(EPOCH + 70)) == (first.spec.user, "RUNNING")
    platform.kill(again.id, "dangjik", EPOCH + 80)
    assert platform.named("etl_orders_merge", EPOCH + 500).id == again.id


def test_a_waiting_application_of_the_queue_moves_up_after_a_kill() -> None:
    platform = model()
    waiting = platform.named("adhoc_ltv_query", EPOCH)
    assert waiting.state(EPOCH + 1000) == "ACCEPTED"
    platform.kill(platform.named("adhoc_clickstream_join", EPOCH).id, "dangjik", EPOCH)
    assert [waiting.state(EPOCH + second) for second in (29, 31)] == ["ACCEPTED", "RUNNING"]


def test_executors_of_a_runaway_grow_in_number() -> None:
    platform = model()
    platform.start_incident(EPOCH)
    row = platform.named("adhoc_clickstream_join", EPOCH)
    counts = [row.containers(EPOCH + second) for second in (0, 5, 10, 15, 60)]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (2, 13)


def test_the_evaluation_platform_keeps_its_ids_and_serves_yarn_only(tmp_path: Path) -> None:
    path = tmp_path / "platform.json"
    path.write_text(
        '{"cluster": "c", "nodes": 2, "vcores_per_node": 8, "memory_mb_per_node": 16384,'
        ' "applications": [{"id": "application_1_0042", "name": "a", "user": "u", "queue": "q",'
        ' "vcores": 5, "memory_mb": 1024, "minutes_running": 3, "type": "SPARK",'
        ' "protected": true}]}'
    )
    scenario = from_platform_json(path)
    platform = PlatformModel(scenario, EPOCH)
    row = platform.find("application_1_0042", EPOCH)
    assert (row.granted(EPOCH), row.started_s) == ((5, 1024), EPOCH - 180)
    assert (scenario.protected, scenario.prometheus) == (("a",), False)


def test_a_large_cluster_runs_as_many_applications_as_asked() -> None:
    platform = PlatformModel(many(10_000, 1_000), EPOCH)
    assert len(platform.applications(EPOCH)) == 10_000
    assert 40 < platform.cpu_percent(EPOCH) < 90


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ScenarioError, match="calm, incident"):
        load("storm")
    with pytest.raises(UnknownApplicationError):
        model().find("application_1_1", EPOCH)
    with pytest.raises(UnknownApplicationError):
        model().named("nothing", EPOCH)
