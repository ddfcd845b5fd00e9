"""The product as a process: how soon it is connected, and what it holds while nothing happens."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from bot.sandbox.slack.demo import APP_TOKEN, APPROVER, BOT_TOKEN
from bot.sandbox.slack.server import SlackStandIn
from tests.bench.scenes import documents, workspace
from tests.flow.world import now

STARTS = 3
SOCKETS = 2
SETTLE = 20.0  # seconds: the search of documents gets ready after the start


async def start_and_idle() -> dict[str, float]:
    """Spawn `bot run`: seconds until both sockets are open, and resident memory once it is idle."""
    taken = []
    idle = 0.0
    for number in range(STARTS):
        slack = SlackStandIn(workspace(0), now, seed=7)
        await slack.start()
        try:
            with tempfile.TemporaryDirectory() as folder:
                last = number == STARTS - 1
                seconds, idle = await _run_once(slack, Path(folder), SETTLE if last else 0.0)
        finally:
            await slack.stop()
        taken.append(seconds)
    return {"start_s": min(taken), "idle_mb": idle}


async def _run_once(slack: SlackStandIn, folder: Path, settle: float) -> tuple[float, float]:
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
        seconds = perf_counter() - begun
        await asyncio.sleep(settle)
        return seconds, _resident_mb(process.pid)
    finally:
        process.terminate()
        await process.wait()


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


def _resident_mb(pid: int) -> float:
    """Return resident memory as Linux tells it, in MB; 0 where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024 / 1e6
