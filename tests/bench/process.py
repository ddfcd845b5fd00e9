"""The product as a process: how soon it is connected, and what it holds while nothing happens."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import httpx

from bot.sandbox.slack.demo import APP_TOKEN, APPROVER, BOT_TOKEN
from bot.sandbox.slack.server import SlackStandIn
from tests.bench.scenes import documents, workspace
from tests.flow.world import now
from tests.free_ports import free_port
from tests.unit.operations.running import until_status

STARTS = 3
SOCKETS = 2
REST_LIMIT = 60.0  # seconds until the search of documents is ready and rests
SETTLE = 3.0  # seconds


async def start_and_idle() -> dict[str, float]:
    """Spawn `bot run` three times; tell of the quickest start, and of memory at the last one.

    `start_s` and `start_cpu_s` are until both sockets are open: seconds passed, and seconds of
    processor time, which a busy machine changes less. `idle_mb` is resident memory of the process
    and all its children once it has read its documents and nobody asks; `peak_mb` is the most
    that was seen of all of them until then.
    """
    first = await quickest_start(STARTS - 1)
    last = await _run(idle=True)
    return last | min(first, {key: last[key] for key in first}, key=lambda run: run["start_s"])


async def quickest_start(starts: int = STARTS) -> dict[str, float]:
    """Spawn `bot run` so often; return `start_s` and `start_cpu_s` of the quickest."""
    return min([await _run() for _ in range(starts)], key=lambda run: run["start_s"])


async def _run(*, idle: bool = False) -> dict[str, float]:
    slack = SlackStandIn(workspace(0), now, seed=7)
    await slack.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            return await _run_once(slack, Path(folder), idle=idle)
    finally:
        await slack.stop()


async def slack_lost() -> dict[str, float]:
    """Shut Slack behind a running `bot run`, and return the seconds until `/readyz` is red."""
    slack = SlackStandIn(workspace(0), now, seed=7)
    await slack.start()
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        settings = _environment(slack, Path(folder)) | {"HEALTH_PORT": str(port)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=settings, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as probe:
                await until_status(probe, 200, 60)
                begun = perf_counter()
                await slack.stop()
                await until_status(probe, 503, 120)
                return {"slack_lost_red_s": perf_counter() - begun}
        finally:
            process.terminate()
            await process.wait()
            await slack.stop()


async def _run_once(slack: SlackStandIn, folder: Path, *, idle: bool) -> dict[str, float]:
    documents(folder)
    begun = perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        env=_environment(slack, folder),
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await asyncio.wait_for(_connected(slack, process), 60)
        figures = {"start_s": perf_counter() - begun, "start_cpu_s": _cpu_seconds(process.pid)}
        if idle:
            figures |= await _rested(process.pid)
    finally:
        process.terminate()
        await process.wait()
    return figures


async def _rested(pid: int) -> dict[str, float]:
    """Wait until the analyser of Korean has come and gone, and return what is held then."""
    peak, seen, until = 0.0, False, perf_counter() + REST_LIMIT
    while perf_counter() < until:
        children = _children(pid)
        peak = max(peak, sum(map(resident_mb, (pid, *children))))
        if seen and not children:
            break
        seen = seen or bool(children)
        await asyncio.sleep(0.05)
    await asyncio.sleep(SETTLE)
    return {"idle_mb": sum(map(resident_mb, (pid, *_children(pid)))), "peak_mb": peak}


async def _connected(slack: SlackStandIn, process: asyncio.subprocess.Process) -> None:
    while len(slack.sockets.connections) < SOCKETS:
        assert process.returncode is None, "the bot ended at its start"
        await asyncio.sleep(0.01)


def _environment(slack: SlackStandIn, folder: Path) -> dict[str, str]:
    return {
        **os.environ,  # noqa: TID251 - handed on, not read
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_API_URL": slack.api_url,
        "APPROVERS": APPROVER,
        "DATA_DIR": str(folder),
        "HEALTH_PORT": "0",
    }


def _children(pid: int) -> list[int]:
    """Return the processes below this one, as Linux tells it; none where there is no /proc."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            own = [int(child) for child in task.read_text().split()]
        except OSError:
            continue  # the thread has ended meanwhile
        found += [each for child in own for each in (child, *_children(child))]
    return found


def _cpu_seconds(pid: int) -> float:
    """Return processor time used so far, as Linux tells it; 0 where there is no /proc."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Return resident memory as Linux tells it, in MB; 0 where there is no /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    line = next((line for line in lines if line.startswith("VmRSS")), "VmRSS: 0")
    return int(line.split()[1]) * 1024 / 1e6
