"""Ids of applications: which are well formed, and where one hides inside a longer text."""

import re

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
