"""Ids of applications: which are well formed, and where one hides inside a longer text."""

import re

_YARN = re.compile(r"application_\d{10,13}_\d{4,10}")
_SPARK = re.compile(r"app-\d{14}-\d{4,10}")
_DRIVER = re.compile(r"driver-\d{14}-\d{4,10}")
_ANYWHERE = re.compile(
    r"application_\d{10,13}_\d{4,10}"
    r"|app-\d{14}-\d{4,10}"
    r"|container_(?:e\d+_)?(?P<started>\d{10,13})_(?P<number>\d{4,10})_\d{2,}_\d{6,}",
)
_ATTEMPT = re.compile(r"container_(?:e\d+_)?\d{10,13}_\d{4,10}_(\d{2,6})_\d{6,}")


def is_yarn_application(text: str) -> bool:
    """Tell whether the text is exactly one YARN application id."""
    return _YARN.fullmatch(text) is not None


def is_spark_application(text: str) -> bool:
    """Tell whether the text is exactly one Spark standalone application id."""
    return _SPARK.fullmatch(text) is not None


def is_spark_driver(text: str) -> bool:
    """Tell whether the text is exactly one Spark standalone driver id."""
    return _DRIVER.fullmatch(text) is not None


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
