"""The bot as `python -m bot run`, a process that knows the lab only by its settings."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bot.api.tokens import add_token
from bot.retrieval.knowledge import SOURCE_NOTE
from bot.sandbox.slack.demo import (
    ALERT_CHANNEL,
    APP_TOKEN,
    APPROVER,
    BOT_TOKEN,
    SECOND_APPROVER,
)
from bot.sandbox.slack.server import SlackStandIn
from tests.contract.databases import postgres_server
from tests.free_ports import free_port
from tests.lab.cluster import HOST
from tests.lab.expectations import until
from tests.lab.machine import ROOT
from tests.lab.monitoring import CLUSTER
from tests.lab.processes import Processes

START_S = 60.0
NAME, GATEWAY = "bot", "gateway"
CLUSTERS = ("YARN_", "SPARK_MASTER_", "PROMETHEUS_", "ALERTMANAGER_")


@asynccontextmanager
async def running_bot(
    processes: Processes, slack: SlackStandIn, folder: Path, settings: Mapping[str, str]
) -> AsyncIterator[None]:
    """Run the bot with a data directory of its own until the block ends. Raises LabError."""
    environment = {
        **_environment(folder),
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_API_URL": slack.api_url,
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


@asynccontextmanager
async def running_split(
    processes: Processes, slack: SlackStandIn, folder: Path, settings: Mapping[str, str]
) -> AsyncIterator[None]:
    """Run a gateway with what the settings say of the cluster, and a bot that is told none of it.

    Raises LabError.
    """
    port, tokens = free_port(), folder / "tokens"
    of_cluster = {name: each for name, each in settings.items() if name.startswith(CLUSTERS)}
    (folder / "gateway").mkdir(parents=True)
    gateway = {
        **_environment(folder / "gateway"),
        **of_cluster,
        "HEALTH_PORT": "0",
        "API_PORT": str(port),
        "API_TOKENS_FILE": str(tokens),
    }
    with postgres_server(folder / "postgres") as database:
        shared = {"DATABASE_URL": database}
        asked = {
            **{name: each for name, each in settings.items() if name not in of_cluster},
            "GATEWAY_URL": f"http://{HOST}:{port}",
            "GATEWAY_TOKEN": add_token(tokens, "slack:execute"),
        }
        command = [sys.executable, "-m", "bot", "api"]
        await processes.start(GATEWAY, command, gateway | shared)
        try:
            async with running_bot(processes, slack, folder / "bot", asked | shared):
                yield
        finally:
            await processes.stop(GATEWAY)


def _environment(folder: Path) -> dict[str, str]:
    _few_documents(folder)
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "ALERT_CHANNELS": ALERT_CHANNEL,
        "APPROVERS": f"{APPROVER},{SECOND_APPROVER}",
        "CLUSTER_NAME": CLUSTER,
        "DATA_DIR": str(folder),
        "HEALTH_HOST": HOST,
    }


def _few_documents(folder: Path) -> None:
    """Give it one short document, so that indexing all of ours takes no time from the rest."""
    for kind in ("manual", "history"):
        (folder / "documents" / kind).mkdir(parents=True)
    page = "# CPU 사용률이 높을 때\n\n상위 잡을 확인하고 승인 후 종료합니다.\n"
    (folder / "documents" / "manual" / "cpu.md").write_text(page, encoding="utf-8")
    (folder / SOURCE_NOTE).write_text(f"{folder / 'documents'}\n", encoding="utf-8")
