"""The six tools, as a model's loop and the API call them."""

import json
from dataclasses import replace

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.domain.cluster import ClusterMetrics
from bot.domain.conversation import Turn
from bot.domain.knowledge import Found
from bot.domain.selections import Measure
from bot.errors import FaultKind, Missing
from bot.tools.assembly import build_read_tools
from bot.tools.get_spark_jobs import JobList
from bot.tools.kill_spark_job import KillFacts, kill_tool
from bot.tools.toolbox import TypedTool
from tests.evals.platform import platform_scene
from tests.evals.world import World

SEED_NAMES = [
    "get_cluster_metrics",
    "get_spark_jobs",
    "kill_spark_job",
    "search_operation_manual",
    "search_operation_history",
    "search_internet_info",
]


@pytest.fixture
def world() -> World:
    return World(platform_scene())


def tool_of(world: World, name: str) -> TypedTool:
    turn: Turn = world.turn("list them")
    return next(tool for tool in all_six(world, turn) if tool.name == name)


def all_six(world: World, turn: Turn) -> tuple[TypedTool, ...]:
    return (*build_read_tools(world.tools, turn.channel), kill_tool(world.tools, turn))


def test_they_are_the_six_by_name_and_only_the_kill_is_more_than_a_look(world: World) -> None:
    tools = all_six(world, world.turn("hello"))
    assert sorted(tool.name for tool in tools) == sorted(SEED_NAMES)
    assert "kill_spark_job" not in [tool.name for tool in build_read_tools(world.tools, "C1")]


@pytest.mark.parametrize("name", SEED_NAMES)
def test_each_tells_its_arguments_and_its_result_as_schemas(world: World, name: str) -> None:
    tool = tool_of(world, name)
    assert tool.description
    assert TypeAdapter(tool.result).json_schema(mode="serialization")["description"]
    assert tool.get_input_jsonschema()["type"] == "object"


async def test_a_value_is_typed_and_its_text_is_the_value_as_json(world: World) -> None:
    tool = tool_of(world, "get_cluster_metrics")
    value = await tool.value({})
    assert isinstance(value, ClusterMetrics)
    text = await tool.ainvoke({})
    assert json.loads(text)["cpu"]["percent"] == 91.0
    assert TypeAdapter(tool.result).validate_json(text) == value


async def test_a_list_is_ordered_filtered_and_cut_as_asked(world: World) -> None:
    tool = tool_of(world, "get_spark_jobs")
    heaviest = await tool.value({"by": "memory", "count": 2})
    assert isinstance(heaviest, JobList)
    assert heaviest.listing.by is Measure.MEMORY
    assert [row.rank for row in heaviest.listing.rows] == [1, 2]
    assert heaviest.matching == len(world.scene.applications)
    user = world.scene.applications[0].user
    own = await tool.value({"user": user})
    assert {row.user for row in own.listing.rows} == {user}
    with pytest.raises(ValidationError):
        await tool.value({"count": 1_000})


async def test_a_search_gives_passages_or_says_why_it_cannot(world: World) -> None:
    assert isinstance(
        await tool_of(world, "search_operation_manual").value({"question": "x"}), Found
    )
    web = await tool_of(world, "search_internet_info").value({"question": "spark gc"})
    assert web.missing.kind is FaultKind.NOT_CONFIGURED


async def test_the_line_for_the_log_stays_inside(world: World) -> None:
    missing = (Missing("yarn", FaultKind.UNREACHABLE, "http://rm-1.internal:8088"),)
    world.scene.metrics = replace(world.scene.metrics, missing=missing)
    told = await tool_of(world, "get_cluster_metrics").ainvoke({})
    assert "unreachable" in told
    assert "internal" not in told


async def test_a_kill_is_a_proposal_in_the_askers_name(world: World) -> None:
    first = world.scene.applications[0]
    facts = await tool_of(world, "kill_spark_job").value({"applications": [first.ref.id]})
    assert isinstance(facts, KillFacts)
    (request,) = world.proposals.made
    assert [target.ref for target in request.targets] == [first.ref]
    assert request.requester == "U0ASKER"
    assert facts.proposal is not None
    assert facts.proposal.votes == ()


async def test_one_unknown_id_proposes_nothing(world: World) -> None:
    first = world.scene.applications[0].ref.id
    facts = await tool_of(world, "kill_spark_job").value(
        {"applications": [first, "application_1_9"]}
    )
    assert facts.refused == "unknown_application"
    assert world.proposals.made == []
