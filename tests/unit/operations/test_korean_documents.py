"""Every document has a Korean page that says the same: headings, code, settings, commands, links."""

import re
from collections.abc import Iterator
from os.path import relpath
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
ENGLISH = sorted(
    page for page in [*DOCS.glob("*.md"), *DOCS.glob("decisions/*.md")] if page.is_file()
)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#+) +(.+)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
SETTING = re.compile(r"(?<![A-Za-z0-9_])_?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![A-Za-z0-9_])")
PROGRAM = re.compile(
    r"(cp|curl|dangjik|docker|freeze|kubectl|make|pg_dump|pip|python|sqlite3|yarn|\S*/python)\b"
)
EVERY_PAGE = pytest.mark.parametrize("english", ENGLISH, ids=lambda page: page.stem)


def korean_of(english: Path) -> Path:
    return DOCS / "ko" / english.relative_to(DOCS)


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def sections(page: Path) -> list[str]:
    """Return the text under each heading, the heading's level in front of it."""
    parts = HEADING.split(prose(page))[1:]
    return [
        f"{level}\n{heading}\n{text}"
        for level, heading, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]


def levels(page: Path) -> list[str]:
    return [section.partition("\n")[0] for section in sections(page)]


def named(text: str) -> set[str]:
    """Return the settings and the whole commands among the inline code of a text."""
    spans = re.findall(r"`([^`\n]+)`", text)
    settings = {setting for span in spans for setting in SETTING.findall(span)}
    return settings | {span for span in spans if PROGRAM.match(span)}


def table_shapes(text: str) -> list[int]:
    """Return the number of cells of every row of the tables of a text."""
    return [line.count(" | ") for line in text.splitlines() if line.startswith("|")]


def anchors(page: Path) -> set[str]:
    """Return the fragments GitHub gives the headings of a page."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for _, heading in HEADING.findall(prose(page))
    }


def dead_links(page: Path) -> Iterator[str]:
    """Yield the relative links of a page that lead nowhere, fragments included."""
    for link in LINK.findall(prose(page)):
        if "://" in link:
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (fragment and fragment not in anchors(target)):
            yield link


@EVERY_PAGE
def test_a_page_and_its_korean_page_lead_to_each_other(english: Path) -> None:
    """In the line under the title, as in the README."""
    korean = korean_of(english)
    there = relpath(korean, english.parent)
    back = relpath(english, korean.parent)
    assert english.read_text(encoding="utf-8").splitlines()[2] == f"[한국어]({there})"
    assert korean.read_text(encoding="utf-8").splitlines()[2] == f"[English]({back})"


@EVERY_PAGE
def test_headings_are_as_many_and_as_deep(english: Path) -> None:
    """Their order is the same, so a reader of both finds the place."""
    assert levels(korean_of(english)) == levels(english)


@EVERY_PAGE
def test_code_blocks_are_the_same(english: Path) -> None:
    """To the letter: they are copied into terminals and files."""
    texts = [page.read_text(encoding="utf-8") for page in (english, korean_of(english))]
    assert FENCE.findall(texts[1]) == FENCE.findall(texts[0])


@EVERY_PAGE
def test_each_section_names_the_same_settings_and_commands(english: Path) -> None:
    """A setting that only one language tells of is a setting half of the readers miss."""
    told = [[named(text) for text in sections(page)] for page in (english, korean_of(english))]
    assert told[1] == told[0]


@EVERY_PAGE
def test_each_section_has_tables_of_the_same_shape(english: Path) -> None:
    """No row is left out of one language."""
    shapes = [
        [table_shapes(text) for text in sections(page)] for page in (english, korean_of(english))
    ]
    assert shapes[1] == shapes[0]


@EVERY_PAGE
def test_links_of_both_pages_lead_somewhere(english: Path) -> None:
    """Files, folders and headings."""
    assert [link for page in (english, korean_of(english)) for link in dead_links(page)] == []


def test_links_of_the_readmes_lead_somewhere() -> None:
    """Of both."""
    assert [
        link for name in ("README.md", "README.ko.md") for link in dead_links(ROOT / name)
    ] == []


def test_no_korean_page_is_left_over() -> None:
    """Each belongs to an English one."""
    korean = set((DOCS / "ko").rglob("*.md"))
    assert korean == {korean_of(page) for page in ENGLISH}


def test_the_korean_readme_leads_to_korean_pages() -> None:
    """Not to an English one that has a Korean one."""
    links = LINK.findall(prose(ROOT / "README.ko.md"))
    pages = [link for link in links if link.startswith("docs/") and ".md" in link]
    assert pages
    assert [link for link in pages if not link.startswith("docs/ko/")] == []
