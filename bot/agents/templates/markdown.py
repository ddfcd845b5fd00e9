"""Markdown as the parts of an answer: paragraphs, lists, and code to be copied as it is."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.domain.answers import Bullets, Code, Paragraph, Span

DocumentPart = Paragraph | Bullets | Code
LONGEST = 1_800  # characters of one run
LISTS, CODES = {"bullet_list", "ordered_list"}, {"fence", "code_block"}
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def parts_of(markdown: str) -> tuple[DocumentPart, ...]:
    """Return a text's parts in order; a heading is a bold line, HTML is left out."""
    return tuple(_parts(SyntaxTreeNode(_MARKDOWN.parse(markdown))))


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
