"""A thread answered with a model: what it adds, what it may not do, what happens without it."""

import json
import re
from collections.abc import AsyncIterator

import pytest

from bot.agents.model.client import ModelSettings
from bot.domain.answers import Answer, Buttons, Note, Paragraph
from bot.domain.conversation import Intent
from tests.evals.platform import platform_scene
from tests.evals.world import World
from tests.openai.asked import Asked, Reply, call, fail, fill, say
from tests.openai.models import KEY, open_model
from tests.openai.server import OpenAIStandIn

CHARACTERS_A_TOKEN = 3  # of prompts that are English and JSON for the most part
SEED_QUESTIONS = (
    "현재 클러스터 가동율 알려줘?",
    "리소스를 많이 사용하는 spark 잡 3개 추출해줘?",
    "클러스터 가동율이 높을때 어떻게 해야되?",
    "이 중에서 상위 2개 spark 잡 Kill 해줘?",
    "클러스터 사용율이 떨어졌는지 확인해줘?",
)


@pytest.fixture
async def server() -> AsyncIterator[OpenAIStandIn]:
    async with OpenAIStandIn() as running:
        yield running


@pytest.fixture
async def world(server: OpenAIStandIn) -> AsyncIterator[World]:
    settings = ModelSettings(KEY, "large", server.url, call_seconds=4.0)
    async with open_model(settings) as model:
        yield World(platform_scene(rows=500), model)


def words_of(answer: Answer) -> str:
    return json.dumps(
        [part.spans[0].text for part in answer.parts if isinstance(part, Paragraph)]
        + [part.text for part in answer.parts if isinstance(part, Note)],
        ensure_ascii=False,
    )


def reads(**reading: object) -> object:
    def script(asked: Asked) -> Reply:
        return fill(asked, reading) if asked.structured else say("-")

    return script


async def test_prose_stands_above_the_table_when_the_evidence_says_it(
    server: OpenAIStandIn,
    world: World,
) -> None:
    server.script = lambda _asked: say("CPU 사용률은 91%로 높습니다. 지난주에는 40%였습니다.")
    answer = await world.ask("현재 클러스터 가동율 알려줘?")
    assert answer.llm
    assert "CPU 사용률은 91%로 높습니다." in words_of(answer)
    assert "40%였습니다" not in words_of(answer)


async def test_the_five_seed_questions_stay_within_their_cost(
    server: OpenAIStandIn, world: World
) -> None:
    def script(asked: Asked) -> Reply:
        return fill(asked, {"intent": "kill", "top": 2}) if asked.structured else say("-")

    server.script = script
    for question in SEED_QUESTIONS:
        assert (await world.ask(question)).intent is not Intent.CLARIFY
    assert len(server.asked) <= 10
    told = [json.dumps(asked.body, ensure_ascii=False) for asked in server.asked]
    assert sum(map(len, told)) / CHARACTERS_A_TOKEN <= 12_000
    (request,) = world.proposals.made
    assert [target.name for target in request.targets] == [
        "adhoc_clickstream_join",
        "daily_user_features",
    ]


async def test_a_kill_both_readers_agree_on_becomes_a_card(
    server: OpenAIStandIn, world: World
) -> None:
    await world.ask("상위 5개 잡 보여줘")
    server.script = reads(intent="kill", ranks=[1, 3])  # type: ignore[assignment]
    answer = await world.ask("1번이랑 3번 죽여줘")
    assert answer.intent is Intent.KILL
    assert [target.ref.id[-4:] for target in world.proposals.made[0].targets] == ["0042", "0031"]


@pytest.mark.parametrize(
    "reading",
    [
        {"intent": "kill", "ranks": [2]},
        {"intent": "kill", "top": 3},
        {"intent": "kill", "everything": True},
        {"intent": "kill", "ranks": [19]},
        {"intent": "kill"},
        {"intent": "what_if", "ranks": [1]},
        {"intent": "status"},
        {"intent": "cancel"},
    ],
)
async def test_readers_that_disagree_on_a_kill_make_the_bot_ask(
    server: OpenAIStandIn, world: World, reading: dict[str, object]
) -> None:
    await world.ask("상위 5개 잡 보여줘")
    server.script = reads(**reading)  # type: ignore[assignment]
    answer = await world.ask("1번 죽여줘")
    assert answer.intent is Intent.CLARIFY
    assert not world.proposals.made
    (buttons,) = [part for part in answer.parts if isinstance(part, Buttons)]
    assert buttons.buttons[0].action == "propose_kill"
    assert "application_1763776800000_0042" in buttons.buttons[0].value


async def test_without_an_answer_from_the_model_the_grammar_alone_makes_the_card(
    server: OpenAIStandIn,
    world: World,
) -> None:
    server.script = lambda _asked: fail(500)
    listed = await world.ask("상위 3개 잡 보여줘")
    answer = await world.ask("상위 2개 종료해줘")
    assert not listed.llm
    assert "AI 문장 없이 답했습니다" in words_of(listed)
    assert answer.intent is Intent.KILL
    assert len(world.proposals.made[0].targets) == 2


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (fail(500), "서버 오류"),
        (fail(429), "서버가 요청을 제한함"),
        (fail(401), "서버가 키를 거절함"),
        (Reply(fault="hang"), "제때 응답하지 않음"),
        (Reply(fault="drop"), "서버에 닿지 않음"),
        (say(""), "쓸 수 있는 답을 주지 않음"),
    ],
    ids=lambda item: str(item)[:30],
)
async def test_one_quiet_line_says_why_the_model_has_no_part(
    server: OpenAIStandIn, world: World, fault: Reply, why: str
) -> None:
    server.script = lambda _asked: fault
    notes = [
        part.text for part in (await world.ask(SEED_QUESTIONS[0])).parts if isinstance(part, Note)
    ]
    assert notes.count(f"AI 문장 없이 답했습니다({why}).") == 1


