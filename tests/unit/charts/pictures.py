"""The pictures that are compared, and `python -m tests.unit.charts.pictures` to keep them anew."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.charts.drawing import draw
from bot.charts.pictures import ChartLocale, CpuHistory
from bot.domain.cluster import Window
from bot.domain.language import Language

IMAGES = Path(__file__).parent / "images"
START = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
KILL = START + timedelta(minutes=52)
KST = ZoneInfo("Asia/Seoul")


def _cpu(minute: int) -> float:
    """Calm, then a runaway from minute 35, killed in minute 52."""
    calm = 38 + 4 * math.sin(minute / 2)
    grown = min(max(minute - 35, 0) * 9, 56)
    freed = min(max(minute - 52, 0) * 18, 54)
    return min(calm + grown - freed, 99.0)


def hour() -> Window:
    points = tuple((START + timedelta(minutes=each), _cpu(each)) for each in range(61))
    values = [value for _, value in points]
    mean = sum(values) / len(values)
    return Window(START, points[-1][0], min(values), mean, max(values), points)


FIGURES: Mapping[str, CpuHistory] = {
    "cpu": CpuHistory("prod-dw", hour(), 90.0, (KILL,)),
    "plain": CpuHistory("prod-dw", hour()),
}


def drawn(name: str, language: Language) -> bytes:
    return draw(FIGURES[name], ChartLocale(language, KST))


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    for language in Language:
        for name in FIGURES:
            (IMAGES / f"{name}-{language.value}.png").write_bytes(drawn(name, language))
