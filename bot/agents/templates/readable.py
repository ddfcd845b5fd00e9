"""Markdown as a person reads it: no markers, tables as lines, cut only between sentences."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
FENCE = re.compile(r"^[ \t]*(```|~~~)")
RULE = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*$")
ROW = re.compile(r"^[ \t]*\|.*\|[ \t]*$")
LEADING = re.compile(r"^([ \t]*)(#{1,6}[ \t]+|(?:>[ \t]?)+|[-*+][ \t]+(?:\[[ xX]\][ \t]+)?)")
CODE = re.compile(r"(`+)(.+?)\1")
LINK = re.compile(r"!?\[([^\]\[]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:[ \t]+\"[^\"]*\")?\)")
BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
STRUCK = re.compile(r"~~(?=\S)(.+?)(?<=\S)~~")
ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])")
SENTENCE = re.compile(r"(?<=[^\s\d][.!?。])[ \t]+(?=\S)|(?<=\d%[.!?])[ \t]+(?=\S)")
STEP = re.compile(r"\d{1,2}[.)] ")  # steps told in one line read better below each other
CUT = "…"


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, a list item or a table row: where it stands in the Markdown, and its words."""

    start: int
    end: int
    line: int
    text: str


def readable(markdown: str) -> str:
    """Return a whole Markdown text without its markers."""
    return _written(units(markdown))


def excerpt(section: str, passage: str, limit: int) -> str:
    """Return the whole sentences of a section around a passage of it, about `limit` characters.

    Both are Markdown. What is left out before or after is shown as `…`. A short section comes
    whole; a passage that is no part of the section is read by itself.
    """
    at = section.find(passage)
    if at < 0:
        section, at = passage, 0
    every = units(section)
    if _length(every) <= limit:
        return _written(every)
    end = at + len(passage)
    chosen = [unit for unit in every if unit.start < end and unit.end > at]
    while len(chosen) > 1 and _length(chosen) > limit:
        chosen.pop()
    if not chosen:
        return ""
    text = _written(chosen)
    if len(text) > limit:
        text = f"{text[:limit].rsplit(' ', 1)[0].rstrip()} {CUT}"
    elif chosen[-1] is not every[-1]:
        text = f"{text} {CUT}"
    return text if chosen[0] is every[0] else f"{CUT} {text}"


def units(markdown: str) -> list[Unit]:
    """Return the sentences, items and rows of a Markdown text that hold any words, in order."""
    hidden = COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), markdown)
    return [unit for unit in _units(hidden) if unit.text]


def plain(text: str) -> str:
    """Return one line's words without Markdown's inline markers; code stays as it is written."""
    parts: list[str] = []
    at = 0
    for code in CODE.finditer(text):
        parts.extend((_unmarked(text[at : code.start()]), code.group(2).strip()))
        at = code.end()
    return "".join([*parts, _unmarked(text[at:])]).strip()


def _unmarked(text: str) -> str:
    for pattern, kept in ((LINK, r"\1"), (BOLD, r"\2"), (STRUCK, r"\1"), (ESCAPED, r"\1")):
        text = pattern.sub(kept, text)
    return text.replace("**", "").replace("`", "")


def _units(markdown: str) -> Iterator[Unit]:
    fence, heads, at = "", [""], 0
    lines = markdown.split("\n")
    for number, line in enumerate(lines):
        start, at = at, at + len(line) + 1
        opened = FENCE.match(line)
        if opened and fence in {"", opened.group(1)}:
            fence = "" if fence else opened.group(1)
        elif fence:
            yield Unit(start, at - 1, number, line.rstrip())
        elif RULE.match(line) and ("|" in line or not line.strip(" \t-")):
            continue
        elif ROW.match(line):
            following = lines[number + 1] if number + 1 < len(lines) else ""
            if RULE.match(following):
                heads = _cells(line)
            else:
                yield Unit(start, at - 1, number, _row(heads, _cells(line)))
        else:
            heads = [""]
            yield from _sentences(line, start, number)


def _sentences(line: str, start: int, number: int) -> Iterator[Unit]:
    leading = LEADING.match(line)
    sign = ""
    skipped = 0
    if leading:
        skipped = leading.end()
        item = leading.group(2)[0] in "-*+"
        sign = f"{leading.group(1)}• " if item else ""
    begin = skipped
    for found in [*SENTENCE.finditer(line, skipped), None]:
        end = found.start() if found else len(line)
        words = plain(line[begin:end])
        first = begin == skipped
        yield Unit(
            start + (0 if first else begin), start + end, number, sign * first * bool(words) + words
        )
        begin = found.end() if found else end


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return [plain(cell) for cell in re.split(r"(?<!\\)\|", inner)]


def _row(heads: list[str], cells: list[str]) -> str:
    names = [*heads, *[""] * len(cells)]
    said = [
        f"{name}: {cell}" if name else cell
        for name, cell in zip(names, cells, strict=False)
        if cell
    ]
    return f"• {' · '.join(said)}" if said else ""


def _length(chosen: list[Unit]) -> int:
    return sum(len(unit.text) + 1 for unit in chosen)


def _written(chosen: list[Unit]) -> str:
    """Put sentences of one line side by side again, and lines below each other."""
    text = ""
    for position, unit in enumerate(chosen):
        if position:
            beside = unit.line == chosen[position - 1].line and not STEP.match(unit.text)
            text += " " if beside else "\n"
        text += unit.text
    return text
