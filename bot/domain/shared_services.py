"""Recognises what many people sit on: SQL servers, Spark Connect, sessions, endless streams."""

import re
from collections.abc import Mapping

from bot.domain.applications import Shared

# What such programs call themselves: their types, names and tags as they are submitted by default.
_SIGNS = (
    (
        Shared.SQL_SERVER,
        r"thrift|kyuubi|hive ?server2|spark ?sql ?server",
    ),
    (Shared.CONNECT, r"spark ?connect"),
    (
        Shared.SESSION,
        r"livy|zeppelin|jupyter|notebook|spark ?shell|sparkmagic|toree",
    ),
    (Shared.STREAM, r"(^|[^a-z])(stream(s|ing)?|flink|real ?time)([^a-z]|$)"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _SIGNS)
_CLASSES = {
    "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2": Shared.SQL_SERVER,
    "org.apache.spark.sql.connect.service.SparkConnectServer": Shared.CONNECT,
    "org.apache.kyuubi.engine.spark.SparkSQLEngine": Shared.SQL_SERVER,
    "org.apache.livy.rsc.driver.RSCDriverBootstrapper": Shared.SESSION,
}
_BETWEEN = re.compile(r"[_/-]+|(?<=[a-z])(?=[A-Z])")
_NUMBER = re.compile(r"\d+")


def shared_service(
    name: str, kind: str = "", tags: str = "", conf: Mapping[str, str] | None = None
) -> Shared | None:
    """Return what kind of shared or endless service an application is; None for an ordinary job.

    `kind` is its type, `tags` comma-separated, `conf` Spark's configuration where it is known.
    """
    known = conf or {}
    if (found := _CLASSES.get(known.get("spark.app.mainClass", ""))) is not None:
        return found
    if any(key.startswith("spark.livy.") for key in known):
        return Shared.SESSION
    words = _BETWEEN.sub(" ", f"{name} {kind} {tags}").lower()
    return next((found for found, sign in _COMPILED if sign.search(words)), None)


def protecting_pattern(name: str) -> str:
    """Return the pattern of PROTECTED for an application's name; its numbers, new each time, are any."""
    return f"name:{_NUMBER.sub('*', name)}"
