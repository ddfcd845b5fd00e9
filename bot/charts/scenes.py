"""Figures as scenes: every word and position decided, nothing drawn. A scene is plain JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.charts.figures import ChartLocale, CpuHistory, Figures, KillEffect
from bot.texts import charts as texts
from bot.texts import figures as words

NAMES_SHOWN = 3
TICKS = 4  # a phone reads no more
A_DAY = timedelta(hours=25)


@dataclass(frozen=True, slots=True)
class LineScene:
    """A line from 0 to 100 percent; x counts seconds from the first point."""

    title: str
    value: str
    points: tuple[tuple[float, float], ...]
    ticks: tuple[tuple[float, str], ...]
    threshold: tuple[float, str] | None = None
    marks: tuple[tuple[float, str], ...] = ()
    kind: str = "line"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its length is 0 to 1; `tone` is `warm`, `cool` or `plain`."""

    label: str
    length: float
    value: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class BarsScene:
    """Bars below each other, each with its name above and its value beside it."""

    title: str
    bars: tuple[Bar, ...]
    caption: str = ""
    kind: str = "bars"


Scene = LineScene | BarsScene


@dataclass(frozen=True, slots=True)
class Composed:
    """A scene with its file name, alt text, and what is said above it besides its own title."""

    name: str
    scene: Scene
    alt: str
    title: str


def compose(figures: Figures, manner: ChartLocale) -> Composed | None:
    """Return the scene of some figures; None when there is nothing to see."""
    match figures:
        case CpuHistory():
            return _cpu(figures, manner)
        case KillEffect():
            return _kill(figures, manner)


def packed(scene: Scene) -> bytes:
    """Return a scene as JSON in ASCII."""
    return json.dumps(asdict(scene)).encode("ascii")


def unpacked(data: bytes) -> Scene:
    """Return the scene of its JSON."""
    values: dict[str, Any] = json.loads(data)
    if values["kind"] == "line":
        threshold = values["threshold"]
        return LineScene(
            title=values["title"],
            value=values["value"],
            points=_pairs(values["points"]),
            ticks=_pairs(values["ticks"]),
            threshold=(threshold[0], threshold[1]) if threshold else None,
            marks=_pairs(values["marks"]),
        )
    bars = tuple(Bar(**each) for each in values["bars"])
    return BarsScene(values["title"], bars, values["caption"])


def _pairs(values: list[list[Any]]) -> tuple[tuple[Any, Any], ...]:
    return tuple((first, second) for first, second in values)


def _cpu(figures: CpuHistory, manner: ChartLocale) -> Composed | None:
    points, language = figures.window.points, manner.language
    if len(points) < 2:  # noqa: PLR2004 - one point is no line
        return None
    start, end = points[0][0], points[-1][0]
    threshold = figures.threshold
    said = words.percent(threshold)
    kills = sorted(at for at in figures.kills if start <= at <= end)
    scene = LineScene(
        title=texts.CPU_TITLE(language, cluster=figures.cluster),
        value=words.percent(points[-1][1]),
        points=tuple((_since(start, at), value) for at, value in points),
        ticks=tuple(_ticks(start, end, manner)),
        threshold=(
            None if threshold is None else (threshold, texts.THRESHOLD(language, value=said))
        ),
        marks=tuple(
            (
                _since(start, at),
                texts.KILLED_AT(language, time=_clock(at, end - start, manner)),
            )
            for at in kills
        ),
    )
    alt = texts.CPU_ALT(
        language,
        cluster=figures.cluster,
        start=_clock(start, end - start, manner),
        end=_clock(end, end - start, manner),
        low=words.percent(min(value for _, value in points)),
        high=words.percent(max(value for _, value in points)),
        last=words.percent(points[-1][1]),
    )
    if threshold is not None:
        alt += texts.CPU_ALT_THRESHOLD(language, value=said)
    if kills:
        times = ", ".join(_clock(at, end - start, manner) for at in kills)
        alt += texts.CPU_ALT_KILLS(language, times=times)
    return Composed("cpu", scene, alt, f"{scene.ticks[0][1]} – {scene.ticks[-1][1]}")


def _kill(figures: KillEffect, manner: ChartLocale) -> Composed:
    language = manner.language
    before, after = words.percent(figures.before), words.percent(figures.after)
    change = words.points(round(figures.after) - round(figures.before), language)
    names = ", ".join(figures.names[:NAMES_SHOWN])
    if left := len(figures.names) - NAMES_SHOWN:
        names += f" +{left}" if left > 0 else ""
    fell = figures.after < figures.before
    bars = (
        Bar(texts.BEFORE(language), _length(figures.before), before, "warm"),
        Bar(texts.AFTER(language), _length(figures.after), after, "cool" if fell else "warm"),
    )
    caption = texts.KILL_CAPTION(language, change=change, names=names)
    alt = texts.KILL_ALT(language, before=before, after=after, change=change, names=names)
    return Composed("kill", BarsScene(texts.KILL_TITLE(language), bars, caption), alt, change)


def _length(percent: float) -> float:
    return min(max(percent / 100, 0.0), 1.0)


def _since(start: datetime, at: datetime) -> float:
    return (at - start).total_seconds()


def _ticks(start: datetime, end: datetime, manner: ChartLocale) -> Iterator[tuple[float, str]]:
    """Yield a few times, the first and the last among them."""
    length = end - start
    for step in range(TICKS):
        at = start + length * step / (TICKS - 1)
        yield _since(start, at), _clock(at, length, manner)


def _clock(at: datetime, length: timedelta, manner: ChartLocale) -> str:
    form = "%H:%M" if length <= A_DAY else "%m-%d %H:%M"
    return at.astimezone(manner.zone).strftime(form)
