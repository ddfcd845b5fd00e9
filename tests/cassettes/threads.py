"""Threads of turns under an alert, put to the whole bot: the sets' platform, the shipped manual.

A turn is {"incident", "lang", "turn", "who", "text", "must": [regular expression, …]}; turns of one
incident are one thread.
"""

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.agents.model.client import ModelSettings
from bot.agents.model.limits import Limits
from bot.agents.model.port import Model
from bot.agents.model.sentence import sentences
from bot.domain.answers import Answer
from bot.handlers.views.answer import render
from bot.handlers.views.blocks import plain_text
from bot.handlers.views.card import card
from bot.ports import Documents
from tests.cassettes.tape import Json, Tape
from tests.evals.incidents import cpu_alert
from tests.evals.prose import prose_scene
from tests.evals.world import ASKER, ZONE, World
from tests.openai.models import KEY, open_model

ASKERS = {"approver": ASKER, "colleague": "U0COLLEAGUE"}
ALERTS = {
    "ko": "[FIRING:1] ClusterCpuHigh prod-dw CPU 사용률이 90%를 넘었습니다",
    "en": "[FIRING:1] ClusterCpuHigh prod-dw CPU usage is above 90%",
}


@dataclass(frozen=True)
class Post:
    """What a turn put into the thread: the facts while the model wrote, and what stands in the end.

    `sentences` are the model's, each with `kept` or why it was dropped.
    """

    facts: str
    words: str
    sentences: tuple[tuple[str, str], ...]

    def missed(self, turn: Json) -> list[str]:
        """Return which facts of a complete answer do not stand."""
        return [must for must in turn["must"] if not re.search(must, self.words, re.IGNORECASE)]


class Thread:
    """One thread over the platform, with a tape for a model."""

    def __init__(self, model: Model, tape: Tape, documents: Documents | None) -> None:
        self._world = World(prose_scene(), model, documents=documents)
        self._tape = tape

    async def open(self, language: str) -> None:
        """Let the bot report on an alert in a language."""
        alert = cpu_alert(self._world, ALERTS[language])
        await self._world.conversations.investigate(alert)

    async def ask(self, turn: Json, known: Sequence[Json] = ()) -> Post:
        """Put one turn to the bot; `known` are the exchanges kept of it."""
        self._tape.begin(known)
        drafts: list[Answer] = []
        answer = await self._world.ask(turn["text"], asker=ASKERS[turn["who"]], show=drafts.append)
        words = [each["reply"]["content"] for each in self._tape.exchanges]
        said = sentences(words[-1] or "") if words and answer.checked else ()
        return Post(
            _shown(drafts[0]) if drafts else "",
            "\n".join([_shown(answer), *await self._card(answer)]),
            tuple(zip(said, answer.checked, strict=True)),
        )

    async def _card(self, answer: Answer) -> list[str]:
        proposal = await self._world.proposals.get(answer.proposal_id or "")
        return [plain_text(card(proposal, ZONE).blocks)] if proposal else []


@asynccontextmanager
async def thread(
    tape: Tape, documents: Documents | None, language: str, wait: float = 60.0
) -> AsyncIterator[Thread]:
    """Open a thread under an alert; a reply may take `wait` seconds."""
    settings = ModelSettings(
        KEY, "large", tape.url, call_seconds=wait, limits=Limits(turn_seconds=8 * wait)
    )
    async with open_model(settings) as model:
        opened = Thread(model, tape, documents)
        await opened.open(language)
        yield opened


def rows(path: Path) -> dict[str, list[Json]]:
    """Return the turns of a file by incident, in order."""
    found: dict[str, list[Json]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            found.setdefault(row["incident"], []).append(row)
    return {name: sorted(turns, key=lambda row: row["turn"]) for name, turns in found.items()}


def _shown(answer: Answer) -> str:
    return plain_text(render(answer, answer.language).blocks)
