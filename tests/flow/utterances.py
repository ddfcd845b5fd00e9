"""Says the evaluation's utterances through the socket and scores what the posts' metadata tell."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER
from bot.sandbox.slack.transcript import Message
from tests.flow.world import World, payload_of, state_of, world

ROUTES = {"infra": "infra_engineer", "data": "data_engineer", "guide": "admin_guide"}
ROUTED = frozenset(
    {"status", "compare", "diagnose", "list", "detail", "kill", "what_if", "how_to", "history"}
)
TARGETED = frozenset({"kill", "what_if", "detail"})
CHANGING = frozenset({"kill", "list", "diagnose", "cancel"})  # what a later question would see
LISTED = {"L5": 5, "P": 5, "K": 5, "L3": 3}
AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Utterance:
    """One line of the set; `targets` are ranks of the listing, None where no target belongs."""

    id: str
    context: str
    lang: str
    text: str
    route: str
    intent: str
    targets: tuple[int, ...] | None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """What came of an utterance: intent, agent, application ids, and the targets of new cards.

    `wanted` is without protected applications where a kill was asked for: they get no card.
    """

    said: Utterance
    intent: str
    agent: str
    applications: tuple[str, ...]
    cards: tuple[frozenset[str], ...]
    wanted: frozenset[str]

    @property
    def understood(self) -> bool:
        """Right intent, and the right agent where the agent counts."""
        if self.said.intent == "kill" and not self.wanted:
            return self.intent == "clarify"
        if self.intent not in {self.said.intent, *self.said.also}:
            return False
        if self.intent != self.said.intent or self.intent not in ROUTED:
            return True
        return self.agent == ROUTES.get(self.said.route, "none")

    @property
    def wrong_target(self) -> bool:
        """A card with any other set of applications, or any card where none belongs."""
        wanted = {self.wanted} if self.said.intent == "kill" else set()
        return bool(set(self.cards) - wanted)

    @property
    def on_target(self) -> bool:
        """Exactly the targets, or a question back."""
        if self.wrong_target:
            return False
        if self.intent not in TARGETED or not self.wanted:
            return self.intent not in TARGETED or self.said.targets is None
        shown = self.cards[0] if self.intent == "kill" and self.cards else self.applications
        return frozenset(shown) == self.wanted

    @property
    def right(self) -> bool:
        """Intent, route and targets."""
        return self.understood and self.on_target

    def line(self) -> str:
        """Say in one line what was expected and what came."""
        said, cards = self.said, [sorted(short(each) for each in card) for card in self.cards]
        return (
            f"{said.id} {said.context:<4} {said.text!r}: wanted {said.route}/{said.intent}"
            f" {list(said.targets or ())}, got {self.agent}/{self.intent}"
            f" {[short(each) for each in self.applications]} cards {cards}"
        )


def short(application_id: str) -> str:
    """Return the counter of an application id."""
    return application_id.rpartition("_")[2]


def read(path: Path) -> list[Utterance]:
    """Read a set of utterances."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        raw: dict[str, Any] = json.loads(line)
        targets = raw.pop("targets", None)
        raw["also"] = tuple(raw.get("also") or ())
        found.append(Utterance(**raw, targets=None if targets is None else tuple(targets)))
    return found


