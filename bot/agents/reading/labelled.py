"""The labelled sentences the models are trained from: one file an intent, and one for talk.

A row says its language, the platform its writer imagined (`platforms.json`), how far the thread
had come (`context`), what was said just before, and the words; `targets` are ranks on that
platform, by CPU.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.conversation import Intent, ThreadView
from bot.domain.language import Language

DATA = Path(__file__).with_name("data")
OVERHEARD = "overheard"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One labelled sentence; `intent` is None where people speak to each other."""

    intent: Intent | None
    language: Language
    platform: str
    context: str
    before: str
    text: str
    targets: tuple[int, ...] = ()

    @property
    def view(self) -> ThreadView:
        """What may be known of its thread."""
        return view_of(self.context, self.platform)


def sentences(folder: Path = DATA) -> Iterator[Sentence]:
    """Yield every labelled sentence, file by file."""
    for path in sorted(folder.glob("*.jsonl")):
        intent = None if path.stem == OVERHEARD else Intent(path.stem)
        for line in path.read_text(encoding="utf-8").splitlines():
            yield _sentence(intent, json.loads(line))


@cache
def platforms() -> dict[str, list[Json]]:
    """Return the applications of each imagined platform, by CPU."""
    found: dict[str, list[Json]] = json.loads((DATA / "platforms.json").read_text(encoding="utf-8"))
    return found


@cache
def view_of(context: str, platform: str = "") -> ThreadView:
    """Return the thread a context stands for; without a platform no name is known."""
    running = platforms().get(platform, [])
    card = tuple(map(int, context[1:])) if context.startswith("P") else ()
    return ThreadView(
        listed=0 if context == "none" else 3 if context == "L3" else 5,
        open_card=bool(card),
        kills_proved=context == "K",
        names=frozenset(each["name"] for each in running),
        users=frozenset(each["user"] for each in running),
        queues=frozenset(each["queue"] for each in running),
        on_card=card,
        looked_at=context == "D2",
        looked_at_rank=2 if context == "D2" else None,
    )


def _sentence(intent: Intent | None, row: Json) -> Sentence:
    return Sentence(
        intent=intent,
        language=Language(row["lang"]),
        platform=row["platform"],
        context=row["context"],
        before=row.get("before", ""),
        text=row["text"],
        targets=tuple(row.get("targets", ())),
    )
