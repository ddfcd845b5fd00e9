"""The utterances put to the whole bot in their contexts, and how its answers are judged."""

import json
from dataclasses import dataclass, replace
from typing import Any

from bot.agents.model.port import Model
from bot.domain.answers import Answer
from tests.evals.platform import DATA, platform_scene
from tests.evals.world import World

FILES = ("utterances.dev.jsonl", "utterances.jsonl", "utterances.twin.jsonl")
LISTS = {"L3": "상위 3개 잡 보여줘", "L5": "상위 5개 잡 보여줘", "P": "상위 5개 잡 보여줘"}
LISTS["K"] = LISTS["P"]
KILL = "1번이랑 2번 죽여줘"
AIMED = {"kill", "what_if", "detail"}
ROUTED = {"status", "compare", "diagnose", "list", "how_to", "history"} | AIMED
ROUTES = {"infra_engineer": "infra", "data_engineer": "data", "admin_guide": "guide"}
Json = dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """One utterance: answered right, and, worse than not right, a card with other targets."""

    id: str
    right: bool
    wrong_card: bool
    told: str


def utterances() -> list[Json]:
    """Return every utterance of the development sets."""
    return [
        json.loads(line)
        for name in FILES
        for line in (DATA / name).read_text(encoding="utf-8").splitlines()
        if line
    ]


async def judge_all(model: Model | None) -> list[Judged]:
    """Put every utterance to a fresh thread in its context."""
    return [await judge(item, model) for item in utterances()]


async def judge(case: Json, model: Model | None) -> Judged:
    """Prepare the context without the model, ask with it, and judge what came of it."""
    world = await _in_context(case["context"], model)
    cards = len(world.proposals.made)
    answer = await world.ask(case["text"])
    made = world.proposals.made[cards:]
    ranks = {item.ref.id: n for n, item in enumerate(world.scene.applications, 1)}
    card = [sorted(ranks[target.ref.id] for target in one.targets) for one in made]
    case = _without_protected(case, world)
    allowed = {case["intent"], *case.get("also", [])}
    right = answer.intent.value in allowed
    if right and answer.intent.value in AIMED and case["targets"] is not None:
        shown = card[0] if card else sorted(ranks[one] for one in answer.applications)
        right = shown == sorted(case["targets"])
    if right and answer.intent.value == case["intent"] and case["intent"] in ROUTED:
        right = ROUTES.get(answer.agent.value, "none") == case["route"]
    wrong = any("kill" not in allowed or one != sorted(case["targets"] or one) for one in card)
    return Judged(case["id"], right, wrong, _told(case, answer, card))


def _without_protected(case: Json, world: World) -> Json:
    """Expect a card without the protected ones, and none where nothing else was chosen."""
    if case["intent"] != "kill" or not case["targets"]:
        return case
    applications = world.scene.applications
    kept = [
        rank
        for rank in case["targets"]
        if not world.proposals.protected(
            applications[rank - 1].name, applications[rank - 1].user, applications[rank - 1].queue
        )
    ]
    return {**case, "targets": kept} if kept else {**case, "intent": "clarify", "targets": None}


async def _in_context(context: str, model: Model | None) -> World:
    free = World(replace(platform_scene(), passages=()))  # the reading alone
    if context in LISTS:
        await free.ask(LISTS[context])
    if context in {"P", "K"}:
        await free.ask(KILL)
    if context == "K":
        free.proposals.carry_out()
    return free.with_model(model) if model is not None else free


def _told(case: Json, answer: Answer, card: list[list[int]]) -> str:
    return f"{case['id']} {case['context']} {case['text']!r}: {answer.intent.value} {card}"
