"""A group of alerts as a real Alertmanager tells it with its default template, over two days.

Slack's clock is moved, for the bot tells time by the posts: hours pass between two of them.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from bot.sandbox.slack.demo import ALERT_CHANNEL, WEBHOOK_BOT, demo_workspace
from bot.sandbox.slack.server import SlackStandIn
from bot.sandbox.slack.transcript import Message, Transcript
from tests.flow.world import event_of, ours, payload_of
from tests.free_ports import free_ports
from tests.lab.cluster import HOST
from tests.lab.expectations import Stopwatch, expect, until
from tests.lab.machine import UNPACKED
from tests.lab.monitoring import CLUSTER
from tests.lab.processes import Processes
from tests.lab.product import running_bot
from tests.lab.stage import write_record
from tests.lab.talk import Talk

NAME = "HostHighCpuLoad"
PACKAGE = "prometheus-alertmanager"
ONE, BOTH = ("node-1",), ("node-1", "node-2")
LATER, REPEAT, DAYS = timedelta(hours=2), timedelta(hours=4), timedelta(days=2)
START_S, POST_S, REPLY_S = 60.0, 30.0, 30.0
FIRING, RESOLVED, LINE = "firing", "resolved", "line"


class MovedClock:
    """Slack's clock: the machine's, and what it was set ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Alertmanager:
    """The real one, and what was told to it: which hosts fire since when."""

    address: str
    folder: Path
    webhook: str
    client: httpx.AsyncClient

    def write(self, repeat: str) -> Path:
        """Write its configuration; nothing of the template is set."""
        slack = {"api_url": self.webhook, "channel": "#data-oncall", "send_resolved": True}
        route = {"receiver": "slack", "group_by": ["alertname", "cluster"], "group_wait": "1s"}
        route |= {"group_interval": "1s", "repeat_interval": repeat}
        receivers = [{"name": "slack", "slack_configs": [slack]}]
        file = self.folder / "alertmanager.yml"
        text = json.dumps({"route": route, "receivers": receivers})  # which is YAML, too
        file.write_text(text, encoding="utf-8")
        return file

    async def tell(self, hosts: tuple[str, ...], *, ended: bool = False) -> None:
        """Tell it that these hosts fire, or have ended."""
        end = {"endsAt": datetime.now(UTC).isoformat()} if ended else {}
        labels = {"alertname": NAME, "cluster": CLUSTER, "job": "node-exporter"}
        labels["severity"] = "critical"
        alerts = [{"labels": {**labels, "instance": f"{host}:9100"}, **end} for host in hosts]
        reply = await self.client.post(f"{self.address}/api/v2/alerts", json=alerts)
        reply.raise_for_status()


@dataclass
class Room:
    """The alert channel: waits for Alertmanager's posts, and for what the bot says of them."""

    talk: Talk
    seen: int = 0

    async def told(self, state: str) -> Message:
        """Return Alertmanager's next post in which this stands. Raises LabError."""

        def found(seen: Transcript) -> Message | None:
            posts = [each for each in seen.messages if each.body.get("bot_id") == WEBHOOK_BOT]
            for number, each in enumerate(posts[self.seen :], start=self.seen + 1):
                if state in str(each.body.get("attachments")):
                    self.seen = number
                    return each
            return None

        return await self.talk.wait(f"Alertmanager posts {state}", found, POST_S)

    async def said(self, kind: str, root: Message, count: int = 1) -> None:
        """Wait until the bot has said that many of a kind under a post. Raises LabError."""

        def found(_: Transcript) -> Message | None:
            posts = self.posts(kind, root)
            return posts[-1] if len(posts) >= count else None

        await self.talk.wait(f"{kind} under the alert, {count} of them", found, REPLY_S)

    def posts(self, kind: str, root: Message | None = None) -> list[Message]:
        """Return what the bot said of a kind, under a post or anywhere in the channel."""
        return [
            each
            for each in self.talk.slack.transcript.messages
            if ours(each) and _kind(each) == kind and (root is None or each.root == root.ts)
        ]


