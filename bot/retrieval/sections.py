"""Putting a section, or a whole document, together again from its passages, which overlap."""

import re
from collections.abc import Iterable, Sequence

from bot.domain.knowledge import Passage
from bot.retrieval.entries import Row
from bot.retrieval.split import OVERLAP

FEWEST = 4  # characters that count as an overlap; fewer may be chance
NEW_LINE = re.compile(r"[-*+|#>`]|\d+[.)]\s")
ENDED = (".", "!", "?")


def assembled(rows: Sequence[Row], source: str) -> Passage | None:
    """Return the section `collection/file#heading`, or without a heading the whole document.

    `rows` are those passages of its file that may be read. A whole document of several sections
    has each under its `## ` heading.
    """
    _, hash_, heading = source.partition("#")
    found = sorted(rows, key=lambda row: row.ordinal)
    if hash_:
        found = [row for row in found if row.heading == heading]
    if not found:
        return None
    first = found[0]
    texts = {
        name: joined(row.text for row in found if row.heading == name)
        for name in dict.fromkeys(row.heading for row in found)
    }
    several = len(texts) > 1
    return Passage(
        collection=first.collection,
        source=source,
        title=first.title,
        heading=first.title if several or not hash_ else first.heading,
        text="\n\n".join(f"## {name}\n{text}" if several else text for name, text in texts.items()),
        score=1.0,
        dated=first.dated,
    )


def joined(texts: Iterable[str]) -> str:
    """Return overlapping texts as one."""
    whole = ""
    for text in texts:
        whole += _rest(whole, text) if whole else text
    return whole


def _rest(before: str, text: str) -> str:
    """Return what a text adds, with the break that was between when nothing overlaps."""
    longest = min(OVERLAP, len(text), len(before))
    for length in range(longest, FEWEST - 1, -1):
        if before.endswith(text[:length]):
            return text[length:]
    same_line = before.endswith(ENDED) and not NEW_LINE.match(text)
    return f"{' ' if same_line else chr(10)}{text}"
