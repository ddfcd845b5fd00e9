"""Reading values out of JSON that another system wrote: wrong shapes become None or empty."""

import math
import re
from datetime import UTC, datetime
from typing import Any

_LARGEST = 10**15  # more cores, bytes or milliseconds than there are
NAME_LIMIT = 1000
LABEL_LIMIT = 300
DIAGNOSTICS_LIMIT = 500
DETAIL_LIMIT = 160
_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+",
)
_SPACES = re.compile(r"\s+")
_TITLE = re.compile(r"<title>\s*(.{1,300}?)\s*</title>", re.IGNORECASE | re.DOTALL)


def mapping(value: Any) -> dict[str, Any]:
    """Return a JSON object; anything else counts as an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[dict[str, Any]]:
    """Return a list of objects; one object alone counts as a list of one, the rest is dropped.

    Hadoop's JSON writes a list of one element as the element itself in some versions.
    """
    if isinstance(value, dict):
        return [value] if value else []
    if not isinstance(value, list):
        return []
    return [row for row in value if isinstance(row, dict)]


def number(value: Any) -> float | None:
    """Return a finite number from a number or a numeric text; None for anything else."""
    if not isinstance(value, (int, float, str)) or isinstance(value, bool):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def amount(value: Any) -> float | None:
    """Return a number that cannot be negative; YARN writes -1 for "not any more"."""
    if type(value) is int:  # nearly always, and there may be ten thousand rows
        return float(value) if 0 <= value < _LARGEST else None
    result = number(value)
    return result if result is not None and result >= 0 else None


def count(value: Any) -> int | None:
    """Return a whole number that cannot be negative."""
    if type(value) is int:  # nearly always, and there may be ten thousand rows
        return value if value >= 0 else None
    result = amount(value)
    return None if result is None else int(result)


def percent(value: Any) -> float | None:
    """Return a percentage between 0 and 100; rates overshoot a little by extrapolation."""
    result = number(value)
    return None if result is None else min(100.0, max(0.0, result))


def text(value: Any, limit: int = LABEL_LIMIT) -> str:
    """Return a text of bounded length as written; "" for anything but text.

    Halves of surrogate pairs, which nothing can store or send, become question marks.
    """
    if type(value) is str and len(value) <= limit and value.isascii():  # nearly always
        return value
    if not isinstance(value, str):
        return ""
    part = value if len(value) <= limit else value[:limit]
    return part if part.isascii() else part.encode("utf-8", "replace").decode()


def moment(milliseconds: Any) -> datetime | None:
    """Return a time from milliseconds since the epoch, a number or a text; None for 0 or less."""
    if milliseconds == 0:  # nearly always for the end of what runs
        return None
    value = amount(milliseconds)
    if not value:
        return None
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def one_line(words: str, limit: int = DETAIL_LIMIT) -> str:
    """Return a short single line without control or direction characters; HTML gives its title."""
    head = words[: 20 * limit]
    title = _TITLE.search(head)
    plain = _INVISIBLE.sub(" ", title.group(1) if title else head)
    line = _SPACES.sub(" ", plain).strip()
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
