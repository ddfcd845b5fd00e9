"""Questions whose answer stands in our documents, put to the whole bot and judged at what it posts.

`howto.dev.jsonl` was written by somebody else; limits were chosen looking at its odd ids alone. A page's English twin, `NAME-en.md`, counts as the page.
"""

import json
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bot.domain.answers import Answer
from bot.handlers.views.answer import render
from bot.handlers.views.blocks import plain_text
from bot.retrieval.knowledge import Knowledge, default_source, local_space
from bot.retrieval.library import open_library
from bot.retrieval.search import KnowledgeSearch
from tests.evals.platform import DATA, platform_scene
from tests.evals.world import World

Json = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """One question: whether a right page and the facts were posted, and what was."""

    row: Json
    page: bool
    facts: bool
    answer: Answer

    @property
    def odd(self) -> bool:
        return int(self.row["id"].lstrip("D")) % 2 == 1

    @property
    def off_topic(self) -> bool:
        return bool(self.row.get("off_topic"))

    @property
    def told(self) -> str:
        row, answer = self.row, self.answer
        return f"{row['id']} {row['text']!r}: {answer.intent.value} {list(answer.sources)}"


def rows() -> list[Json]:
    """Return the development questions."""
    lines = (DATA / "howto.dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@asynccontextmanager
async def our_documents(folder: Path) -> AsyncIterator[KnowledgeSearch]:
    """Search the product's own documents, indexed in a folder."""
    knowledge = Knowledge(folder, local_space(), source=default_source())
    search = KnowledgeSearch(partial(open_library, knowledge))
    await search.start()
    try:
        await search.ready()
        yield search
    finally:
        await search.stop()


async def judge(row: Json, documents: KnowledgeSearch) -> Verdict:
    """Ask one question in a fresh thread."""
    answer = await World(platform_scene(), documents=documents).ask(row["text"])
    if row.get("off_topic"):
        return Verdict(row, not answer.sources, facts=True, answer=answer)
    page = right(answer.sources, row["gold"]) or answer.intent.value in row.get("or_intent", [])
    text = plain_text(render(answer, answer.language).blocks)
    facts = all(re.search(fact, text) for fact in row["answer_must"])
    return Verdict(row, page, facts, answer)


def right(sources: Iterable[str], gold: Sequence[str]) -> bool:
    """Tell whether one of the sources is of a page, or of a section of it, that answers."""
    return any(
        _of(source.removeprefix("operation_"), wanted) for source in sources for wanted in gold
    )


def _of(source: str, wanted: str) -> bool:
    if source.startswith(wanted):
        return True
    page, _, heading = source.partition("#")
    other, _, section = wanted.partition("#")
    twins = page.endswith("-en.md") or other.endswith("-en.md")
    same = page.replace("-en.md", ".md") == other.replace("-en.md", ".md")
    return twins and same and (page != other or heading.startswith(section))


def figures(verdicts: Sequence[Verdict]) -> dict[str, float]:
    """Return the shares, of the even ids alone what the thresholds were not set on."""
    asked = [each for each in verdicts if not each.off_topic]
    even = [each for each in asked if not each.odd]
    off = [each for each in verdicts if each.off_topic]
    return {
        "howto_pages": _share(each.page for each in asked),
        "howto_pages_even": _share(each.page for each in even),
        "howto_pages_ko": _share(each.page for each in asked if each.row["lang"] == "ko"),
        "howto_pages_en": _share(each.page for each in asked if each.row["lang"] == "en"),
        "howto_facts": _share(each.facts for each in asked),
        "howto_facts_even": _share(each.facts for each in even),
        "off_topic_silent": _share(each.page for each in off),
        "off_topic_silent_even": _share(each.page for each in off if not each.odd),
    }


def _share(items: Iterable[bool]) -> float:
    values = list(items)
    return sum(values) / len(values)
