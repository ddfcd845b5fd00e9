"""The pictures that are compared, and `python -m tests.unit.charts.pictures` to keep them anew."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.charts.drawing import draw
from bot.charts.figures import ChartLocale, CpuHistory, Figures, KillEffect, TopApplications
from bot.charts.scenes import Composed, compose
from bot.domain.applications import ApplicationRef
from bot.domain.cluster import Window
from bot.domain.conversation import ListingRow
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


def row(rank: int, name: str, share: float | None, user: str = "eve") -> ListingRow:
    ref = ApplicationRef("prod-dw", "yarn", f"application_1719800000000_{rank:04d}")
    return ListingRow(rank, ref, 1, name, user, "etl", START, 12.0, 1, "measured", share)


ROWS = (
    row(1, "adhoc_clickstream_join", 0.38),
    row(2, "etl_orders_merge", 0.24, "airflow"),
    row(3, "매출_집계_일배치_상반기_전체_재처리_다시", 0.08, "민지"),
    row(4, "notebook $x^2$ 漢字 \U0001f642 \u202e", 0.055, "kim"),
    row(5, "unknown share", None),
)
FIGURES: Mapping[str, Figures] = {
    "cpu": CpuHistory("prod-dw", hour(), 90.0, (KILL,)),
    "plain": CpuHistory("prod-dw", hour()),
    "kill": KillEffect(97.2, 41.4, ("adhoc_clickstream_join", "etl_orders_merge")),
    "top": TopApplications(ROWS),
}


def composed(name: str, language: Language) -> Composed:
    made = compose(FIGURES[name], ChartLocale(language, KST))
    assert made is not None
    return made


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    for language in Language:
        for name in FIGURES:
            picture = draw(composed(name, language).scene)
            (IMAGES / f"{name}-{language.value}.png").write_bytes(picture)
