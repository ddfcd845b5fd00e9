"""MCP with the official client, over HTTP and stdio: the seed's five questions, and a kill."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import httpx2
import mcp_types as mcp
import pytest
from mcp.client.client import Client
from mcp.client.extension import ClaimContext, ClientExtension, ResultClaim
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER
from tests.flow.gateway import Gateway, gateway
from tests.flow.world import payload_of

ROOT = Path(__file__).parents[2]
QUESTIONS = {
    "ko": {
        "현재 클러스터 가동율 알려줘?": "status",
        "리소스를 많이 사용하는 spark 잡 3개 추출해줘?": "list",
        "클러스터 가동율이 높을때 어떻게 해야되?": "how_to",
        "이 중에서 상위 2개 spark 잡 Kill 해줘?": "kill",
        "클러스터 사용율이 떨어졌는지 확인해줘?": "compare",
    },
    "en": {
        "how busy is the cluster right now?": "status",
        "show me the top 3 spark jobs": "list",
        "what should I do when utilization is high?": "how_to",
        "kill the top 2": "kill",
        "did the CPU go down?": "compare",
    },
}
READS = {
    "get_cluster_metrics",
    "get_spark_jobs",
    "search_operation_manual",
    "search_operation_history",
    "search_internet_info",
}


@asynccontextmanager
async def over_http(at: Gateway, name: str, **more: Any) -> AsyncIterator[Client]:
    """Connect with a caller's token."""
    headers = {"Authorization": f"Bearer {at.tokens[name]}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{at.url}/mcp", http_client=http), **more) as client,
    ):
        yield client


@asynccontextmanager
async def over_stdio(at: Gateway, name: str, **more: Any) -> AsyncIterator[Client]:
    """Start the command a desktop client would start."""
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "bot", "mcp", "--api", at.url],
        env={"GATEWAY_TOKEN": at.tokens[name], "PYTHONPATH": str(ROOT)},
        cwd=str(at.world.settings.data_dir),
    )
    async with Client(command, **more) as client:
        yield client


WAYS = {"http": over_http, "stdio": over_stdio}


