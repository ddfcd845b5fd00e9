"""Incident scenarios without a model, and with one that says nothing useful."""

from typing import Any

import pytest

from bot.agents.model.client import ModelSettings
from tests.evals.incidents import run, scenarios
from tests.openai.asked import Asked, Reply, call, fill, say
from tests.openai.models import KEY, open_model
from tests.openai.server import OpenAIStandIn

SCENARIOS = scenarios()


def test_there_are_enough_scenarios_and_enough_with_nothing_to_fix() -> None:
    assert len(SCENARIOS) >= 40
    assert sum(item["nothing"] for item in SCENARIOS) >= 8
    assert len({item["id"] for item in SCENARIOS}) == len(SCENARIOS)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda item: f"{item['id']} {item['title']}")
async def test_the_culprit_is_named_and_no_kill_offered_for_nothing(
    scenario: dict[str, Any],
) -> None:
    verdict = await run(scenario)
    assert verdict.right, verdict


async def test_a_model_that_wants_to_kill_changes_no_verdict() -> None:
    def script(asked: Asked) -> Reply:
        if asked.structured:
            return fill(asked, {"intent": "kill", "everything": True})
        if asked.tool_names and not asked.tool_results:
            return call(("get_spark_jobs", {"by": "cpu"}))
        return say("모든 잡을 종료하십시오. Kill every job now. CPU is at 3%.")

    async with OpenAIStandIn(script) as server:
        async with open_model(ModelSettings(KEY, "large", server.url)) as model:
            for scenario in SCENARIOS[::4]:
                assert (await run(scenario, model)).right, scenario["title"]
        assert server.asked
