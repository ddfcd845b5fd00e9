"""`python -m tests.lab [ko] [en]`: whole incidents on real Spark, Prometheus and Alertmanager.

Everything listens on 127.0.0.1 and ends with the command, Ctrl-C and SIGTERM included. Exit
code 1 and one clear message when something is missing or does not go as expected.
"""

import asyncio
import contextlib
import json
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from rich.console import Console

from bot.sandbox.slack.demo import ALERT_CHANNEL, demo_workspace
from bot.sandbox.slack.server import SlackStandIn
from tests.lab import monitoring, own_figures, spark
from tests.lab.expectations import LabError, Stopwatch
from tests.lab.incident import IDLE, SCRIPTS, Incident, Lab
from tests.lab.machine import Machine, prepared
from tests.lab.made_proc import MadeProc
from tests.lab.processes import Processes
from tests.lab.product import running_bot
from tests.lab.silencing import check_silences

KEPT_LOGS = Path("build") / "lab-logs"
TURNS = {"list": 1, "kill": 1}  # of one incident, as the bot counts them


def _now() -> datetime:
    return datetime.now(UTC)


def free_ports(count: int) -> list[int]:
    """Return so many ports of 127.0.0.1 nobody listens on now, all different."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@asynccontextmanager
async def running(
    machine: Machine, folder: Path, watch: Stopwatch
) -> AsyncIterator[tuple[Lab, Processes]]:
    """Start everything but the bot; end all of it, whatever happened."""
    ports = free_ports(9)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        slack = SlackStandIn(demo_workspace(), _now, seed=7)
        await slack.start()
        stack.push_async_callback(slack.stop)
        stack.callback(_write_record, slack, folder / "logs" / "slack.json")
        processes = Processes(folder / "logs")
        stack.push_async_callback(processes.stop)
        made = MadeProc(folder / "proc")
        keeping = asyncio.create_task(made.keep())
        stack.callback(keeping.cancel)
        cluster = spark.Spark(machine, processes, folder / "spark", spark.Ports(*ports[:4]))
        watching = monitoring.Monitoring(
            machine,
            processes,
            folder / "monitoring",
            monitoring.Ports(*ports[4:]),
        )
        begun = watch.now()
        await watching.start(client, slack.webhook_url(ALERT_CHANNEL), made.folder)
        await cluster.start(client)
        watch.note("everything started", begun)
        yield Lab(slack, cluster, watching, made, client, watch), processes


async def play(languages: list[str], folder: Path, watch: Stopwatch) -> None:
    """Play an incident per language. Raises LabError."""
    begun = watch.now()
    machine = await asyncio.to_thread(prepared)
    watch.note("programs found or fetched", begun)
    await own_figures.checked_by_promtool(machine.promtool, watch)
    async with running(machine, folder, watch) as (lab, processes):
        await check_silences(lab)
        await lab.spark.submit(IDLE)
        idle = (await lab.spark.running(lab.client, IDLE.name))[IDLE.name]
        settings = {
            "SPARK_MASTER_URL": lab.spark.page,
            "PROMETHEUS_URL": lab.monitoring.url,
            "ALERTMANAGER_URL": lab.monitoring.alertmanager_url,
            "HEALTH_PORT": str(lab.monitoring.ports.bot),
            **monitoring.QUERIES,
        }
        for language in languages:
            watch.scene = language
            await lab.monitoring.speak(lab.client, language)
            begun = watch.now()
            data = folder / f"bot-{language}"
            async with running_bot(processes, lab.slack, data, settings):
                watch.note("bot started and connected", begun)
                await Incident(lab, language, idle).play()
                await own_figures.scraped(lab.monitoring, lab.client, TURNS, watch)
                await own_figures.rules_loaded(lab.monitoring, lab.client, watch)


async def main(languages: list[str]) -> int:
    """Run the lab and print its table; return the exit code."""
    console, watch = Console(width=100), Stopwatch()
    task = asyncio.current_task()
    assert task is not None

    def interrupt() -> None:
        if not task.cancelling():  # a second signal must not cut the ending short
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, interrupt)
    with tempfile.TemporaryDirectory(prefix="dangjik-lab-", ignore_cleanup_errors=True) as name:
        try:
            await play(languages, Path(name), watch)
        except LabError as error:
            console.print(watch.table())
            console.print(f"lab failed: {error}", style="bold red", markup=False)
            console.print(f"the logs are kept in {_keep(Path(name) / 'logs')}")
            return 1
        except asyncio.CancelledError:
            console.print("lab interrupted; everything it started has ended")
            return 1
    console.print(watch.table())
    for line in watch.lines:
        console.print(line, markup=False)
    console.print("lab passed")
    return 0


def _write_record(slack: SlackStandIn, file: Path) -> None:
    """Write what was said in Slack and how it was delivered, for whoever looks for a fault."""
    record = slack.transcript.to_json()
    record["envelopes"] = [each.to_json() for each in slack.transcript.envelopes]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")


def _keep(logs: Path) -> Path:
    KEPT_LOGS.mkdir(parents=True, exist_ok=True)
    for log in logs.iterdir():
        (KEPT_LOGS / log.name).write_bytes(log.read_bytes())
    return KEPT_LOGS


if __name__ == "__main__":
    wanted = sys.argv[1:] or list(SCRIPTS)
    if strange := [each for each in wanted if each not in SCRIPTS]:
        sys.exit(f"languages: {' '.join(SCRIPTS)}; not {' '.join(strange)}")
    sys.exit(asyncio.run(main(wanted)))
