"""Sections are put together again exactly as they were written."""

from datetime import date

import pytest

from bot.domain.knowledge import Collection
from bot.retrieval.chroma_client import default_source
from bot.retrieval.documents import load_documents
from bot.retrieval.entries import Row
from bot.retrieval.sections import assembled
from bot.retrieval.split import sections, source_of, split


def rows() -> list[Row]:
    """Return every passage of our own documents as the index holds them."""
    documents = load_documents(default_source()).documents
    return [
        Row(
            id=f"{document.file}-{piece.ordinal}",
            collection=document.collection,
            file=document.file,
            title=document.title,
            heading=piece.heading,
            path="",
            text=piece.text,
            dated=document.dated or date(2026, 1, 1),
            channel="",
            ordinal=piece.ordinal,
        )
        for document in documents
        for piece in split(document)
    ]


@pytest.fixture(scope="module")
def every_row() -> list[Row]:
    return rows()


def test_every_section_of_ours_comes_back_whole(every_row: list[Row]) -> None:
    """Word by word; only blank lines between its passages may be lost."""
    for document in load_documents(default_source()).documents:
        mine = [row for row in every_row if row.file == document.file]
        for section in sections(document.text):
            heading = section.second or section.first or document.title
            source = source_of(document.collection, document.file, heading)
            found = assembled(mine, source)
            assert found is not None
            assert found.text.split() == section.text.split(), source


def test_without_a_heading_the_whole_document_comes(every_row: list[Row]) -> None:
    """Each section under its heading, in order."""
    file = "2025-02-06-adhoc-clickstream-cross-join.md"
    mine = [row for row in every_row if row.file == file]
    whole = assembled(mine, f"{Collection.HISTORY.value}/{file}")
    assert whole is not None
    headings = [line[3:] for line in whole.text.split("\n") if line.startswith("## ")]
    assert headings == ["상황과 원인", "조치와 효과", "교훈"]
    assert whole.heading == whole.title


def test_what_is_not_there_is_none(every_row: list[Row]) -> None:
    """An unknown heading, and a file none of whose passages may be read."""
    assert assembled(every_row[:1], "operation_manual/x.md#no such heading") is None
    assert assembled([], "operation_manual/x.md") is None
