"""Cutting a document into passages that keep the headings they stand under."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from langchain_text_splitters import RecursiveCharacterTextSplitter

from bot.domain.knowledge import Collection
from bot.retrieval.documents import Document

# Measured on this product's documents: headings of level 1 and 2, 500 characters and the heading
# path in front found the right passage more often than any other cut.
SIZE = 500
OVERLAP = 50
HEADING = re.compile(r"^(#{1,2})[ \t]+(\S.*?)[ \t]*#*[ \t]*$")
FENCE = re.compile(r"^[ \t]*(```|~~~)")
SEPARATORS = ["\n\n", "\n", ". ", " ", ""]


@dataclass(frozen=True, slots=True)
class Section:
    """The text between two headings of level 1 or 2, and the headings above it."""

    first: str
    second: str
    text: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage before it is indexed: `text` is shown, `indexed` is searched."""

    document: Document
    heading: str
    text: str
    indexed: str
    ordinal: int

    @property
    def path(self) -> str:
        """Return the headings it stands under, the first line of what is searched."""
        return self.indexed[: -len(self.text) - 1]

    @property
    def source(self) -> str:
        """Return `collection/file#heading`."""
        return source_of(self.document.collection, self.document.file, self.heading)


def source_of(collection: Collection, file: str, heading: str) -> str:
    """Return the name a passage is cited by."""
    return f"{collection.value}/{file}#{heading}"


def split(document: Document) -> tuple[Chunk, ...]:
    """Cut a document; sections that hold nothing but their heading give no passage."""
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=SIZE, chunk_overlap=OVERLAP, separators=SEPARATORS, keep_separator="end"
    )
    pieces: list[Chunk] = []
    for section in sections(document.text):
        first = section.first or document.title
        heading = section.second or first
        path = " > ".join(part for part in (first, section.second) if part)
        for text in splitter.split_text(section.text):
            pieces.append(Chunk(document, heading, text, f"{path}\n{text}", len(pieces)))
    return tuple(pieces)


def sections(text: str) -> Iterator[Section]:
    """Yield the sections of a Markdown text in order.

    Written here because LangChain's header splitter strips the indentation of code, and an
    operator copies what is shown. A `#` inside a code fence is no heading.
    """
    first, second, fence = "", "", ""
    lines: list[str] = []
    for line in text.split("\n"):
        opened = FENCE.match(line)
        if opened and not fence:
            fence = opened.group(1)
        elif opened and opened.group(1) == fence:
            fence = ""
        found = None if fence else HEADING.match(line)
        if found is None:
            lines.append(line)
            continue
        yield from _closed(first, second, lines)
        lines = []
        if len(found.group(1)) == 1:
            first, second = found.group(2), ""
        else:
            second = found.group(2)
    yield from _closed(first, second, lines)


def _closed(first: str, second: str, lines: list[str]) -> Iterator[Section]:
    text = "\n".join(lines).strip("\n")
    if text.strip():
        yield Section(first, second, text)
