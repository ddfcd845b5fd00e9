"""Rows of talk, as people type it, put to the whole bot in their contexts, and how they are judged.

The blind sets were written without sight of the code, the training sentences or any development
set, and are kept as they were first scored (docs/evals.md).
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.answers import Answer
from bot.domain.conversation import Intent
from tests.evals.platform import DATA, platform_scene
from tests.evals.world import World

BLIND = ("blind8.talk.ko.jsonl", "blind8.talk.en.jsonl")  # the latest of each language
LISTS = {"L3": "상위 3개 잡 보여줘"}
LIST = "상위 5개 잡 보여줘"
CARDS = {
    "P12": "1번이랑 2번 죽여줘",
    "P34": "3번이랑 4번 죽여줘",
    "P2": "2번 죽여줘",
    "K": "1번이랑 2번 죽여줘",
}
DETAIL = "2번 자세히 보여줘"
AIMED = {Intent.WHAT_IF, Intent.DETAIL}
Json = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """One row: read right, and, worse than not right, a card with rows it must not show."""

    id: str
    right: bool
    wrong_card: bool
    told: str


def rows(name: str) -> list[Json]:
    """Return the rows of one set that are meant for the bot."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["intent"] != "silent"]


async def judge(row: Json) -> Verdict:
    """Put one row to a fresh thread in its context."""
    world = await _in_context(row["context"])
    cards = len(world.proposals.made)
    answer = await world.ask(row["text"])
    ranks = {item.ref.id: rank for rank, item in enumerate(world.scene.applications, start=1)}
    made = [
        sorted(ranks[target.ref.id] for target in one.targets)
        for one in world.proposals.made[cards:]
        if row["who"] == "approver" or (row["who"] == "colleague" and row["context"][0] != "P")
    ]
    shown = [ranks[one] for one in answer.applications if one in ranks]
    allowed = [sorted(targets) for targets in row["targets_ok"]]
    wrong = any(card not in allowed for card in made)
    return Verdict(row["id"], _right(row, answer, made, shown), wrong, _told(row, answer, made))


def _right(row: Json, answer: Answer, made: list[list[int]], shown: list[int]) -> bool:
    intent = answer.intent.value
    if intent == "kill" and not made:
        intent = "clarify"  # the desk refuses who may not, and who changes nothing
    if intent not in {row["intent"], *row["also"]}:
        return False
    if intent == "kill":
        return made == [sorted(row["targets"] or [])]
    if answer.intent in AIMED and intent == row["intent"] and row["targets"]:
        return sorted(shown) == sorted(row["targets"])
    if answer.intent is Intent.LIST and intent == row["intent"] and row["rows"]:
        return sorted(shown) == sorted(row["rows"])
    return True


async def _in_context(context: str) -> World:
    scene = replace(platform_scene(), passages=())  # the reading alone: a page found speaks first
    world = World(scene)
    if context != "none":
        await world.ask(LISTS.get(context, LIST))
    if context in CARDS:
        await world.ask(CARDS[context])
    if context == "K":
        world.proposals.carry_out()
        scene = replace(scene, applications=scene.applications[2:])
        world.cluster.scene = scene
    if context == "D2":
        await world.ask(DETAIL)
    return world


def _told(row: Json, answer: Answer, made: list[list[int]]) -> str:
    return f"{row['id']} {row['context']} {row['text']!r}: {answer.intent.value} {made}"