class Speaker:
    """Sets up contexts by real turns, says utterances, and clears the cards they leave."""

    def __init__(self, at: World) -> None:
        self._at = at
        apps = at.platform.scenario.applications
        self._ranked = [app.id for app in sorted(apps, key=lambda app: -app.vcores)]
        self._protected = frozenset(app.id for app in apps if app.protected)

    async def in_fresh_thread(self, said: Utterance) -> Score:
        """Set the context up in a thread of its own, and say it there."""
        return await self.in_thread(said, await self.context(said.context, said.lang))

    async def context(self, context: str, lang: str = "ko") -> str | None:
        """Return the thread in which the bot has shown what the context says; None for a fresh one."""
        if context == "none":
            return None
        count = LISTED[context]
        ask = (
            f"@당직 상위 {count}개 잡 보여줘"
            if lang == "ko"
            else f"@당직 show the top {count} jobs"
        )
        root = (await self._at.ask(ask)).root
        if context in {"P", "K"}:
            kill = "1번, 2번 죽여줘" if lang == "ko" else "kill #1 and #2"
            card = await self._at.card(await self._at.ask(kill, root))
            assert payload_of(card)["applications"] == self._ranked[:2]
            if context == "K":
                self._at.slack.click(APPROVER, card.channel, card.ts, "approve_proposal")
                await self._at.card_state(card, "done")
        return root

    async def in_thread(self, said: Utterance, root: str | None) -> Score:
        """Say it, score the answer, and leave no new card open."""
        before = {card.ts for card in self._cards(root)}
        answer = await self._at.ask(said.text if root else f"@당직 {said.text}", root)
        told = payload_of(answer)
        if told["intent"] == "kill":
            await self._at.card(answer)
        fresh = [card for card in self._cards(answer.root) if card.ts not in before]
        score = Score(
            said,
            told["intent"],
            told["agent"],
            tuple(told["applications"]),
            tuple(frozenset(payload_of(card)["applications"]) for card in fresh),
            self._wanted(said),
        )
        await self._clear(answer.root)
        return score

    def _wanted(self, said: Utterance) -> frozenset[str]:
        chosen = frozenset(self._ranked[rank - 1] for rank in said.targets or ())
        return chosen - self._protected if said.intent == "kill" else chosen

    def _cards(self, root: str | None) -> list[Message]:
        return self._at.cards(ALERT_CHANNEL, root) if root else []

    async def _clear(self, root: str) -> None:
        for card in self._cards(root):
            if state_of(card) == "pending":
                self._at.slack.click(APPROVER, card.channel, card.ts, "reject_proposal")
                await self._at.card_state(card, "denied")


async def score(said: Iterable[Utterance], folder: Path) -> list[Score]:
    """Say every utterance in its context and return the scores in the same order."""
    said = list(said)
    shared = [each for each in said if each.context != "K"]
    after_kill = [each for each in said if each.context == "K" and each.intent not in CHANGING]
    alone = [each for each in said if each.context == "K" and each.intent in CHANGING]
    scores: list[Score] = []
    if shared:
        async with world(folder / "shared", documents=True) as at, at.product():
            scores += await _all(shared, Speaker(at))
    for number, group in enumerate([after_kill, *([each] for each in alone)]):
        if group:
            async with world(folder / f"killed{number}", documents=True) as at, at.product():
                scores += await _after_one_kill(group, Speaker(at))
    order = {each.id: place for place, each in enumerate(said)}
    return sorted(scores, key=lambda each: order[each.said.id])


async def _all(said: Sequence[Utterance], speaker: Speaker) -> list[Score]:
    """Say what makes cards one by one, for a target has at most one open card; the rest at once."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def turn(each: Utterance) -> Score:
        async with turns:
            return await speaker.in_fresh_thread(each)

    quiet = [each for each in said if not _makes_cards(each)]
    scores = list(await asyncio.gather(*(turn(each) for each in quiet)))
    return scores + [await speaker.in_fresh_thread(each) for each in said if _makes_cards(each)]


def _makes_cards(said: Utterance) -> bool:
    return said.context == "P" or "kill" in {said.intent, *said.also}


async def _after_one_kill(said: Sequence[Utterance], speaker: Speaker) -> list[Score]:
    root = await speaker.context("K", said[0].lang)
    return [await speaker.in_thread(each, root) for each in said]


def table(scores: Sequence[Score]) -> str:
    """Return counts per intent, the rates, and a line for everything not right."""
    lines = [f"{'intent':<14}{'said':>6}{'right':>7}"]
    for intent in sorted({each.said.intent for each in scores}):
        group = [each for each in scores if each.said.intent == intent]
        lines.append(f"{intent:<14}{len(group):>6}{sum(each.right for each in group):>7}")
    whole = len(scores)
    understood = sum(each.understood for each in scores)
    on_target = sum(each.on_target for each in scores)
    wrong = sum(each.wrong_target for each in scores)
    lines.append(f"{'all':<14}{whole:>6}{sum(each.right for each in scores):>7}")
    lines.append(f"intent and route {100 * understood / whole:.1f} %")
    lines.append(f"on target {on_target}/{whole}, wrong targets {wrong}")
    return "\n".join([*lines, *(each.line() for each in scores if not each.right)])
