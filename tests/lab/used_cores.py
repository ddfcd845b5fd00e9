"""CPU really used on a real YARN with nothing but YARN: NodeManagers measure, nobody exports.

An idle application holds more cores than those that burn. What each uses is told independently by
/proc: every process that runs in a container's folder, Python workers included.
"""

import asyncio
import contextlib
import re
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.backends.used_cores import NodeManagers
from bot.backends.yarn import YarnApplications
from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, SECOND_APPROVER
from bot.sandbox.slack.transcript import Message
from tests.flow.world import event_of, payload_of, words_of
from tests.lab.expectations import expect, until
from tests.lab.hadoop import ADMINISTRATOR, HOSTS
from tests.lab.incident import KILLED_S, SCRIPTS, Lab
from tests.lab.made_proc import HZ
from tests.lab.processes import stat_of
from tests.lab.talk import Talk, relief_of
from tests.lab.yarn import Yarn

MEASURED_S, EVERY_S, READS, WINDOWS = 90.0, 15.0, 3, 4
PROVED_S = 150.0  # the watch over a kill, and its post
NEAR, NEAR_CORES = 0.10, 0.05  # of /proc; what an idle Java does is no tenth of anything
BURNERS = 4  # processes outside of containers: more than the machine has cores
_PLACE = re.compile(r"/node(\d)/.*/(application_\d+_\d+)/")


@dataclass(frozen=True, slots=True)
class Words:
    """What is asked, and what the right answer says."""

    cause: str
    nodes: str
    measured: re.Pattern[str]
    unmeasured: re.Pattern[str]
    outside: re.Pattern[str]
    relief: re.Pattern[str]


WORDS: Mapping[str, Words] = {
    "ko": Words(
        "CPU가 왜 이렇게 높아?",
        "죽은 노드 있어?",
        re.compile(r"NodeManager 실측"),
        re.compile(r"할당 기준|상한"),
        re.compile(r"컨테이너 밖"),
        re.compile(r"예상 -\d.*실측 [-+]\d"),
    ),
    "en": Words(
        "why is the CPU so high?",
        "is any node down?",
        re.compile(r"measured by NodeManagers"),
        re.compile(r"by granted cores|upper bound"),
        re.compile(r"outside of containers"),
        re.compile(r"expected -\d.*measured [-+]\d"),
    ),
}


def container_seconds() -> tuple[dict[str, float], dict[str, set[int]]]:
    """Return the CPU seconds of each application's container processes, and the nodes they are on."""
    spent: dict[str, float] = defaultdict(float)
    nodes: dict[str, set[int]] = defaultdict(set)
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            place = (
                _PLACE.search(f"{(entry / 'cwd').readlink()}/") if entry.name.isdigit() else None
            )
            parts = stat_of(int(entry.name)) if place else []
            if place and parts:
                spent[place[2]] += (int(parts[11]) + int(parts[12])) / HZ
                nodes[place[2]].add(int(place[1]))
    return spent, nodes


async def near_proc(yarn: Yarn, lab: Lab, *apps: str) -> None:
    """Read the NodeManagers alone for three windows of 15 s, beside /proc. Raises LabError.

    Other people's load comes and goes within a window: it is told right in one of four.
    """
    begun = lab.watch.now()
    async with httpx.AsyncClient(trust_env=False) as client:
        addresses = yarn.settings["YARN_URL"].split(",")
        nodes = YarnApplications("lab", addresses, client, user=ADMINISTRATOR)
        reader = NodeManagers(nodes.node_managers, client, "http", nodes.who)
        await reader.read()
        told: list[str] = []
        for _ in range(WINDOWS):
            before, _places = container_seconds()
            since, reads = lab.watch.now(), []
            for _ in range(READS):
                await asyncio.sleep(EVERY_S)
                found = await reader.read()
                reads.append(found.cores if found is not None else {})
            after, passed = container_seconds()[0], lab.watch.now() - since
            pairs = [
                (
                    sum(each.get(app, 0.0) for each in reads) / READS,
                    (after[app] - before.get(app, 0.0)) / passed,
                )
                for app in apps
            ]
            told.append(", ".join(f"{used:.2f} for {real:.2f}" for used, real in pairs))
            if all(abs(used - real) <= NEAR * real + NEAR_CORES for used, real in pairs):
                lab.watch.lines.append(f"NodeManagers for /proc, cores over 45 s: {told}")
                lab.watch.note("used cores within 10 % of /proc", begun)
                return
    expect("used cores within 10 % of /proc", met=False, seen=told)


