"""The bot as `python -m bot run`, a process that knows the lab only by its settings."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bot.retrieval.knowledge import SOURCE_NOTE
from bot.sandbox.slack.demo import (
    ALERT_CHANNEL,
    APP_TOKEN,
    APPROVER,
    BOT_TOKEN,
    SECOND_APPROVER,
)
from bot.sandbox.slack.server import SlackStandIn
from tests.lab.cluster import HOST
from tests.lab.expectations import until
from tests.lab.machine import ROOT
from tests.lab.monitoring import CLUSTER
from tests.lab.processes import Processes

START_S = 60.0
NAME = "bot"


@asynccontextmanager
async def running_bot(
    processes: Processes, slack: SlackStandIn, folder: Path, settings: Mapping[str, str]
) -> AsyncIterator[None]:
    """Run the bot with a data directory of its own until the block ends. Raises LabError."""
    _few_documents(folder)
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_API_URL": slack.api_url,
        "ALERT_CHANNELS": ALERT_CHANNEL,
        "APPROVERS": f"{APPROVER},{SECOND_APPROVER}",
        "CLUSTER_NAME": CLUSTER,
        "DATA_DIR": str(folder),
        "HEALTH_HOST": HOST,
        **settings,
    }
    await processes.start(NAME, [sys.executable, "-m", "bot", "run"], environment)
    try:
        async with httpx.AsyncClient(trust_env=False) as client:

            async def ready() -> bool:
                processes.check(NAME)
                answer = await client.get(f"http://{HOST}:{settings['HEALTH_PORT']}/readyz")
                return answer.is_success

            await until("the bot is connected and its reader loaded", ready, START_S)
        yield
    finally:
        await processes.stop(NAME)


def _few_documents(folder: Path) -> None:
    """Give it one short document, so that indexing all of ours takes no time from the rest."""
    for kind in ("manual", "history"):
        (folder / "documents" / kind).mkdir(parents=True)
    page = "# CPU 사용률이 높을 때\n\n상위 잡을 확인하고 승인 후 종료합니다.\n"
    (folder / "documents" / "manual" / "cpu.md").write_text(page, encoding="utf-8")
    (folder / SOURCE_NOTE).write_text(f"{folder / 'documents'}\n", encoding="utf-8")
