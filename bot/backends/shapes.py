"""Reading values out of JSON that another system wrote.

Whether a figure is one is decided here and nowhere else: a wrong shape, and a number that cannot
be, such as a percentage of 4,000 or more bytes than can be counted, become None or empty.
"""

import math
import re
from datetime import UTC, datetime
from typing import Any

_MOST = 10**7  # cores, containers or applications; five thousand nodes have a tenth of that
_MOST_BYTES = 2**63
_MOST_MIB = 2**43
_LEAST_PERCENT, _MOST_PERCENT = -5.0, 105.0  # rates overshoot a little by extrapolation
_MOST_OF_QUEUE = 1000.0  # percent: a queue may hold more than a cluster that lost machines
_MIB = 2**20
_EARLIEST, _LATEST = 1.1e12, 4.1e12  # milliseconds: the years 2004 to 2099
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
        return float(value) if 0 <= value < _MOST else None
    result = number(value)
    return result if result is not None and 0 <= result < _MOST else None


def count(value: Any) -> int | None:
    """Return a whole number that cannot be negative."""
    result = amount(value)
    return None if result is None else int(result)


def mebibytes(value: Any) -> int | None:
    """Return bytes from a whole number of MiB."""
    result = number(value)
    return int(result) * _MIB if result is not None and 0 <= result < _MOST_MIB else None


def size(value: Any) -> int | None:
    """Return a number of bytes."""
    result = number(value)
    return int(result) if result is not None and 0 <= result < _MOST_BYTES else None


def percent(value: Any) -> float | None:
    """Return a percentage between 0 and 100; one further off than rates overshoot is none."""
    result = number(value)
    if result is None or not _LEAST_PERCENT <= result <= _MOST_PERCENT:
        return None
    return min(100.0, max(0.0, result))


def part_of_cluster(value: Any) -> float | None:
    """Return a queue's percentage of the cluster, which may exceed the whole."""
    result = number(value)
    return result if result is not None and 0 <= result <= _MOST_OF_QUEUE else None


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
    """Return a time from milliseconds since the epoch, a number or a text.

    None for a time before these systems were there, as 0 is, or long after.
    """
    if milliseconds == 0:  # nearly always for the end of what runs
        return None
    value = number(milliseconds)
    if value is None or not _EARLIEST <= value <= _LATEST:
        return None
    return datetime.fromtimestamp(value / 1000, UTC)


def one_line(words: str, limit: int = DETAIL_LIMIT) -> str:
    """Return a short single line without control or direction characters; HTML gives its title."""
    head = words[: 20 * limit]
    title = _TITLE.search(head)
    plain = _INVISIBLE.sub(" ", title.group(1) if title else head)
    line = _SPACES.sub(" ", plain).strip()
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


# Ids of applications: which are well formed, and where one hides inside a longer text.


_YARN = re.compile(r"application_\d{10,13}_\d{4,10}").fullmatch
# Spark 4 lets the operator choose the pattern (spark.deploy.appIdPattern) or take the name.
_SPARK = re.compile(r"[^\s\x00-\x1f\x7f/\\<>\"'&?#%]{1,200}")
_ANYWHERE = re.compile(
    r"application_\d{10,13}_\d{4,10}"
    r"|app-\d{14}-\d{1,10}"
    r"|container_(?:e\d+_)?(?P<started>\d{10,13})_(?P<number>\d{4,10})_\d{2,}_\d{6,}",
)
_ATTEMPT = re.compile(r"container_(?:e\d+_)?\d{10,13}_\d{4,10}_(\d{2,6})_\d{6,}")


def is_yarn_application(text: str) -> bool:
    """Tell whether the text is exactly one YARN application id."""
    return _YARN(text) is not None


def is_spark_application(text: str) -> bool:
    """Tell whether the text can be the id of a Spark standalone application or driver."""
    return _SPARK.fullmatch(text) is not None


def application_in(text: str) -> str | None:
    """Return the application id a process group, cgroup path or container name belongs to."""
    match = _ANYWHERE.search(text)
    if match is None:
        return None
    if match["started"] is None:
        return match.group()
    return f"application_{match['started']}_{match['number']}"


def attempt_in(text: str) -> int | None:
    """Return the attempt number a container id or its log address carries."""
    match = _ATTEMPT.search(text)
    return int(match[1]) if match else None
