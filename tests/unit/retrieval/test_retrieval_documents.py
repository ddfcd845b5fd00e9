"""Reading documents: front matter, formats, broken files, and cutting them into passages."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.knowledge import Collection, Document
from bot.errors import StartError
from bot.retrieval.documents import (
    SIZE,
    BrokenDocumentError,
    load_documents,
    parse_document,
    safe_name,
    split,
    write_document,
    written,
)
from bot.retrieval.index import load_source
from bot.retrieval.knowledge import default_source


def parsed(raw: str, *, html: bool = False, file: str = "a.md") -> Document:
    return parse_document(raw, Collection.MANUAL, file, html=html)


def test_front_matter_is_read() -> None:
    """Title, date, language and channel come from the front matter."""
    document = parsed("---\ntitle: T\ndate: 2025-03-01\nlanguage: ko\nchannel: C1\n---\n# H\nx")
    assert (document.title, document.dated, document.language) == ("T", date(2025, 3, 1), "ko")
    assert (document.channel, document.text) == ("C1", "# H\nx")


def test_title_and_date_are_found_without_front_matter() -> None:
    """The first heading is the title, a file name may begin with the date."""
    document = parsed("text\n# 제목 #\nmore", file="2025-05-02-x.md")
    assert (document.title, document.dated) == ("제목", date(2025, 5, 2))
    assert parsed("only text", file="notes/disk.txt").title == "disk"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("---\ntitle: [\n---\nx", "front matter"),
        ("---\ntitle: x\nno end", "not closed"),
        ("---\n- a\n---\nx", "names and values"),
        ("---\ndate: yesterday\n---\nx", "YYYY-MM-DD"),
        ("---\ndate: 2025-02-31\n---\nx", "front matter"),
        ("\x00\x01", "binary"),
        ("---\ntitle: x\n---\n  \n", "no text"),
    ],
)
def test_what_is_wrong_with_a_document_is_said(raw: str, reason: str) -> None:
    """A broken document says why, in one line."""
    with pytest.raises(BrokenDocumentError, match=reason):
        parsed(raw)


def test_broken_files_are_named_and_skipped(source: Path) -> None:
    """Other files are read all the same."""
    (source / "manual" / "latin1.md").write_bytes("é".encode("latin-1"))
    (source / "manual" / "empty.txt").write_text("")
    (source / "manual" / "image.png").write_bytes(b"\x89PNG")
    (source / "manual" / "out.md").symlink_to("/etc/hostname")
    loaded = load_documents(source)
    assert [document.file for document in loaded.documents] == [
        "spark.md",
        "2025-05-02-notebook.md",
    ]
    assert {broken.file: broken.reason for broken in loaded.broken} == {
        "empty.txt": "holds no text",
        "latin1.md": "not UTF-8 text (byte 0)",
        "out.md": "leads out of the source directory",
    }


def test_exported_html_is_read_as_headings_and_text() -> None:
    """Scripts and navigation vanish; headings, lists, tables and code stay."""
    document = parsed(
        "<html><head><title>Runbook &amp; notes</title><script>alert('x')</script></head><body>"
        "<nav>menu</nav><h1>Disk</h1><h2>Full disk</h2><p>Look   at <b>du</b>.</p>"
        "<ul><li>one</li><li>two</li></ul><pre>du -xh\n  | sort -h</pre>"
        "<table><tr><th>a</th><td>b</td></tr></table></body></html>",
        html=True,
        file="disk.html",
    )
    assert document.title == "Runbook & notes"
    assert "alert" not in document.text
    assert "menu" not in document.text
    pieces = split(document)
    assert [piece.source for piece in pieces] == ["operation_manual/disk.html#Full disk"]
    assert pieces[0].path == "Disk > Full disk"
    assert pieces[0].text.startswith("Look at **du**.")
    assert "du -xh\n  | sort -h" in pieces[0].text
    assert "- one\n- two" in pieces[0].text


def test_passages_keep_their_headings_in_front() -> None:
    """What is searched begins with "H1 > H2"; what is shown does not."""
    pieces = split(parsed("# A\nintro\n## B\nbody\n### C\nmore\n# D\n## E\nlast"))
    assert [(piece.indexed.page_content, piece.heading) for piece in pieces] == [
        ("A\nintro", "A"),
        ("A > B\nbody\n### C\nmore", "B"),
        ("D > E\nlast", "E"),
    ]


def test_a_heading_sign_in_code_is_no_heading_and_indentation_stays() -> None:
    """Commands and YAML can be copied as they are."""
    text = "## B\n```yaml\n# comment\nspark:\n  memory: 4g\n```"
    assert [piece.text for piece in split(parsed(text))] == [text.removeprefix("## B\n")]


def test_long_sections_are_cut() -> None:
    """No passage is longer than 500 characters, and none is empty."""
    pieces = split(parsed("# A\n" + "문장이 이어진다. " * 300))
    assert len(pieces) > 5
    assert all(0 < len(piece.text) <= SIZE for piece in pieces)


@given(st.text(max_size=600))
def test_any_text_is_read_or_refused(raw: str) -> None:
    """No text makes reading or cutting fail in another way."""
    try:
        document = parsed(raw.encode("utf-8", "replace").decode())
    except BrokenDocumentError:
        return
    assert all(piece.text.strip() for piece in split(document))


def test_a_kept_document_is_read_back_as_it_was(tmp_path: Path) -> None:
    """Front matter holds what the text does not, the channel of a private one too."""
    document = Document(
        Collection.HISTORY,
        "2026-11-22-cpu.md",
        "CPU: 94 %",
        "# CPU\n\n## 상황\n---\nx",
        dated=date(2026, 11, 22),
        language="ko",
        channel="C9",
    )
    path = write_document(tmp_path, document)
    assert path == tmp_path / "history" / "2026-11-22-cpu.md"
    assert load_documents(tmp_path).documents == (document,)
    assert written(document).startswith("---\ntitle: 'CPU: 94 %'\n")


@pytest.mark.parametrize("name", ["../../x.md", "/etc/passwd", "..", "a/b\x00.md", ""])
def test_a_kept_file_stays_in_its_directory(name: str, tmp_path: Path) -> None:
    """A name from outside cannot lead anywhere else."""
    path = write_document(tmp_path, Document(Collection.HISTORY, name, "t", "x"))
    assert path.parent == tmp_path / "history"
    assert safe_name(name).endswith(".md")


def test_a_source_without_both_folders_is_refused(tmp_path: Path) -> None:
    """A wrong path deletes nothing."""
    with pytest.raises(StartError, match="neither manual/ nor history/"):
        load_source(tmp_path)


def test_our_own_documents_are_found_and_whole() -> None:
    """knowledge/ is found from the package, and no file in it is broken."""
    loaded = load_documents(default_source())
    assert loaded.broken == ()
    assert loaded.documents