def _kind(message: Message) -> str:
    is_alert = event_of(message) == "alert_investigation"
    return str(payload_of(message)["status"]) if is_alert else LINE


async def play(program: Path, folder: Path, watch: Stopwatch) -> None:
    """Play the group's story. Raises LabError."""
    (folder / "alertmanager").mkdir(parents=True)
    processes, clock = Processes(folder), MovedClock()
    slack = SlackStandIn(demo_workspace(), clock, seed=7)
    await slack.start()
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            port, health = free_ports(2)
            webhook = slack.webhook_url(ALERT_CHANNEL)
            address = f"http://{HOST}:{port}"
            manager = Alertmanager(address, folder / "alertmanager", webhook, client)
            await _start(manager, program, processes)
            settings = {"ALERTMANAGER_URL": manager.address, "HEALTH_PORT": str(health)}
            async with running_bot(processes, slack, folder / "bot", settings):
                room = Room(Talk(slack, watch))
                await _grow_shrink_end(manager, room, watch)
                await _stand(manager, room, clock, watch)
    finally:
        await processes.stop()
        await slack.stop()
        write_record(slack, folder / "logs" / "slack.json")


async def _start(manager: Alertmanager, program: Path, processes: Processes) -> None:
    command: list[str | Path] = [
        program,
        f"--config.file={manager.write('4h')}",
        f"--storage.path={manager.folder / 'alerts'}",
        f"--web.listen-address={manager.address.removeprefix('http://')}",
        "--cluster.listen-address=",  # would open 0.0.0.0:9094
    ]
    below = UNPACKED / "usr" if UNPACKED.exists() else manager.folder
    await processes.start(PACKAGE, command, {}, folder=below)

    async def ready() -> bool:
        processes.check(PACKAGE)
        return (await manager.client.get(f"{manager.address}/-/ready")).is_success

    await until("Alertmanager is ready", ready, START_S)


async def _grow_shrink_end(manager: Alertmanager, room: Room, watch: Stopwatch) -> None:
    """One host, two, one, none: one investigation and one end."""
    begun = watch.now()
    await manager.tell(ONE)
    first = await room.told("[FIRING:1]")
    await room.said(FIRING, first)
    await manager.tell(BOTH)
    await room.told("[FIRING:2]")
    await manager.tell(ONE, ended=True)
    await room.told("[FIRING:1]")
    await manager.tell(BOTH[1:], ended=True)
    await room.told("[RESOLVED]")
    await room.said(RESOLVED, first)
    said = [len(room.posts(kind)) for kind in (FIRING, RESOLVED, LINE)]
    expect("one investigation, one end, no line", said == [1, 1, 0], said)
    watch.note("a group grows, shrinks, ends: one investigation, one end", begun)


async def _stand(manager: Alertmanager, room: Room, clock: MovedClock, watch: Stopwatch) -> None:
    """Fire again two hours later, and stand two days: answered, and one line a repeat."""
    begun = watch.now()
    clock.ahead += LATER
    manager.write("1s")
    (await manager.client.post(f"{manager.address}/-/reload")).raise_for_status()
    await manager.tell(ONE)
    second = await room.told("[FIRING:1]")
    await room.said(FIRING, second)
    repeats = DAYS // REPEAT
    for number in range(1, repeats + 1):
        clock.ahead += REPEAT
        await room.said(LINE, second, number)
    await manager.tell(ONE, ended=True)
    await room.told("[RESOLVED]")
    await room.said(RESOLVED, second)
    said = [len(room.posts(kind)) for kind in (FIRING, RESOLVED, LINE)]
    expect("two investigations, two ends, a line a repeat", said == [2, 2, repeats], said)
    watch.note("again two hours later, standing two days: answered, a line a repeat", begun)
