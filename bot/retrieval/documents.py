"""Documents of a directory: Markdown, plain text, exported HTML; read, and cut into passages."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import yaml
from bs4 import BeautifulSoup
from langchain_core.documents import Document as Indexed
from langchain_text_splitters import RecursiveCharacterTextSplitter
from markdownify import markdownify

from bot.domain.knowledge import Collection, Document, Passage

FOLDERS = {Collection.MANUAL: "manual", Collection.HISTORY: "history"}
MARKDOWN = frozenset({".md", ".markdown"})
SILENT = ["title", "script", "style", "template", "noscript", "nav", "svg", "iframe"]
HTML = frozenset({".html", ".htm"})
SUFFIXES = MARKDOWN | HTML | {".txt"}
MAX_BYTES = 5_000_000
FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
FIRST_HEADING = re.compile(r"^#[ \t]+(\S.*)$", re.MULTILINE)
UNSAFE = re.compile(r"[^\w.-]+")
MAX_NAME = 80
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class BrokenDocumentError(ValueError):
    """A file that is no readable document; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that was skipped, and why."""

    collection: Collection
    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a source directory holds."""

    documents: tuple[Document, ...]
    broken: tuple[Broken, ...]


def load_documents(source: Path) -> Loaded:
    """Read `source`/manual and `source`/history, in name order; a broken file is named, not fatal.

    Hidden files and other suffixes are passed over. A symbolic link that leads out of the source
    counts as broken.
    """
    documents: list[Document] = []
    broken: list[Broken] = []
    root = source.resolve()
    for collection, folder in FOLDERS.items():
        base = source / folder
        for path in sorted(base.rglob("*")):
            if path.suffix.lower() not in SUFFIXES or path.name.startswith(".") or path.is_dir():
                continue
            file = path.relative_to(base).as_posix()
            try:
                _check_inside(path, root)
                documents.append(read_document(path, collection, file))
            except (OSError, BrokenDocumentError) as error:
                broken.append(Broken(collection, file, " ".join(str(error).split())))
    return Loaded(tuple(documents), tuple(broken))


def _check_inside(path: Path, root: Path) -> None:
    if not path.resolve().is_relative_to(root):
        raise BrokenDocumentError("leads out of the source directory")


def read_document(path: Path, collection: Collection, file: str) -> Document:
    """Read one file. Raises BrokenDocumentError and OSError."""
    if path.stat().st_size > MAX_BYTES:
        raise BrokenDocumentError(f"larger than {MAX_BYTES // 1_000_000} MB")
    try:
        raw = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenDocumentError(f"not UTF-8 text (byte {error.start})") from None
    return parse_document(raw, collection, file, html=path.suffix.lower() in HTML)


def parse_document(raw: str, collection: Collection, file: str, *, html: bool = False) -> Document:
    """Make a document of a file's text. Raises BrokenDocumentError."""
    raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in raw:
        raise BrokenDocumentError("binary, not text")
    front, text = _front_matter(raw)
    if html:
        page = BeautifulSoup(text, "html.parser")
        front.setdefault("title", page.title.get_text() if page.title else "")
        for silent in page.find_all(SILENT):
            silent.decompose()
        text = markdownify(str(page), heading_style="ATX", bullets="-")
    if not text.strip():
        raise BrokenDocumentError("holds no text")
    heading = FIRST_HEADING.search(text)
    title = _word(front, "title") or (heading.group(1).strip(" #") if heading else "")
    return Document(
        collection=collection,
        file=file,
        title=title or Path(file).stem,
        text=text.strip("\n"),
        dated=_dated(front, file),
        language=_word(front, "language"),
        channel=_word(front, "channel"),
    )


def _front_matter(raw: str) -> tuple[dict[str, object], str]:
    found = FRONT.match(raw)
    if found is None:
        if raw.startswith("---\n"):
            raise BrokenDocumentError("front matter is not closed")
        return {}, raw
    try:
        front = yaml.safe_load(found.group(1))
    except (yaml.YAMLError, ValueError) as error:  # it builds dates itself: 2025-02-31
        raise BrokenDocumentError(f"front matter: {error}") from None
    if front is None:
        front = {}
    if not isinstance(front, dict):
        raise BrokenDocumentError("front matter is no list of names and values")
    return {str(name): value for name, value in front.items()}, raw[found.end() :]


def _word(front: dict[str, object], name: str) -> str:
    value = front.get(name)
    return " ".join(str(value).split()) if value is not None else ""


def _dated(front: dict[str, object], file: str) -> date | None:
    value = front.get("date")
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if value is None:
        found = DAY.match(Path(file).name)
        value = found.group() if found else None
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise BrokenDocumentError(f"date {str(value)[:20]!r} is not YYYY-MM-DD") from None


def write_document(kept: Path, document: Document) -> Path:
    """Write `kept`/history/NAME.md (or manual/), replacing it as a whole; return the path."""
    folder = kept / FOLDERS[document.collection]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / safe_name(document.file)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(written(document), encoding="utf-8", errors="replace")
    draft.replace(path)
    return path


def written(document: Document) -> str:
    """Return the file's text: front matter and Markdown."""
    front = {
        "title": document.title,
        "date": document.dated,
        "language": document.language,
        "channel": document.channel,
    }
    known = {name: value for name, value in front.items() if value}
    head = yaml.safe_dump(known, allow_unicode=True, sort_keys=False)
    return f"---\n{head}---\n{document.text}\n"


def safe_name(file: str) -> str:
    """Return a file name that stays in its directory, ending in .md."""
    stem = UNSAFE.sub("-", file.removesuffix(".md")).strip("-.")[:MAX_NAME]
    return f"{stem or 'document'}.md"


# Cutting a document into passages that keep the headings they stand under.


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
