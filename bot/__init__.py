"""Dangjik: the on-call engineer in your alert thread."""

from importlib.metadata import PackageNotFoundError, version

UNKNOWN = "unknown"  # run from a tree that nobody installed


def own_version() -> str:
    """Return the installed version, or UNKNOWN: no run may end over its own name."""
    try:
        return version("dangjik")
    except PackageNotFoundError:
        return UNKNOWN
