"""Tables: Slack's table block, and text aligned by how wide letters are drawn."""

import unicodedata

from bot.domain.answers import Table
from bot.domain.language import Language
from bot.handlers.views import blocks as kit
from bot.handlers.views.sanitize import sanitize_line
from bot.texts import slack as texts

_MAX_CELL = 120
_WIDE = frozenset("WF")


def table_block(table: Table, room: int, language: Language) -> kit.Block:
    """Return a table block of at most 100 rows, 20 columns and `room` characters."""
    rows = _fitting(table, room, language)
    width = max(len(row) for row in rows)
    return {
        "type": "table",
        "column_settings": [
            {
                "align": "right" if column in table.right else "left",
                "is_wrapped": column not in table.right,
            }
            for column in range(width)
        ],
        "rows": [
            [{"type": "raw_text", "text": cell} for cell in _padded(row, width)] for row in rows
        ],
    }


def preformatted(table: Table, room: int, language: Language) -> kit.Block:
    """Return the table as fixed-width text; Korean letters are two columns wide."""
    rows = _fitting(table, room // 3, language)
    width = max(len(row) for row in rows)
    rows = [_padded(row, width) for row in rows]
    widths = [max(_drawn(row[column]) for row in rows) for column in range(width)]
    lines = [
        "  ".join(
            _aligned(cell, widths[column], right=column in table.right)
            for column, cell in enumerate(row)
        ).rstrip()
        for row in rows
    ]
    text = "\n".join(lines)[: max(room - 1, 1)]
    return kit.rich({"type": "rich_text_preformatted", "elements": [kit.words(text)]})


def _fitting(table: Table, room: int, language: Language) -> list[list[str]]:
    """Return the rows that fit; the last one then tells how many do not."""
    rows = [
        [sanitize_line(cell, _MAX_CELL, language) or kit.EMPTY for cell in row[: kit.MAX_COLUMNS]]
        for row in table.rows
        if row
    ] or [[kit.EMPTY]]
    kept: list[list[str]] = []
    used = 30
    for row in rows[: kit.MAX_ROWS - 1]:
        used += sum(len(cell) for cell in row)
        if used > room:
            break
        kept.append(row)
    if left := len(rows) - len(kept):
        kept.append([texts.LEFT_OUT(language, n=left)])
    return kept


def _padded(row: list[str], width: int) -> list[str]:
    return row + [kit.EMPTY] * (width - len(row))


def _drawn(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in _WIDE else 1 for letter in text)


def _aligned(cell: str, width: int, *, right: bool) -> str:
    gap = " " * (width - _drawn(cell))
    return gap + cell if right else cell + gap