async def test_a_fallback_model_that_stands_in_is_told(server: OpenAIStandIn) -> None:
    """For words and for a reading; once the first is well again, nothing is said."""

    def script(asked: Asked) -> Reply:
        if asked.model == "large":
            return fail(503)
        kill = {"intent": "kill", "top": 2}
        return fill(asked, kill) if asked.structured else say("CPU 사용률은 91%로 높습니다.")

    server.script = script
    async with open_model(ModelSettings(KEY, "large", server.url, "small")) as model:
        world = World(platform_scene(), model)
        status = await world.ask(SEED_QUESTIONS[0])
        await world.ask("상위 3개 잡 보여줘")
        killed = await world.ask("상위 2개 종료해줘")
        for answer in (status, killed):
            assert "예비 모델이 대신 답했습니다." in words_of(answer)
        assert killed.intent is Intent.KILL
        assert status.llm


async def test_a_question_the_grammar_cannot_read_is_read_by_the_model(
    server: OpenAIStandIn,
    world: World,
) -> None:
    server.script = reads(intent="list", count=3)  # type: ignore[assignment]
    answer = await world.ask("the three from before, in a row")
    assert answer.intent is Intent.LIST
    assert len(answer.applications) == 3
    assert "목록" in words_of(answer) or "list" in words_of(answer)


async def test_a_kill_only_the_model_sees_is_asked_about(
    server: OpenAIStandIn, world: World
) -> None:
    await world.ask("상위 5개 잡 보여줘")
    server.script = reads(intent="kill", ranks=[1])  # type: ignore[assignment]
    answer = await world.ask("the three from before, in a row")
    assert answer.intent is Intent.CLARIFY
    assert not world.proposals.made


async def test_a_diagnosis_looks_further_and_is_checked(
    server: OpenAIStandIn, world: World
) -> None:
    def script(asked: Asked) -> Reply:
        if not asked.tool_results:
            return call(
                ("get_spark_jobs", {"by": "memory"}),
                ("search_operation_manual", {"question": "high CPU"}),
            )
        return say("adhoc_clickstream_join uses 35% of all cores. The NameNode is broken.")

    server.script = script
    answer = await world.ask("why is CPU so high?")
    assert answer.intent is Intent.DIAGNOSE
    assert answer.llm
    assert "adhoc_clickstream_join uses 35% of all cores." in words_of(answer)
    assert "NameNode" not in words_of(answer)
    assert set(server.asked[0].tool_names) == {
        "get_cluster_metrics",
        "get_spark_jobs",
        "search_operation_manual",
        "search_operation_history",
        "search_internet_info",
    }
    assert not server.refused


async def test_prompts_fence_what_comes_from_outside_and_hold_at_most_20_rows(
    server: OpenAIStandIn,
    world: World,
) -> None:
    await world.ask("spark 잡 20개 보여줘")
    server.script = reads(intent="kill", ranks=[1])  # type: ignore[assignment]
    await world.ask("1번 죽여줘")
    asked = [item for item in server.asked if item.structured]
    assert asked
    for item in asked:
        marker = item.messages[0]["content"].rpartition("between [")[2].split(" ")[0]
        assert item.messages[1]["content"].count(marker) >= 4
        assert len(re.findall(r"^\d+\. ", item.prompt, re.MULTILINE)) == 20
        assert "sk-test" not in item.prompt
        assert "application_" not in item.prompt
    markers = {item.messages[0]["content"].rpartition("between [")[2][:12] for item in server.asked}
    assert len(markers) == len(server.asked)


async def test_a_provider_that_fails_in_an_incident_is_missed_by_nobody_and_noticed_when_back(
    server: OpenAIStandIn,
) -> None:
    now = [1000.0]
    async with open_model(ModelSettings(KEY, "large", server.url), lambda: now[0]) as model:
        world = World(platform_scene(), model)
        server.script = lambda _asked: say("CPU 사용률은 91%로 높습니다.")
        assert (await world.ask("현재 클러스터 가동율 알려줘?")).llm
        server.script = lambda _asked: fail(503)
        assert len((await world.ask("상위 3개 잡 보여줘")).applications) == 3
        card = await world.ask("상위 2개 종료해줘")
        assert card.proposal_id == world.proposals.stored[0].id
        world.proposals.carry_out()
        compared = await world.ask("클러스터 사용율이 떨어졌는지 확인해줘?")
        assert compared.intent is Intent.COMPARE
        assert not compared.llm
        server.script = lambda _asked: say("CPU 사용률은 91%로 높습니다.")
        now[0] += 61
        assert (await world.ask("현재 클러스터 가동율 알려줘?")).llm
