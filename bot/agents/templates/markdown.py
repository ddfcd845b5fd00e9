"""Markdown as the parts of an answer, and an answer's parts as Markdown."""

import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.domain import answers as parts
from bot.domain.answers import Bullets, Code, Paragraph, Part, Span

DocumentPart = Paragraph | Bullets | Code
LONGEST = 1_800  # characters of one run
LISTS, CODES = {"bullet_list", "ordered_list"}, {"fence", "code_block"}
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def parts_of(text: str) -> tuple[DocumentPart, ...]:
    """Return a text's parts in order; a heading is a bold line, HTML is left out."""
    return tuple(_parts(SyntaxTreeNode(_MARKDOWN.parse(text))))


def words_of(parts: Sequence[DocumentPart]) -> str:
    """Return the words of parts, a line each."""
    return "\n".join(line for part in parts for line in _lines(part))


def _lines(part: DocumentPart) -> Iterator[str]:
    match part:
        case Code(text):
            yield text
        case Paragraph(spans):
            yield "".join(span.text for span in spans)
        case Bullets(items, numbered):
            for number, item in enumerate(items, start=1):
                sign = f"{number}." if numbered else "•"
                yield f"{sign} {''.join(span.text for span in item)}"


def _parts(node: SyntaxTreeNode) -> Iterator[DocumentPart]:
    match node.type:
        case "fence" | "code_block":
            yield Code(node.content.rstrip("\n"))
        case "bullet_list" | "ordered_list":  # an item is a line; code in one stands after the list
            yield Bullets(tuple(filter(None, _items(node))), node.type == "ordered_list")
            yield from (part for each in node.walk() if each.type in CODES for part in _parts(each))
        case "table":
            yield Bullets(tuple(_rows(node)))
        case "heading":
            yield Paragraph(tuple(_spans(node, bold=True)))
        case "paragraph":
            yield from map(Paragraph, _pieces(_spans(node)))
        case _:
            for child in node.children:
                yield from _parts(child)


def _pieces(spans: Iterator[Span]) -> Iterator[tuple[Span, ...]]:
    """Yield a paragraph's runs, one that is too long for a post as paragraphs of its own."""
    kept: list[Span] = []
    for span in spans:
        if len(span.text) <= LONGEST:
            kept.append(span)
            continue
        yield from ((Span(text, span.bold),) for text in wrap(span.text, LONGEST))
    if kept:
        yield tuple(kept)


def _items(node: SyntaxTreeNode) -> Iterator[tuple[Span, ...]]:
    """Yield a list's items, those of a list in one after it."""
    for item in node.children:
        said: list[Span] = []
        for child in (each for each in item.children if each.type not in {*LISTS, *CODES}):
            said += [*([Span(" ")] if said else []), *_spans(child)]
        yield tuple(said)
        for child in (each for each in item.children if each.type in LISTS):
            yield from _items(child)


def _rows(node: SyntaxTreeNode) -> Iterator[tuple[Span, ...]]:
    """Yield a table's rows, each cell after its column's name."""
    head, *bodies = node.children
    names = ["".join(span.text for span in _spans(cell)) for cell in head.children[0].children]
    for row in (row for body in bodies for row in body.children):
        spans: list[Span] = []
        for name, cell in zip(names, row.children, strict=True):
            spans.append(Span(f"{' · ' if spans else ''}{f'{name}: ' if name else ''}"))
            spans += _spans(cell)
        yield tuple(spans)


def _spans(node: SyntaxTreeNode, *, bold: bool = False) -> Iterator[Span]:
    """Yield a line's runs; a link keeps its words, HTML is left out."""
    match node.type:
        case "code_inline":
            yield Span(node.content, code=True)
        case "softbreak" | "hardbreak":
            yield Span(" ", bold=bold)
        case "text" | "image" if node.content:
            yield Span(node.content, bold=bold)
        case _:
            for child in node.children:
                yield from _spans(child, bold=bold or node.type == "strong")


# What we say: whatever was plain text stays plain text, wherever it is rendered.


_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&$^=:@])")
_SIGNS = {"good": "✅", "warning": "⚠️", "bad": "❗"}


def markdown(shown: Iterable[Part]) -> str:
    """Return all parts but the buttons, a blank line between two."""
    return "\n\n".join(text for part in shown if (text := _text(part)))


def _text(part: Part | parts.Code) -> str:  # noqa: C901, PLR0911 - one for each kind
    match part:
        case parts.Heading(text):
            return f"### {plain(text)}"
        case parts.Paragraph(spans):
            return _line(spans)
        case parts.Bullets(items, numbered):
            return "\n".join(_bullets(items, numbered=numbered))
        case parts.Facts(pairs):
            return "\n".join(f"- **{plain(label)}**: {plain(value)}" for label, value in pairs)
        case parts.Table(rows, right):
            return table(rows, right)
        case parts.Notice(text, tone):
            return f"> {_SIGNS.get(tone.value, 'ℹ️')} {plain(text)}"
        case parts.Quote(text, source, title):
            head = f"**{plain(title)}** {_code(source)}\n\n" if title else ""
            tail = "" if title else f"\n>\n> {_code(source)}"
            return head + _quoted(plain(text)) + tail
        case parts.Extract(title, source, inner, url):
            said = "\n\n".join(_text(each) for each in inner)
            place = f"<{url}>" if re.fullmatch(r"https?://[^\s<>]+", url) else _code(source)
            return f"**{plain(title)}** {place}\n\n{_quoted(said)}"
        case parts.Note(text):
            return "  \n".join(f"_{plain(line)}_" for line in text.splitlines() if line.strip())
        case parts.Code(text):
            fence = "`" * max(3, _longest_run(text) + 1)
            return f"{fence}\n{text}\n{fence}"
        case parts.Buttons():
            return ""


def _bullets(items: Iterable[Sequence[Span]], *, numbered: bool) -> Iterator[str]:
    for number, spans in enumerate(items, start=1):
        yield f"{f'{number}.' if numbered else '-'} {_line(spans)}"


def table(rows: Sequence[Sequence[str]], right: Iterable[int]) -> str:
    """Return a table, its heads first; the columns in `right` stand to the right."""
    if not rows:
        return ""
    aligned = set(right)
    rule = ["---:" if column in aligned else "---" for column in range(len(rows[0]))]
    lines = [[plain(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))


def _line(spans: Iterable[Span]) -> str:
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    if span.user or span.channel:
        return _code(f"@{span.user}" if span.user else f"#{span.channel}")
    if span.code:
        return _code(span.text)
    text = plain(span.text)
    bare = text.strip()
    return text.replace(bare, f"**{bare}**", 1) if span.bold and bare else text


def plain(text: str) -> str:
    """Return the text with every sign escaped that Markdown could take for its own."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split("\n")))


def _code(text: str) -> str:
    line = " ".join(text.split())
    fence = "`" * (_longest_run(line) + 1)
    padded = f" {line} " if line.startswith("`") or line.endswith("`") else line
    return f"{fence}{padded}{fence}" if line else ""


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
