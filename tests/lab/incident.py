"""One incident on real systems: load, alert, list, kill, approval, proof, all clear."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import httpx

from bot.sandbox.slack.demo import APPROVER, WEBHOOK_BOT
from bot.sandbox.slack.server import SlackStandIn
from bot.sandbox.slack.transcript import Message
from tests.flow.world import event_of, payload_of, state_of, words_of
from tests.lab.cluster import Cluster, Load
from tests.lab.expectations import Stopwatch, expect, until
from tests.lab.made_proc import MadeProc
from tests.lab.monitoring import THRESHOLD, Monitoring
from tests.lab.processes import Processes
from tests.lab.talk import Talk, relief_of, text_of

IDLE = Load("reserved_cores", "svc_stream", cores=3, tasks=1, busy=0.0)
CALM_S, ALERT_S, REPLY_S, KILLED_S = 120.0, 120.0, 10.0, 20.0
PROOF_S, RESOLVED_S, WARM_S = 90.0, 60.0, 150.0
HANGUL = re.compile("[가-힣]")


@dataclass(frozen=True, slots=True)
class Script:
    """What the person on call types, the words looked for, and the load of this incident."""

    listing: str
    kill: str
    measured: str
    confirmed: str
    heavy: Load
    light: Load


SCRIPTS: Mapping[str, Script] = {
    "ko": Script(
        "리소스를 많이 사용하는 spark 잡 3개 추출해줘?",
        "상위 2개 죽여줘",
        "실측",
        "종료 확인",
        Load("adhoc_clickstream_join", "bob", 2, 2, 1.0, "adhoc.science"),
        Load("etl_orders_merge", "alice", 2, 1, 0.4, "adhoc.team", "client"),
    ),
    "en": Script(
        "show me the top 3 spark jobs",
        "kill the top 2",
        "measured",
        "Kill confirmed",
        Load("ml_train_recs", "carol", 2, 2, 1.0, "adhoc.science"),
        Load("adhoc_notebook", "dave", 2, 1, 0.4, "adhoc.team", "client"),
    ),
}


@dataclass(frozen=True, slots=True)
class Lab:
    """Everything that runs, and the clock."""

    slack: SlackStandIn
    monitoring: Monitoring
    made: MadeProc
    processes: Processes
    client: httpx.AsyncClient
    watch: Stopwatch


async def nothing() -> None:
    """Do nothing: what happens between card and press when nothing goes wrong."""


@dataclass(frozen=True, slots=True)
class Course:
    """How it goes on from the card: what happens before the press, who press, when CPU is down."""

    meanwhile: Callable[[], Awaitable[None]] = nothing
    approvers: tuple[str, ...] = (APPROVER,)
    fall_s: float = 30.0


SMOOTH = Course()


class Incident:
    """The steps, in their order; each raises LabError when it does not go as expected."""

    def __init__(self, lab: Lab, cluster: Cluster, language: str, idle: str) -> None:
        self.lab = lab
        self.cluster = cluster
        self.script = SCRIPTS[language]
        self.hangul = language == "ko"
        self._talk = Talk(lab.slack, lab.watch)
        self._idle = idle

    async def play(self, course: Course = SMOOTH) -> None:
        """Play it from the load to the all clear."""
        await self._calm()
        top = await self._load()
        first = await self._alert()
        await self._warm(top)
        listed = await self._list(top)
        card = await self._card(top)
        await course.meanwhile()
        pressed = self._talk.approve(card, course.approvers)
        before = await self._effect(top, pressed, course.fall_s)
        # Either may be first: the rule looks back five seconds, the proof waits ten.
        proof, _ = await asyncio.gather(self._proof(card, pressed), self._all_clear(before))
        for each in (first, listed, card, proof):
            spoken = bool(HANGUL.search(words_of(each)))
            expect("every answer in the language asked", spoken is self.hangul, words_of(each))

    async def _calm(self) -> None:
        """Wait until nothing is left of what came before, such as an executor's own start."""
        lab, begun = self.lab, self.lab.watch.now()

        async def quiet() -> bool:
            return not await lab.monitoring.alerts(lab.client)

        await until("no alert is pending, firing or told as such", quiet, CALM_S)
        lab.watch.note("nothing alerts", begun)

    async def _load(self) -> list[str]:
        """Submit both applications; return their ids, the heavier first."""
        lab, loads = self.lab, (self.script.heavy, self.script.light)
        begun = lab.watch.now()
        for load in loads:
            await self.cluster.submit(load)
        ids = await self.cluster.running(lab.client, *(load.name for load in loads))
        lab.watch.note("submitted → both run", begun)
        return [ids[load.name] for load in loads]

    async def _alert(self) -> Message:
        """Wait for Alertmanager's post and for the bot's first facts in its thread."""
        lab, talk, begun = self.lab, self._talk, self.lab.watch.now()
        alert = await talk.seen("Alertmanager posts", _fits_new_alert(lab.slack), ALERT_S)
        talk.root = alert.ts
        posted = lab.watch.note("both run → Alertmanager's alert in Slack", begun)
        first = await talk.post("the first facts", "alert_investigation", REPLY_S + 5)
        lab.watch.note("alert in Slack → first facts in its thread", posted, REPLY_S)
        expect("figures in the first facts", "%" in words_of(first), words_of(first))
        return first

    async def _warm(self, top: list[str]) -> None:
        """Wait until the applications do what they are meant to, as /proc tells independently."""
        begun = self.lab.watch.now()
        wanted = [*top, self._idle]

        async def apart() -> bool:
            used = [self.lab.made.cores.get(each, 0.0) for each in wanted]
            if all(more > 0.05 and more > 1.5 * less for more, less in pairwise(used)):
                return True
            raise ValueError(f"cores used: {used}")

        await until(f"/proc shows CPU falling over {wanted}", apart, WARM_S)
        self.lab.watch.note("first facts → loads apart in /proc", begun)

    async def _list(self, top: list[str]) -> Message:
        """Ask for the list: the really heaviest first, though the idle one holds most cores."""
        wanted = [*top, self._idle]
        listed = await self._talk.ask(self.script.listing)
        shown, words = payload_of(listed)["applications"], words_of(listed)
        expect(f"the list {wanted}, heaviest first", shown == wanted, f"{shown} {words}")
        expect("the list to be by measured CPU", self.script.measured in words, words)
        return listed

    async def _card(self, top: list[str]) -> Message:
        """Ask for the kill; return its card, which nobody has pressed."""
        card = await self._talk.card(self.script.kill, top)
        killed = await self.cluster.killed(self.lab.client, *top)
        expect("nothing killed before the press", not killed)
        return card

    async def _effect(self, top: list[str], pressed: float, fall_s: float) -> float:
        """Wait for both KILLED in the scheduler and for the CPU to fall; return when it had."""
        lab = self.lab

        async def both() -> bool:
            return await self.cluster.killed(lab.client, *top)

        await until("both KILLED in the scheduler", both, 60.0)
        killed = lab.watch.note("approved → both KILLED in the scheduler", pressed, KILLED_S)
        left = await self.cluster.left(lab.client)
        expect("the third application untouched", left == [self._idle], left)

        async def fallen() -> bool:
            cpu = await lab.monitoring.cpu(lab.client)
            return cpu is not None and cpu < THRESHOLD

        await until(f"CPU under {THRESHOLD} %", fallen, fall_s + 30)
        return lab.watch.note(f"KILLED → CPU under {THRESHOLD} %", killed, fall_s)

    async def _proof(self, card: Message, pressed: float) -> Message:
        """Wait for the card's confirmation and for the figures before and after."""
        seen = f"the card confirmed (now {state_of(card)})"
        await self._talk.wait(seen, lambda _: card if state_of(card) == "done" else None, PROOF_S)
        expect("the card to confirm both", self.script.confirmed in words_of(card), words_of(card))
        wanted = payload_of(card)["proposal_id"]
        proof = await self._talk.seen(
            "the proof",
            lambda each: (
                event_of(each) == "oncall_notice" and payload_of(each).get("proposal_id") == wanted
            ),
            PROOF_S,
        )
        self.lab.watch.note("approved → proof in the thread", pressed, PROOF_S)
        figures = [float(each) for each in re.findall(r"(\d+(?:\.\d+)?)%", text_of(proof))]
        self.lab.watch.lines.extend([text_of(proof), relief_of(proof)])
        lower = len(figures) > 1 and figures[1] < figures[0]
        expect("a lower CPU after than before", lower, text_of(proof))
        return proof

    async def _all_clear(self, fallen: float) -> None:
        """Wait for Alertmanager's resolved post and for the end of the investigation."""
        lab = self.lab
        await self._talk.seen("Alertmanager posts RESOLVED", self._is_all_clear, RESOLVED_S)
        over = await self._talk.post(
            "the end of the investigation", "alert_investigation", REPLY_S, 1
        )
        lab.watch.note("CPU fell → resolved, investigation closed", fallen, RESOLVED_S)
        expect("the investigation closed", payload_of(over)["status"] == "resolved", over.body)

    def _is_all_clear(self, each: Message) -> bool:
        return (
            _by_alertmanager(each) and float(each.ts) > float(self._talk.root or 0) and _over(each)
        )


def _fits_new_alert(slack: SlackStandIn) -> Callable[[Message], bool]:
    """Return what fits an alert newer than the last resolved one, posted already or not."""
    told = [each for each in slack.transcript.messages if _by_alertmanager(each)]
    last = max((float(each.ts) for each in told if _over(each)), default=0.0)
    return lambda each: _by_alertmanager(each) and not _over(each) and float(each.ts) > last


def _by_alertmanager(message: Message) -> bool:
    return message.body.get("bot_id") == WEBHOOK_BOT


def _over(message: Message) -> bool:
    return "[RESOLVED]" in str(message.body.get("attachments"))
