"""Markdown as the parts of an answer: paragraphs, lists, and code to be copied as it is."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.domain.answers import Bullets, Code, Paragraph, Span

DocumentPart = Paragraph | Bullets | Code
LONGEST = 1_800  # characters of one run
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def parts_of(markdown: str) -> tuple[DocumentPart, ...]:
    """Return a text's parts in order; a heading is a bold line, HTML is left out."""
    tokens = iter(_MARKDOWN.parse(markdown))
    return tuple(part for token in tokens for part in _part(token, tokens))


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


def _part(token: Token, rest: Iterator[Token]) -> Iterator[DocumentPart]:
    match token.type:
        case "fence" | "code_block":
            yield Code(token.content.rstrip("\n"))
        case "bullet_list_open" | "ordered_list_open":
            yield from _list(token, rest)
        case "table_open":
            yield Bullets(tuple(_rows(rest)))
        case "heading_open":
            yield Paragraph(tuple(Span(span.text, bold=True) for span in _spans(next(rest))))
        case "inline":
            yield from map(Paragraph, _pieces(_spans(token)))


def _pieces(spans: tuple[Span, ...]) -> Iterator[tuple[Span, ...]]:
    """Yield a paragraph's runs, one that is too long for a post as paragraphs of its own."""
    kept: list[Span] = []
    for span in spans:
        if len(span.text) <= LONGEST:
            kept.append(span)
            continue
        yield from ((Span(text, span.bold),) for text in wrap(span.text, LONGEST))
    if kept:
        yield tuple(kept)


def _list(opening: Token, rest: Iterator[Token]) -> Iterator[DocumentPart]:
    """Yield a list whose items are one line each; code inside one stands after it."""
    items: list[tuple[Span, ...]] = []
    codes: list[Code] = []
    depth, fresh = 1, False
    for token in rest:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            depth += 1
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            depth -= 1
            if not depth:
                break
        elif token.type == "list_item_open":
            fresh = True
        elif token.type == "inline":
            spans = _spans(token)
            items, fresh = (
                (
                    [*items, spans]
                    if fresh or not items
                    else [*items[:-1], (*items[-1], Span(" "), *spans)]
                ),
                False,
            )
        elif token.type in {"fence", "code_block"}:
            codes.append(Code(token.content.rstrip("\n")))
    yield Bullets(tuple(item for item in items if item), opening.type == "ordered_list_open")
    yield from codes


def _rows(rest: Iterator[Token]) -> Iterator[tuple[Span, ...]]:
    """Yield a table's rows, each cell after its column's name."""
    names: list[str] = []
    row: list[Span] = []
    cell, heading = 0, False
    for token in rest:
        if token.type == "table_close":
            return
        if token.type in {"th_open", "td_open"}:
            heading = token.type == "th_open"
        elif token.type == "tr_open":
            row, cell = [], 0
        elif token.type == "inline" and heading:
            names.append("".join(span.text for span in _spans(token)))
        elif token.type == "inline":
            name = f"{names[cell]}: " if cell < len(names) and names[cell] else ""
            row += [Span(f"{' · ' if row else ''}{name}"), *_spans(token)]
            cell += 1
        elif token.type == "tr_close" and row:
            yield tuple(row)


def _spans(token: Token) -> tuple[Span, ...]:
    """Return a line's runs; a link keeps its words, HTML is left out."""
    found: list[Span] = []
    bold = 0
    for child in token.children or ():
        if child.type in {"strong_open", "strong_close"}:
            bold += 1 if child.type == "strong_open" else -1
        elif child.type == "code_inline":
            found.append(Span(child.content, code=True))
        elif child.type in {"softbreak", "hardbreak"}:
            found.append(Span(" "))
        elif child.type in {"text", "image"} and child.content:
            found.append(Span(child.content, bold=bool(bold)))
    return tuple(found)
