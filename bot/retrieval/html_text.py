"""Exported HTML to Markdown-like text: headings, lists, tables and code survive, scripts do not."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
SILENT = frozenset({"script", "style", "template", "noscript", "nav", "svg", "iframe"})
BLOCKS = frozenset(
    {
        "p",
        "div",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "ul",
        "ol",
        "table",
        "blockquote",
    }
)
BLANK_LINES = re.compile(r"\n{3,}")
SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A page's title element and its text."""

    title: str
    text: str


def markdown_of(html: str) -> HtmlPage:
    """Return the page's text as Markdown, without scripts, styles and navigation."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = "\n".join(line.rstrip() for line in "".join(reader.parts).split("\n"))
    return HtmlPage(
        SPACES.sub(" ", "".join(reader.title)).strip(), BLANK_LINES.sub("\n\n", text).strip()
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.title: list[str] = []
        self._silent: list[str] = []
        self._verbatim = False
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base class's signature
        if tag in SILENT:
            self._silent.append(tag)
        elif tag == "title":
            self._in_title = True
        elif tag in HEADINGS:
            self.parts.append(f"\n\n{'#' * HEADINGS[tag]} ")
        elif tag == "pre":
            self._verbatim = True
            self.parts.append("\n\n```\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in {"td", "th"}:
            self.parts.append(" | ")
        elif tag in {"br", "tr"}:
            self.parts.append("\n")
        elif tag in BLOCKS:
            self.parts.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
        elif tag == "title":
            self._in_title = False
        elif tag == "pre":
            self._verbatim = False
            self.parts.append("\n```\n\n")
        elif tag in HEADINGS or tag in BLOCKS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._in_title:
            self.title.append(data)
        elif self._verbatim:
            self.parts.append(data)
        else:
            self.parts.append(SPACES.sub(" ", data))
