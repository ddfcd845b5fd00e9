"""Which version of the product this is."""

from importlib.metadata import PackageNotFoundError, version

UNKNOWN = "unknown"  # run from a tree that nobody installed


def own_version() -> str:
    """Return the installed version, or UNKNOWN: no run may end over its own name."""
    try:
        return version("dangjik")
    except PackageNotFoundError:
        return UNKNOWN
