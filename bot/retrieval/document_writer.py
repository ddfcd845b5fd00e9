"""Writing a document as a file, so that a lost index can be rebuilt with it."""

import re
from pathlib import Path

import yaml

from bot.retrieval.documents import FOLDERS, Document

UNSAFE = re.compile(r"[^\w.-]+")
MAX_NAME = 80


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
        "audience": document.audience,
        "channel": document.channel,
    }
    head = yaml.safe_dump(
        {name: value for name, value in front.items() if value}, allow_unicode=True, sort_keys=False
    )
    return f"---\n{head}---\n{document.text}\n"


def safe_name(file: str) -> str:
    """Return a file name that stays in its directory, ending in .md."""
    stem = UNSAFE.sub("-", file.removesuffix(".md")).strip("-.")[:MAX_NAME]
    return f"{stem or 'document'}.md"