class Scene:
    """What is asked of a bot that knows YARN alone; each raises LabError."""

    def __init__(self, lab: Lab, yarn: Yarn, language: str, idle: str) -> None:
        self._lab = lab
        self._yarn = yarn
        self._words = WORDS[language]
        self._script = SCRIPTS[language]
        self._idle = idle

    async def measured(self, *wanted: str) -> Talk:
        """Ask until the list is by what NodeManagers measure, and these are first, in order."""

        async def right() -> Talk:
            talk = Talk(self._lab.slack, self._lab.watch)
            listed = await talk.ask(self._script.listing)
            shown, said = payload_of(listed)["applications"], words_of(listed)
            if self._words.measured.search(said) and shown[: len(wanted)] == [*wanted]:
                return talk
            raise ValueError(f"{shown} {said}")

        return await until(f"a measured list that begins with {wanted}", right, MEASURED_S)

    async def two_readers(self, *wanted: str) -> None:
        """Ask while somebody else takes the figures away: the order is right, or told as granted."""
        async with httpx.AsyncClient(trust_env=False) as client, self._reading(client):
            for _ in range(3):
                await asyncio.sleep(EVERY_S)
                talk = Talk(self._lab.slack, self._lab.watch)
                listed = await talk.ask(self._script.listing)
                shown, said = payload_of(listed)["applications"], words_of(listed)
                if self._words.measured.search(said):
                    expect("the right order beside another reader", shown[0] == wanted[0], said)
                else:
                    granted = self._words.unmeasured.search(said)
                    expect("granted cores under their own name", granted is not None, said)

    async def outside(self) -> None:
        """Burn outside of containers and ask for the cause: told as such, without a card."""
        names = [f"outside{number}" for number in range(BURNERS)]
        for name in names:
            command = [sys.executable, "-c", "while True: pass"]
            await self._lab.processes.start(name, command, {}, Path("/"))
        try:

            async def told() -> Talk:
                talk = Talk(self._lab.slack, self._lab.watch)
                said = words_of(await talk.ask(self._words.cause))
                if self._words.outside.search(said):
                    return talk
                raise ValueError(said)

            talk = await until("a burner outside of containers told as such", told, MEASURED_S)
            posts = self._lab.slack.transcript.thread(ALERT_CHANNEL, talk.root or "")
            cards = [each for each in posts if event_of(each) == "kill_proposal"]
            expect("no card for it", not cards, cards)
        finally:
            await self._lab.processes.stop(*names)

    async def node_down(self, *burning: str) -> None:
        """Kill a NodeManager below a burning application; start it again."""
        places = container_seconds()[1]
        safe = places[burning[0]] - places[self._idle] or places[burning[0]]
        number = min(safe)
        await self._lab.processes.stop(f"node{number}", first=signal.SIGKILL)
        for _ in range(2):
            talk = Talk(self._lab.slack, self._lab.watch)
            listed = await talk.ask(self._script.listing)
            shown, said = payload_of(listed)["applications"], words_of(listed)
            if self._words.measured.search(said):
                expect("no idle application first with a node down", shown[0] != self._idle, said)
            await asyncio.sleep(EVERY_S)
        said = words_of(await Talk(self._lab.slack, self._lab.watch).ask(self._words.nodes))
        expect("the lost node named", HOSTS[number] in said, said)
        await self._yarn.start_node(number)
        await self._yarn.wait_whole(self._lab.client)

    async def taken_over(self, *burning: str) -> None:
        """Let the other ResourceManager take over: its containers carry an epoch in their ids."""
        ended = await self._yarn.take_over(self._lab.client)
        await self._yarn.start_manager(ended)
        await self._yarn.wait_whole(self._lab.client)
        await self.measured(*burning)

    async def killed(self, *burning: str) -> None:
        """Kill "the top 2": those that burn; promised and measured relief stand side by side."""
        talk = await self.measured(*burning, self._idle)
        card = await talk.card(self._script.kill, [*burning])
        pressed = talk.approve(card, (APPROVER, SECOND_APPROVER))

        async def both() -> bool:
            return await self._yarn.killed(self._lab.client, *burning)

        await until("both KILLED", both, 60.0)
        self._lab.watch.note("approved → both KILLED, by NodeManagers' figures", pressed, KILLED_S)

        def proved(_: object) -> Message | None:
            posts = self._lab.slack.transcript.thread(ALERT_CHANNEL, talk.root or "")
            return next((each for each in posts if self._words.relief.search(words_of(each))), None)

        told = await talk.wait("expected and measured relief side by side", proved, PROVED_S)
        self._lab.watch.lines.append(relief_of(told))
        self._lab.watch.note("approved → measured relief in the proof", pressed)

    async def unmeasured(self, *burning: str) -> None:
        """Ask where no NodeManager measures: what stands in for used cores goes by its own name."""
        for _ in range(2):
            talk = Talk(self._lab.slack, self._lab.watch)
            listed = await talk.ask(self._script.listing)
            shown, said = payload_of(listed)["applications"], words_of(listed)
            expect("no measured figure where none is", not self._words.measured.search(said), said)
            expect("what ranks by its name", bool(self._words.unmeasured.search(said)), said)
            expect("both listed", {*burning, self._idle} == set(shown), shown)
            await asyncio.sleep(2 * EVERY_S)

    @asynccontextmanager
    async def _reading(self, client: httpx.AsyncClient) -> AsyncIterator[None]:
        addresses = self._yarn.settings["YARN_URL"].split(",")
        nodes = YarnApplications("lab", addresses, client, user=ADMINISTRATOR)
        reader = NodeManagers(nodes.node_managers, client, "http", nodes.who)

        async def keep() -> None:
            while True:
                await reader.read()
                await asyncio.sleep(2.0)

        task = asyncio.create_task(keep())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