async def called(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool and return what it gave; the client checks it against its schema."""
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, mcp.CallToolResult)
    assert not result.is_error, result.content
    found: dict[str, Any] = result.structured_content or {}
    return found


@pytest.mark.parametrize(
    ("way", "lang"),
    [
        ("http", "ko"),
        ("stdio", "en"),
        pytest.param("http", "en", marks=pytest.mark.long),
        pytest.param("stdio", "ko", marks=pytest.mark.long),
    ],
)
async def test_five_questions_and_a_kill_with_a_press_between(
    tmp_path: Path, way: str, lang: str
) -> None:
    """As in Slack; between the order and the proof there is a person."""
    async with gateway(tmp_path, documents=True) as at, WAYS[way](at, "model") as client:
        intents = {}
        for text, intent in QUESTIONS[lang].items():
            answer = await called(client, "ask", text=text)
            intents[text] = answer["intent"]
            assert answer["language"] == lang
            if intent == "kill":
                await pressed(at, client, answer["proposal"])
        assert intents == QUESTIONS[lang]


async def pressed(at: Gateway, client: Client, proposal: dict[str, Any]) -> None:
    """Approve the card in Slack, and see the proof over MCP."""
    assert at.world.platform.kill_requests == []
    card = await at.world.post(lambda each: payload_of(each).get("proposal_id") == proposal["id"])
    at.world.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
    while True:
        seen = await called(client, "get_proposal", proposal_id=proposal["id"], wait=10)
        if seen["status"] != "working":
            break
    assert [each["state"] for each in seen["targets"]] == ["succeeded", "succeeded"]
    assert len(at.world.platform.kill_requests) == 2


async def test_tools_are_typed_and_read_ones_say_so(tmp_path: Path) -> None:
    """A token sees the tools of its scopes; no tool decides."""
    async with gateway(tmp_path) as at:
        async with over_http(at, "model") as client:
            listed = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(listed) == READS | {"kill_spark_job", "get_proposal", "ask"}
            for name, tool in listed.items():
                assert tool.output_schema is not None
                assert tool.annotations is not None
                assert tool.annotations.read_only_hint is (name in READS | {"get_proposal"})
            metrics = await called(client, "get_cluster_metrics")
            assert metrics["tool"] == "get_cluster_metrics"
            jobs = await called(client, "get_spark_jobs", count=3)
            assert len(jobs["result"]["listing"]["rows"]) == 3
            for name, wrong in (
                ("get_spark_jobs", {"count": 3, "approved": True}),
                ("get_spark_jobs", {"count": "many"}),
                ("kill_spark_job", {"applications": []}),
                ("kill_spark_job", {"applications": ["x"], "approve": True}),
            ):
                refused = await client.call_tool(name, wrong)
                assert isinstance(refused, mcp.CallToolResult)
                assert refused.is_error
        async with over_http(at, "reader") as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == READS
            refused = await client.call_tool("kill_spark_job", {"applications": ["x"]})
            assert isinstance(refused, mcp.CallToolResult)
            assert refused.is_error


class TaskHandle(mcp.Result):
    """A task as SEP-2663 has it, in place of a result."""

    result_type: Literal["task"] = "task"
    task_id: str
    status: str
    poll_interval_ms: int | None = None


class TaskState(mcp.Result):
    """What `tasks/get` gives."""

    task_id: str
    status: str
    status_message: str = ""
    result: dict[str, Any] | None = None


class TaskParams(mcp.RequestParams):
    """Names a task."""

    task_id: str


class GetTask(mcp.Request[TaskParams, Literal["tasks/get"]]):
    """Asks for a task."""

    method: Literal["tasks/get"] = "tasks/get"


class Tasks(ClientExtension):
    """A client that knows tasks: polls until one is over, calling `meanwhile` once."""

    identifier = "io.modelcontextprotocol/tasks"

    def __init__(self, meanwhile: Any) -> None:
        self.meanwhile = meanwhile
        self.seen: list[str] = []

    def claims(self) -> list[ResultClaim[Any]]:
        return [ResultClaim(result_type="task", model=TaskHandle, resolve=self.resolve)]

    async def resolve(self, handle: TaskHandle, ctx: ClaimContext) -> mcp.CallToolResult:
        self.seen.append(handle.status)
        await self.meanwhile(handle.task_id)
        params = TaskParams(task_id=handle.task_id)
        while True:
            found = await ctx.session.send_request(GetTask(params=params), TaskState)
            self.seen.append(found.status)
            if found.status != "working":
                return mcp.CallToolResult.model_validate(found.result or {"content": []})


async def test_a_client_that_knows_tasks_waits_for_the_proof(tmp_path: Path) -> None:
    """The task works until somebody pressed and the cluster proved it."""
    async with gateway(tmp_path) as at:

        async def press(task: str) -> None:
            card = await at.world.post(lambda each: payload_of(each).get("proposal_id") == task)
            at.world.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")

        tasks = Tasks(press)
        async with over_http(at, "model", extensions=[tasks]) as client:
            jobs = (await called(client, "get_spark_jobs"))["result"]["listing"]["rows"]
            free = [row["ref"]["id"] for row in jobs if not row["protected"]]
            over = await called(client, "kill_spark_job", applications=free[:1])
        assert over["proposal"]["state"] == "done"
        assert tasks.seen[0] == "working"
        assert tasks.seen[-1] == "completed"
        assert at.world.platform.kill_count(free[0]) == 1


async def test_a_task_is_its_callers_own(tmp_path: Path) -> None:
    """Another token cannot look at it, nor withdraw it."""
    async with gateway(tmp_path) as at, over_http(at, "model") as client:
        jobs = (await called(client, "get_spark_jobs"))["result"]["listing"]["rows"]
        free = [row["ref"]["id"] for row in jobs if not row["protected"]]
        proposal = (await called(client, "kill_spark_job", applications=free[:1]))["proposal"]
        async with over_http(at, "other") as other:
            refused = await other.call_tool("get_proposal", {"proposal_id": proposal["id"]})
            assert isinstance(refused, mcp.CallToolResult)
            assert refused.is_error
        seen = await called(client, "get_proposal", proposal_id=proposal["id"])
        assert seen["status"] == "working"
