"""Sentences a model might write, put to the check over the platform's evidence and the real manual.

    python -m tests.evals.prose [--kept] tests/evals/data/prose.dev.jsonl …

prints, per set, how many of the true sentences stand in each language and which false ones pass.
A blind set is kept as it was first scored (docs/evals.md).
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver

from bot.agents.facts import QuestionFacts
from bot.agents.graph import Help, assemble
from bot.agents.memory import Memory
from bot.agents.model.claims import Reason
from bot.agents.model.documents import supported
from bot.agents.model.evidence import Evidence
from bot.agents.model.fact_check import check
from bot.agents.model.gathered import Around, gathered
from bot.domain.cluster import QueueUsage, Room, Window
from bot.domain.conversation import Query
from bot.domain.language import Language, language_of
from bot.retrieval.knowledge import Knowledge, default_source, local_space
from bot.retrieval.library import open_library
from bot.retrieval.search import KnowledgeSearch
from bot.tools.get_spark_jobs import get_spark_jobs
from tests.evals.platform import CORES, DATA, platform_scene
from tests.evals.world import CHANNEL, Scene, World, read_now

SETS = ("prose.dev.jsonl",)
NEVER = (
    "wrong figure", "wrong unit", "wrong owner", "wrong queue", "wrong rank", "wrong trend",
    "wrong state", "swapped", "invented job", "claims a kill", "claims an action",
    "claims approval", "secret", "foreign link",
)  # fmt: skip
BEFORE = "지금 도는 잡 전부 코어순으로 보여줘"  # a row's number is of a list that stands
MEMORY = 5 * 128 * 1024**3  # bytes
Json = dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """One sentence of a set: whether it stands, and why it was dropped."""

    id: str
    language: Language
    text: str
    true: bool
    kind: str
    reason: Reason | None

    @property
    def stands(self) -> bool:
        """Whether people would read it."""
        return self.reason is None


def prose_scene() -> Scene:
    """Return the platform as its scheduler tells it: granted cores, queues, five machines."""
    scene = platform_scene()
    apps = scene.applications
    queues = {"adhoc": 20.0, "etl": 40.0, "ml": 20.0, "prod": 10.0, "reports": 5.0, "default": 5.0}
    used = {
        name: 100 * sum(app.cores or 0 for app in apps if app.queue == name) / CORES
        for name in queues
    }
    now = scene.metrics.taken_at
    metrics = replace(
        scene.metrics,
        memory=replace(scene.metrics.memory, percent=74.4) if scene.metrics.memory else None,
        last_hour=Window(now, now, 60.0, 62.4, 93.1),
        cores_total=CORES,
        room=Room(
            CORES,
            CORES - sum(app.cores or 0 for app in apps),
            MEMORY,
            MEMORY - sum(app.granted_memory or 0 for app in apps),
        ),
        queues=tuple(QueueUsage(name, used[name], share, 60.0) for name, share in queues.items()),
    )
    return replace(scene, metrics=metrics)


async def evidence(row: Json, documents: KnowledgeSearch) -> Evidence:
    """Return the evidence of a question, as the product gathers it for a model."""
    scene = prose_scene()
    world = World(scene)
    graph = assemble(world.tools, UTC, InMemorySaver(), Help(read_now))
    place: RunnableConfig = {"configurable": {"thread_id": row["id"]}}
    for text in (row["question"], BEFORE, row["question"]):
        asked: Memory = {"turn": world.turn(text), "alert": None}
        state = await graph.ainvoke(asked, place)
        facts = state["found"][0][1]
        if text is not BEFORE and not isinstance(facts, QuestionFacts):
            break
    jobs = await get_spark_jobs(world.tools, Query())
    around = Around(scene.metrics, jobs.rows, scene.metrics.taken_at, asked=row["question"])
    found = gathered(facts, around)
    if row["intent"] not in {"how_to", "history"}:
        return found
    for each in row["sentences"]:
        found = await supported(found, each["text"], documents, CHANNEL)
    return found


def judge(row: Json, found: Evidence) -> Iterable[Judged]:
    """Judge each sentence behind the true ones of its reply that stand before it."""
    replies: dict[int, list[Json]] = defaultdict(list)
    for sentence in row["sentences"]:
        replies[sentence["reply"]].append(sentence)
    for reply in replies.values():
        true = [each["text"] for each in reply if each["true"]]
        for sentence in reply:
            text, kind = sentence["text"], sentence.get("kind", "")
            before = true[: true.index(text)] if sentence["true"] else true
            verdict = check("\n".join((*before, text)), found, language_of(row["question"]))[-1]
            language = Language(row["lang"])
            yield Judged(row["id"], language, text, sentence["true"], kind, verdict.reason)


async def judged(names: Sequence[Path]) -> dict[Path, list[Judged]]:
    """Judge whole sets over one index of the shipped manual."""
    with tempfile.TemporaryDirectory() as folder:
        own = Knowledge(Path(folder), local_space(), source=default_source())
        documents = KnowledgeSearch(partial(open_library, own))
        await documents.start()
        await documents.ready()
        found: dict[Path, list[Judged]] = {}
        for name in names:
            rows = map(json.loads, name.read_text(encoding="utf-8").splitlines())
            found[name] = [
                each for row in rows for each in judge(row, await evidence(row, documents))
            ]
        await documents.stop()
        return found


def figures(sentences: Sequence[Judged]) -> dict[str, float]:
    """Return the shares kept of the true, by language, and passed of the false."""
    false = [each for each in sentences if not each.true]
    kept = {
        f"kept_{language.value}": _part(
            each.stands for each in sentences if each.true and each.language is language
        )
        for language in Language
    }
    return {
        **kept,
        "false_passed": _part(each.stands for each in false),
        "never_passed": sum(
            each.stands for each in false if {each.kind, f"wrong {each.kind}"} & {*NEVER}
        ),
    }


def _part(found: Iterable[bool]) -> float:
    every = list(found)
    return sum(every) / len(every) if every else 0.0


def main(arguments: Sequence[str]) -> int:
    """Print the figures of each set, and with `--each` every sentence judged wrongly."""
    parser = argparse.ArgumentParser(prog="python -m tests.evals.prose", description=__doc__)
    parser.add_argument("--each", action="store_true", help="print every sentence judged wrongly")
    parser.add_argument("sets", nargs="*", type=Path, default=[DATA / name for name in SETS])
    chosen = parser.parse_args(arguments)
    for name, sentences in asyncio.run(judged(chosen.sets)).items():
        for each in sentences if chosen.each else ():
            if each.stands != each.true:
                sys.stdout.write(f"{each.id} {each.kind or each.reason}: {each.text}\n")
        sys.stdout.write(f"{name.name} {json.dumps(figures(sentences))}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
