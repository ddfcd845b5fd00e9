"""What we say as Markdown: whatever was plain text stays plain text, wherever it is rendered."""

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.domain import answers as parts
from bot.domain.answers import Part, Span

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
            return _spans(spans)
        case parts.Bullets(items, numbered):
            return "\n".join(_items(items, numbered=numbered))
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


def _items(items: Iterable[Sequence[Span]], *, numbered: bool) -> Iterator[str]:
    for number, spans in enumerate(items, start=1):
        yield f"{f'{number}.' if numbered else '-'} {_spans(spans)}"


def table(rows: Sequence[Sequence[str]], right: Iterable[int]) -> str:
    """Return a table, its heads first; the columns in `right` stand to the right."""
    if not rows:
        return ""
    aligned = set(right)
    rule = ["---:" if column in aligned else "---" for column in range(len(rows[0]))]
    lines = [[plain(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))


def _spans(spans: Iterable[Span]) -> str:
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
