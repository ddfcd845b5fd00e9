"""Spans of a turn: what is its child, what is told of it, and that nobody is told by default."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import grpc  # type: ignore[import-untyped] # gRPC publishes no types
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as wire
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot.agents.graph import Help
from bot.app import utc_now
from bot.domain.posts import Post
from bot.domain.proposals import Proposal
from bot.handlers.delivery import Delivery, UndeliverableError
from bot.handlers.socket import web_client
from bot.observability import Spans, open_spans
from bot.sandbox.slack.demo import BOT_TOKEN, demo_workspace
from bot.sandbox.slack.server import SlackStandIn
from tests.evals.platform import platform_scene
from tests.evals.world import CHANNEL, World, read_now

SECRET = "super-secret-question-of-alice"


@dataclass
class Ticks:
    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Traced:
    """Spans kept in memory."""

    exporter: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)
    ticks: Ticks = field(default_factory=Ticks)

    def __post_init__(self) -> None:
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.spans = Spans(self.provider, self.ticks)

    def named(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self.exporter.get_finished_spans()}

    def parent(self, span: ReadableSpan) -> str:
        parents = {
            one.context.span_id: one.name
            for one in self.exporter.get_finished_spans()
            if one.context is not None
        }
        return parents[span.parent.span_id] if span.parent else ""


def world(traced: Traced) -> World:
    return World(platform_scene(), given=Help(read_now, spans=traced.spans))


async def test_a_turn_is_one_span_with_its_steps_as_children() -> None:
    """The nodes are the turn's, the tools are the nodes'."""
    traced = Traced()
    await world(traced).ask("현재 클러스터 가동율 알려줘?")
    found = traced.named()
    for node in ("understand", "route", "infra_engineer", "generate_answer"):
        assert traced.parent(found[node]) == "turn"
    assert traced.parent(found["tool get_cluster_metrics"]) == "infra_engineer"
    assert traced.parent(found["turn"]) == ""
    told = dict(found["turn"].attributes or {})
    assert told == {
        "dangjik.agent": "infra_engineer",
        "dangjik.intent": "status",
        "dangjik.llm": False,
    }


async def test_the_post_of_an_answer_belongs_to_its_turn() -> None:
    """Though it is sent later and elsewhere; long after, it stands alone."""
    traced = Traced()
    here = world(traced)
    await here.ask("현재 클러스터 가동율 알려줘?")
    post = Post("turn-1:answer", CHANNEL, here.thread, "text", ())
    async with delivery(traced) as sender:
        with suppress(UndeliverableError):  # the evaluation's channel is not the stand-in's
            await sender.send(post)
        assert traced.parent(traced.named()["slack post"]) == "turn"
        traced.exporter.clear()
        traced.ticks.at += 3600
        with suppress(UndeliverableError):
            await sender.send(post)
        assert traced.named()["slack post"].parent is None


async def test_no_words_names_or_ids_are_told() -> None:
    """Neither in attributes nor in events, also when something fails."""
    traced = Traced()
    here = world(traced)
    await here.ask(f"상위 3개 잡 보여줘 {SECRET}")
    await here.ask("bob꺼 죽여줘")
    async with delivery(traced) as sender:
        with pytest.raises(UndeliverableError):
            await sender.send(Post("x:answer", "C0NOWHERE", here.thread, SECRET, ()))
    everything = json.dumps(
        [json.loads(span.to_json()) for span in traced.exporter.get_finished_spans()]
    )
    for hidden in (SECRET, "bob", "U0ASKER", CHANNEL, here.thread, "application_", "adhoc"):
        assert hidden not in everything
    failed = traced.named()["slack post"]
    assert dict(failed.attributes or {})["error.type"] == "UndeliverableError"
    assert not failed.events


async def test_spans_reach_a_collector_over_the_wire() -> None:
    """A real OTLP receiver on loopback, gRPC; what is left is sent at the end."""
    with receiver() as (endpoint, received):
        async with open_spans(endpoint, "prod-dw") as spans:
            await World(platform_scene(), given=Help(read_now, spans=spans)).ask(
                "how busy is the cluster?"
            )
    names = {
        span.name
        for request in received
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    }
    assert {"turn", "understand", "route", "infra_engineer"} <= names


async def test_a_collector_that_is_down_costs_nothing_but_the_spans() -> None:
    """The turn is answered, and closing ends in time."""
    async with asyncio.timeout(30), open_spans("http://127.0.0.1:9", "prod-dw") as spans:
        answer = await World(platform_scene(), given=Help(read_now, spans=spans)).ask("고마워")
    assert answer.summary


LANGSMITH = """
import asyncio, os, urllib.request
from langchain_core.tracers.langchain import wait_for_all_tracers
from langsmith.utils import get_env_var
from tests.evals.platform import platform_scene
from tests.evals.world import World

def ask():
    asyncio.run(World(platform_scene()).ask("현재 클러스터 가동율 알려줘?"))
    wait_for_all_tracers()

ask()
urllib.request.urlopen(os.environ["LANGSMITH_ENDPOINT"] + "/switched-on")
os.environ["LANGSMITH_TRACING"] = "true"
get_env_var.cache_clear()
ask()
"""


def test_langsmith_hears_nothing_unless_it_is_switched_on() -> None:
    """Not even with its key and address set; switched on, it does, or this test proves nothing."""
    calls: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.answer()

        def answer(self) -> None:
            calls.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    environment = {"LANGSMITH_ENDPOINT": address, "LANGSMITH_API_KEY": "key"}
    subprocess.run(
        [sys.executable, "-c", LANGSMITH],
        env={"PATH": "/usr/bin:/bin", **environment},
        check=True,
        capture_output=True,
        timeout=120,
    )
    server.shutdown()
    server.server_close()
    assert calls[0] == "/switched-on"
    assert len(calls) > 1


async def no_card(proposal_id: str) -> Proposal | None:
    raise AssertionError(proposal_id)


@asynccontextmanager
async def delivery(traced: Traced) -> AsyncIterator[Delivery]:
    slack = SlackStandIn(demo_workspace(), utc_now, seed=7)
    await slack.start()
    client = web_client(BOT_TOKEN, slack.api_url)
    yield Delivery(client, no_card, utc_now, UTC, "B0DANGJIK", spans=traced.spans)
    await slack.stop()


@contextmanager
def receiver() -> Iterator[tuple[str, list[wire.ExportTraceServiceRequest]]]:
    received: list[wire.ExportTraceServiceRequest] = []

    class Collector(service.TraceServiceServicer):
        def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
            received.append(request)
            return wire.ExportTraceServiceResponse()

    server = grpc.server(ThreadPoolExecutor(2))
    add: Any = service.add_TraceServiceServicer_to_server
    add(Collector(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"http://127.0.0.1:{port}", received
    finally:
        server.stop(None).wait()
