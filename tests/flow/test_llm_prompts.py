"""What is put before a model: no secret, no configuration, few rows, and others' text in fences."""

import json
import re
from pathlib import Path
from typing import Any

from bot.agents.model.client import ModelSettings
from bot.settings import secrets_of
from tests.evals.platform import platform_scene
from tests.evals.world import World as Thread
from tests.flow.test_incident import begin, first_reply, incident, said_by_alertmanager
from tests.flow.world import world
from tests.openai.asked import Asked, Reply, call, fill, say
from tests.openai.models import KEY, open_model
from tests.openai.server import OpenAIStandIn

SECRETS = {
    "openai_api_key": KEY,
    "tavily_api_key": "tvly-secret-4711",
    "spark_master_token": "spark-secret-0815",
}
QUESTIONS = (
    "현재 클러스터 가동율 알려줘?",
    "spark 잡 20개 보여줘",
    "1번 자세히 알려줘",
    "1번 죽이면 얼마나 내려가?",
    "왜 이렇게 높아?",
    "클러스터 가동율이 높을때 어떻게 해야되?",
    "비밀번호는 password=hunter22 이고 토큰은 xoxb-1234-abcd 인데 zzkq vlrm tntn",
    "1번 죽여줘",
)
TYPED = ("hunter22", "xoxb-1234-abcd")
ROW = re.compile(r"^\d+\. ", re.MULTILINE)
FENCED = re.compile(r"\[(?P<marker>[0-9a-f]{12})\n.*?\n(?P=marker)\]", re.DOTALL)
NAMES = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")  # of settings and environment variables


def curious(asked: Asked) -> Reply:
    """Read orders as a kill of the first row, and look at everything there is."""
    if asked.structured:
        return fill(asked, {"intent": "kill", "ranks": [1]})
    if asked.tool_names and not asked.tool_results:
        question = {"question": "high CPU"}
        searches = [(name, question) for name in asked.tool_names if name.startswith("search")]
        return call(("get_cluster_metrics", {}), ("get_spark_jobs", {"by": "memory"}), *searches)
    return say("-")


def told(asked: Asked) -> str:
    """Return everything a request carries."""
    return json.dumps(asked.body, ensure_ascii=False)


def all_kinds(server: OpenAIStandIn) -> bool:
    """Tell whether the model was asked to read, and to answer after tools of its own choice."""
    read = any(asked.structured for asked in server.asked)
    return read and any(asked.tool_results for asked in server.asked)


async def test_no_secret_and_no_configuration_reaches_a_model(tmp_path: Path) -> None:
    """Of the settings, not one value and not one name; a secret typed by a person is cut out."""
    async with OpenAIStandIn(curious) as server:
        settings: dict[str, Any] = {**SECRETS, "openai_base_url": server.url, "embeddings": "local"}
        async with world(tmp_path, incident(), documents=True, **settings) as at, at.product():
            begin(at)
            thread = said_by_alertmanager(at, "firing")
            await first_reply(at, thread)
            for question in QUESTIONS:
                await at.ask(f"@당직 {question}", thread)
            said = [told(each) for each in server.asked]
            addresses = [at.slack.api_url, at.platform.yarn_url, at.platform.prometheus_url]
            values = (*secrets_of(at.settings), *TYPED, *addresses, server.url, str(tmp_path))
    assert all_kinds(server)
    for prompt in said:
        assert not [value for value in values if value and value in prompt]
        assert not NAMES.findall(prompt)


async def test_a_prompt_has_at_most_20_rows_and_fences_all_that_others_wrote() -> None:
    """Whatever the cluster runs; outside of the fences stands nothing but our own words."""
    scene = platform_scene(rows=500)
    async with (
        OpenAIStandIn(curious) as server,
        open_model(ModelSettings(KEY, "large", server.url)) as model,
    ):
        thread = Thread(scene, model)
        for question in QUESTIONS:
            await thread.ask(question)
    names = {each.name for each in scene.applications} | {each.user for each in scene.applications}
    assert all_kinds(server)
    for asked in server.asked:
        for message in (each for each in asked.messages if each["role"] in {"user", "tool"}):
            text = message["content"]
            listed = {each.name for each in scene.applications if each.name in text}
            assert len(ROW.findall(text)) <= 20
            assert text.count('"rank"') <= 20
            assert len(listed) <= 20
            bare = FENCED.sub("", text)
            assert not [name for name in names if name in bare], bare
            assert not [question for question in QUESTIONS if question in bare]
