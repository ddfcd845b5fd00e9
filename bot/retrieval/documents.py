"""Reading documents from a directory: Markdown, plain text, exported HTML."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import yaml
from bs4 import BeautifulSoup
from markdownify import markdownify

from bot.domain.knowledge import Collection

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
class Document:
    """One document: `file` is its path under its folder, `text` its Markdown without front matter.

    `channel` is empty for everyone, else the Slack channel id it may be found from.
    """

    collection: Collection
    file: str
    title: str
    text: str
    dated: date | None = None
    language: str = ""
    channel: str = ""


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
