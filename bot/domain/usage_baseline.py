"""What applications of one name and user usually do, as our own samples of earlier days have it."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class UsageBaseline:
    """The habit of a name: medians, and on how much they rest; None where nothing was seen.

    `cores` is per run, at about this hour on `days` earlier days; `length` is that of `runs`
    finished runs, as far as they were among the heaviest and so sampled.
    """

    cores: float | None = None
    days: int = 0
    length: timedelta | None = None
    runs: int = 0
