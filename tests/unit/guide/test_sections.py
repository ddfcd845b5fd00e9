"""Sections are put together again exactly as they were written."""

import pytest

from bot.domain.knowledge import Collection
from bot.retrieval.documents import Chunk, joined, load_documents, sections, split
from bot.retrieval.knowledge import default_source


@pytest.fixture(scope="module")
def chunks() -> list[Chunk]:
    """Return every passage of our own documents."""
    documents = load_documents(default_source()).documents
    return [chunk for document in documents for chunk in split(document)]


def test_every_section_of_ours_comes_back_whole(chunks: list[Chunk]) -> None:
    """Letter by letter, blank lines too."""
    for document in load_documents(default_source()).documents:
        mine = [chunk for chunk in chunks if chunk.file == document.file]
        for first, second, _anchor, text in sections(document.text):
            heading = second or first or document.title
            source = f"{document.collection.value}/{document.file}#{heading}"
            found = joined(mine, source)
            assert found is not None
            assert found.text == text, source


def test_without_a_heading_the_whole_document_comes(chunks: list[Chunk]) -> None:
    """Each section under its heading, in order."""
    file = "2025-02-06-adhoc-clickstream-cross-join.md"
    mine = [chunk for chunk in chunks if chunk.file == file]
    whole = joined(mine, f"{Collection.HISTORY.value}/{file}")
    assert whole is not None
    headings = [line[3:] for line in whole.text.split("\n") if line.startswith("## ")]
    assert headings == ["상황과 원인", "조치와 효과", "교훈"]
    assert whole.heading == whole.title


def test_what_is_not_there_is_none(chunks: list[Chunk]) -> None:
    """An unknown heading, and a file none of whose passages may be read."""
    assert joined(chunks[:1], "operation_manual/x.md#no such heading") is None
    assert joined([], "operation_manual/x.md") is None
