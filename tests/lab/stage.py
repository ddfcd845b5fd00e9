"""Everything but the cluster and the bot: Slack's stand-in, the made CPU, the monitoring."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bot.sandbox.slack.demo import ALERT_CHANNEL, demo_workspace
from bot.sandbox.slack.server import SlackStandIn
from tests.free_ports import free_ports
from tests.lab.cluster import HOST
from tests.lab.expectations import Stopwatch
from tests.lab.incident import Lab
from tests.lab.machine import Machine
from tests.lab.made_proc import MadeProc
from tests.lab.monitoring import Monitoring, Ports
from tests.lab.processes import Processes


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def staged(
    machine: Machine, folder: Path, watch: Stopwatch, hosts: Sequence[str] = (HOST,)
) -> AsyncIterator[Lab]:
    """Start it; end it and every process of the lab, whatever happened.

    `hosts` are the machines that Prometheus sees.
    """
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        slack = SlackStandIn(demo_workspace(), _now, seed=7)
        await slack.start()
        stack.push_async_callback(slack.stop)
        stack.callback(write_record, slack, folder / "logs" / "slack.json")
        processes = Processes(folder)
        stack.push_async_callback(processes.stop)
        made = MadeProc(folder / "proc")
        keeping = asyncio.create_task(made.keep())
        stack.callback(keeping.cancel)
        prometheus, alertmanager, nodes, applications, bot = free_ports(5)
        ports = Ports(prometheus, alertmanager, nodes, applications, bot, hosts)
        monitoring = Monitoring(machine, processes, folder / "monitoring", ports)
        await monitoring.start(client, slack.webhook_url(ALERT_CHANNEL), made.folder)
        yield Lab(slack, monitoring, made, processes, client, watch)


def write_record(slack: SlackStandIn, file: Path) -> None:
    """Write what was said in Slack and how it was delivered, for whoever looks for a fault."""
    record = slack.transcript.to_json()
    record["envelopes"] = [each.to_json() for each in slack.transcript.envelopes]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
