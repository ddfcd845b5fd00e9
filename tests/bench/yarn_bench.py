"""Ten thousand applications on YARN: what a list costs beside merely fetching what it is made of."""

import asyncio
import gc
import json
import multiprocessing
import statistics
import tempfile
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bot.app import build
from bot.sandbox.slack.server import SlackStandIn
from tests.bench.scenes import UNPACED, Scene, channel, settings_for, workspace
from tests.flow.world import NO_STORE, now

APPLICATIONS, ROUNDS = 10_000, 15
QUESTIONS = ("top 3 spark jobs", "리소스를 많이 사용하는 spark 잡 3개 추출해줘?")
BASE = "/ws/v1/cluster"
QUERY = "states=ACCEPTED,RUNNING&applicationTypes=SPARK"
START = 1763776800000  # ms


async def bench() -> dict[str, float]:
    """Ask for the top 3, socket in to post out, in turn with a bare download and `json.loads`.

    The ratio is the median over the pairs of CPU time, which others on the machine hardly change;
    product and Slack stand-in are both in it. The seconds are the least of the rounds. The peak is resident memory above what the idle product
    holds, in MB.
    """
    with tempfile.TemporaryDirectory() as folder:
        async with served() as address, running(Path(folder), address) as scene:
            idle = _memory("VmRSS")
            _forget_peak()
            for number in range(4):
                await _listed(scene, number)
            peak = _memory("VmHWM") - idle
            pairs, ratios = [], []
            for number in range(ROUNDS):
                gc.collect()  # neither pays for what the other left
                begun = process_time()
                bare = await asyncio.to_thread(_bare, address)
                fetched = process_time() - begun
                gc.collect()
                begun = process_time()
                pairs.append((await _listed(scene, number), bare))
                ratios.append((process_time() - begun) / fetched)
    listed, bare = (min(seconds) for seconds in zip(*pairs, strict=True))
    return {
        "yarn_10k_ratio": statistics.median(ratios),
        "yarn_10k_list_s": listed,
        "yarn_10k_bare_s": bare,
        "yarn_10k_peak_mb": peak,
    }


async def _listed(scene: Scene, number: int) -> float:
    _, seconds = await scene.ask(QUESTIONS[number % 2], channel(number))
    return seconds


def _bare(address: str) -> float:
    """Download and parse, and nothing else; return the seconds."""
    begun = perf_counter()
    with urllib.request.urlopen(f"{address}{BASE}/apps?{QUERY}") as answer:
        found = json.loads(answer.read())
    taken = perf_counter() - begun
    assert len(found["apps"]["app"]) == APPLICATIONS
    return taken


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts anew


def _memory(name: str) -> float:
    """Return a line of /proc/self/status in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024 / 1e6


@asynccontextmanager
async def running(folder: Path, address: str) -> AsyncIterator[Scene]:
    """Run the product over this YARN."""
    slack = SlackStandIn(workspace(ROUNDS), now, seed=7)
    await slack.start()
    try:
        settings = settings_for(slack, folder, yarn_url=address, chroma_url=NO_STORE)
        async with build(settings, now, UNPACED) as oncall:
            await oncall.start()
            scene = Scene(slack, oncall, folder)
            await scene.ask("help", channel(0))
            yield scene
            await oncall.stop()
    finally:
        await slack.stop()


@asynccontextmanager
async def served() -> AsyncIterator[str]:
    """Serve the bodies from a process of its own; its work is nobody's here."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    there.close()  # so that its early end is heard of
    try:
        port = await asyncio.to_thread(here.recv)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await asyncio.to_thread(process.join)


def _serve(ready: Connection) -> None:
    bodies = {
        f"{BASE}/{name}": json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        for name, body in {
            "apps": {"apps": {"app": [row(number) for number in range(APPLICATIONS)]}},
            "info": {"clusterInfo": {"haState": "ACTIVE", "resourceManagerVersion": "3.3.6"}},
            "metrics": {"clusterMetrics": {"totalVirtualCores": 80_000, "totalMB": 2**28}},
        }.items()
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = bodies.get(self.path.partition("?")[0], b"{}")
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ready.send(server.server_port)
    server.serve_forever()


def row(number: int) -> dict[str, Any]:
    """Return an application as Hadoop 3.3 documents it, without what the bot deselects."""
    name = f"application_{START}_{number:04}"
    cores = 1 + number * 7919 % APPLICATIONS  # a different figure each, in no order
    node = f"nm{number % 1000:04}.dw.example.com"
    return {
        "id": name,
        "user": ("bob", "alice", "airflow", "svc_stream")[number % 4],
        "name": f"etl_orders_{number:05}_{'배치' if number % 3 else 'hourly'}",
        "queue": f"root.{('adhoc', 'etl', 'ml')[number % 3]}",
        "state": "RUNNING",
        "finalStatus": "UNDEFINED",
        "progress": 10.0,
        "trackingUI": "ApplicationMaster",
        "trackingUrl": f"http://rm1.dw.example.com:8088/proxy/{name}/",
        "diagnostics": "",
        "clusterId": START,
        "applicationType": "SPARK",
        "applicationTags": "",
        "priority": 0,
        "startedTime": START + number * 1000,
        "launchTime": START + number * 1000 + 900,
        "finishedTime": 0,
        "elapsedTime": 3_600_000 + number,
        "amContainerLogs": (
            f"http://{node}:8042/node/containerlogs/container_e01_{START}_{number:04}_01_000001/bob"
        ),
        "amHostHttpAddress": f"{node}:8042",
        "amRPCAddress": f"{node}:40123",
        "masterNodeId": f"{node}:45454",
        "allocatedMB": cores * 4096,
        "allocatedVCores": cores,
        "reservedMB": 0,
        "reservedVCores": 0,
        "runningContainers": cores // 4 + 1,
        "memorySeconds": 151730 * cores,
        "vcoreSeconds": 103 * cores,
        "queueUsagePercentage": 0.5,
        "clusterUsagePercentage": 0.5,
        "preemptedResourceMB": 0,
        "preemptedResourceVCores": 0,
        "numNonAMContainerPreempted": 0,
        "numAMContainerPreempted": 0,
        "preemptedMemorySeconds": 0,
        "preemptedVcoreSeconds": 0,
        "logAggregationStatus": "NOT_START",
        "unmanagedApplication": False,
    }
