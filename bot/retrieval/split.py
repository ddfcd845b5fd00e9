"""Cutting a document into passages that keep the headings they stand under."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, Self

from langchain_core.documents import Document as Indexed
from langchain_text_splitters import RecursiveCharacterTextSplitter

from bot.domain.knowledge import Collection, Passage
from bot.retrieval.documents import Document

# Measured on this product's documents: headings of level 1 and 2, 500 characters and the heading
# path in front found the right passage more often than any other cut.
SIZE = 500
OVERLAP = 50
HEADING = re.compile(r"^(#{1,2})[ \t]+(\S.*?)[ \t]*#*[ \t]*$")
FENCE = re.compile(r"^[ \t]*(```|~~~)")
SEPARATORS = ["\n\n", "\n", ". ", " ", ""]
TWIN = re.compile(r"-en(?=\.\w+$)")
ANCHOR = re.compile(r'[ \t]*<a id="([\w-]+)"></a>[ \t]*$')


class Origin(StrEnum):
    """Who a document comes from; an ingest deletes only what is of its own origin."""

    SOURCE = "source"  # knowledge/ or another source directory
    KEPT = "kept"  # incidents kept from threads, under DATA_DIR


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage as the index holds it.

    `path` are the headings it stands under, `section` is its section's anchor, or number from 0,
    and `ordinal` numbers the file's passages; `start` is where its text begins in the section's.
    `dated` is an ISO date or empty, `channel` the only one it may be found from, empty for all.
    `sample` marks what the product ships, not what its team wrote.
    """

    collection: Collection
    file: str
    title: str
    heading: str
    path: str
    section: str
    ordinal: int
    start: int
    dated: str
    channel: str
    origin: Origin
    sample: bool
    text: str

    @property
    def id(self) -> str:
        """Return the id in the index: another one as soon as anything of it changes."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:32]

    @property
    def indexed(self) -> Indexed:
        """Return it as the store takes it: what is searched is the heading path and the text."""
        metadata = asdict(self)
        del metadata["text"]
        return Indexed(f"{self.path}\n{self.text}", metadata=metadata, id=self.id)

    @classmethod
    def of(cls, content: str, metadata: Mapping[str, Any]) -> Self:
        """Read a passage back. Raises KeyError when another version wrote it."""
        values = {field.name: metadata[field.name] for field in fields(cls) if field.name != "text"}
        values["collection"] = Collection(values["collection"])
        values["origin"] = Origin(values["origin"])
        return cls(**values, text=content[len(values["path"]) + 1 :])

    @property
    def english(self) -> bool:
        """Return True for a passage of a page's English twin, `NAME-en.md`."""
        return TWIN.search(self.file) is not None

    @property
    def place(self) -> tuple[str, str]:
        """Return the section it is of: one anchor in a page and in its twin is one section."""
        anchored = not self.section.isdecimal()
        return TWIN.sub("", self.file) if anchored else self.file, self.section

    @property
    def source(self) -> str:
        """Return `collection/file#heading`, the name it is cited by."""
        return f"{self.collection.value}/{self.file}#{self.heading}"

    def passage(self, score: float) -> Passage:
        """Return it as it is shown."""
        return Passage(
            collection=self.collection,
            source=self.source,
            title=self.title,
            heading=self.heading,
            text=self.text.strip("\n"),
            score=score,
            dated=date.fromisoformat(self.dated) if self.dated else None,
            sample=self.sample,
        )


def split(
    document: Document, origin: Origin = Origin.SOURCE, *, sample: bool = False
) -> tuple[Chunk, ...]:
    """Cut a document; sections that hold nothing but their heading give no passage."""
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=SIZE,
        chunk_overlap=OVERLAP,
        separators=SEPARATORS,
        keep_separator="end",
        add_start_index=True,
        strip_whitespace=False,
    )
    found: list[Chunk] = []
    for number, (first, second, anchor, text) in enumerate(sections(document.text)):
        top = first or document.title
        for piece in splitter.create_documents([text]):
            found.append(
                Chunk(
                    collection=document.collection,
                    file=document.file,
                    title=document.title,
                    heading=second or top,
                    path=" > ".join(part for part in (top, second) if part),
                    section=anchor or str(number),
                    ordinal=len(found),
                    start=piece.metadata["start_index"],
                    dated=document.dated.isoformat() if document.dated else "",
                    channel=document.channel,
                    origin=origin,
                    sample=sample,
                    text=piece.page_content,
                )
            )
    return tuple(found)


def joined(chunks: Sequence[Chunk], source: str) -> Passage | None:
    """Return the section `collection/file#heading`, or without a heading the whole document.

    `chunks` are those passages of its file that may be read. A whole document of several sections
    has each under its `## ` heading. None when nothing of it is there.
    """
    _, hash_, heading = source.partition("#")
    ordered = sorted(chunks, key=lambda chunk: chunk.ordinal)
    if hash_:
        ordered = [chunk for chunk in ordered if chunk.heading == heading]
    texts: dict[str, str] = {}
    for chunk in ordered:
        before = texts.get(chunk.heading, "")
        gap = "\n" * (chunk.start == 0 and bool(before))  # two sections under one heading
        texts[chunk.heading] = (before if gap else before[: chunk.start]) + gap + chunk.text
    if not ordered:
        return None
    several = len(texts) > 1
    whole = "\n\n".join(f"## {name}\n{text}" if several else text for name, text in texts.items())
    shown = ordered[0].passage(1.0)
    return Passage(
        collection=shown.collection,
        source=source,
        title=shown.title,
        heading=shown.title if several or not hash_ else shown.heading,
        text=whole,
        score=1.0,
        dated=shown.dated,
        sample=shown.sample,
    )


def sections(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield (heading of level 1, of level 2, its anchor, text) of a text's sections in order.

    Written here because LangChain's header splitter strips the indentation of code, and an
    operator copies what is shown. A `#` inside a code fence is no heading.
    """
    first, second, anchor, fence = "", "", "", ""
    lines: list[str] = []
    for line in [*text.split("\n"), "# "]:
        opened = FENCE.match(line)
        if opened and fence in {"", opened.group(1)}:
            fence = "" if fence else opened.group(1)
        found = None if fence else HEADING.match(line)
        if found is None and line != "# ":
            lines.append(line)
            continue
        body = "\n".join(lines).strip("\n")
        if body.strip():
            yield first, second, anchor, body
        lines = []
        if found is None:
            continue
        named = ANCHOR.search(found.group(2))
        anchor, heading = named.group(1) if named else "", ANCHOR.sub("", found.group(2))
        first, second = (heading, "") if len(found.group(1)) == 1 else (first, heading)
