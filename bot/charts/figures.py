"""What a picture shows, as typed figures: percentages are 0 to 100, times are aware."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.domain.cluster import Window
from bot.domain.language import Language


@dataclass(frozen=True, slots=True)
class ChartLocale:
    """In which language and time zone a picture speaks."""

    language: Language
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class CpuHistory:
    """CPU over a window; `threshold` is the alert's, `kills` when applications were killed."""

    cluster: str
    window: Window
    threshold: float | None = None
    kills: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class KillEffect:
    """CPU measured around a kill, and the names of what was killed."""

    before: float
    after: float
    names: tuple[str, ...]


Figures = CpuHistory | KillEffect


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, what is said above it, and what it says to whoever cannot see it."""

    name: str
    png: bytes
    title: str
    alt: str
