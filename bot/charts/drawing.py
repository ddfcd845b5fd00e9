"""`python -m bot.charts.drawing`: pickled figures on standard input, their PNG on standard output.

Drawn for a phone: large letters, few labels. The background is dark and opaque, which reads on a
light page and does not dazzle on a dark one.
"""

import io
import os
import pickle
import sys
import unicodedata
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font

from bot.charts import pictures as texts
from bot.charts.pictures import TICKS, ChartLocale, CpuHistory
from bot.texts import figures as words

BACK, INK, QUIET, GRID = "#1f242d", "#f3f5f8", "#b3bcc9", "#3a4250"
LINE = "#6cb4ff"
ALARM, KILL = "#ffb454", "#ff8080"
WIDTH, DPI = 6.4, 200  # inches, dots an inch: 1280 pixels wide
HEIGHT = 3.6  # inches
TITLE, LARGE, SMALL = 17, 21, 14  # points; a phone shows the picture at a third of its size
LABEL_COLUMNS, TITLE_COLUMNS = 42, 34
UNKNOWN = "?"
GIVE_WAY = 10  # niceness
_FONTS = "koreanize_matplotlib/fonts/"
_DISTRIBUTION = "koreanize-matplotlib"  # only its font files: importing it changes global state
_WIDE = frozenset("WF")


def font_file(name: str) -> Path:
    """Return a font's file. Raises metadata.PackageNotFoundError."""
    return Path(str(metadata.distribution(_DISTRIBUTION).locate_file(_FONTS + name)))


class Pen:
    """Writes plain text in a Korean font: no markup is read, and no letter is missing from it."""

    def __init__(self) -> None:
        self._plain, self._bold = font_file("NanumGothic.ttf"), font_file("NanumGothicBold.ttf")
        self._known = frozenset(FT2Font(str(self._bold)).get_charmap()) & frozenset(
            FT2Font(str(self._plain)).get_charmap()
        )

    def style(self, size: float, color: str = INK, *, bold: bool = False) -> dict[str, Any]:
        """Return the keywords of a text; `$x$` is shown as it stands."""
        path = self._bold if bold else self._plain
        font = FontProperties(fname=str(path), size=size)
        return {"fontproperties": font, "color": color, "parse_math": False}

    def _letter(self, letter: str) -> str:
        return letter if ord(letter) in self._known and letter.isprintable() else UNKNOWN

    def shown(self, text: str, columns: int) -> str:
        """Return one line of at most `columns`, Korean letters two wide, every letter known."""
        kept, used = "", 0
        for letter in map(self._letter, text):
            used += 2 if unicodedata.east_asian_width(letter) in _WIDE else 1
            if used > columns:
                return kept.rstrip() + "…"
            kept += letter
        return kept


def draw(figures: CpuHistory, manner: ChartLocale) -> bytes:
    """Return the picture of some figures as PNG."""
    pen = Pen()
    figure = _line(figures, manner, pen)
    picture = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(picture, format="png", facecolor=BACK, metadata={"Software": None})
    return picture.getvalue()


def main() -> None:
    """Draw what our own parent asks for, out of the way of whoever answers people meanwhile."""
    os.nice(GIVE_WAY)
    figures, manner = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - the bot's own bytes
    sys.stdout.buffer.write(draw(figures, manner))


def _line(history: CpuHistory, manner: ChartLocale, pen: Pen) -> Figure:
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor=BACK)
    language = manner.language
    title = pen.shown(texts.CPU_TITLE(language, cluster=history.cluster), TITLE_COLUMNS)
    figure.text(0.045, 0.9, title, va="center", **pen.style(TITLE))
    times, values = zip(*history.window.points, strict=True)
    value = words.percent(values[-1])
    figure.text(0.955, 0.9, value, va="center", ha="right", **pen.style(LARGE, bold=True))
    axes = figure.add_axes((0.115, 0.135, 0.84, 0.665), facecolor=BACK)
    seconds = [_since(history, at) for at in times]
    axes.fill_between(seconds, values, color=LINE, alpha=0.22, linewidth=0)
    axes.plot(seconds, values, color=LINE, linewidth=2.6, solid_capstyle="round")
    axes.plot(seconds[-1:], values[-1:], "o", color=LINE, markersize=8, clip_on=False)
    axes.set_xlim(seconds[0], seconds[-1])
    axes.set_ylim(0, 105)
    if history.threshold is not None:
        _threshold(history.threshold, manner, axes, pen)
    _marks(history, manner, axes, pen)
    _scales(history, manner, axes, pen)
    return figure


def _since(history: CpuHistory, at: datetime) -> float:
    return (at - history.start).total_seconds()


def _threshold(value: float, manner: ChartLocale, axes: Axes, pen: Pen) -> None:
    label = texts.THRESHOLD(manner.language, value=words.percent(value))
    axes.axhline(value, color=ALARM, linewidth=1.8, linestyle=(0, (5, 3)))
    start, end = axes.get_xlim()
    below = value > 12  # noqa: PLR2004 - percent; there is room for a line of text
    axes.text(
        start + (end - start) * 0.015,
        value - 2 if below else value + 2,
        pen.shown(label, LABEL_COLUMNS),
        va="top" if below else "bottom",
        **pen.style(SMALL, ALARM, bold=True),
    )


def _marks(history: CpuHistory, manner: ChartLocale, axes: Axes, pen: Pen) -> None:
    """Mark each kill with a line, and name the last one."""
    start, end = axes.get_xlim()
    kills = history.killed()
    for each in kills:
        axes.axvline(_since(history, each), color=KILL, linewidth=2.4)
    for each in kills[-1:]:
        at, time = _since(history, each), history.clock(each, manner)
        label = texts.KILLED_AT(manner.language, time=time)
        right = at < start + (end - start) * 0.85
        axes.text(
            at + (end - start) * (0.012 if right else -0.012),
            4,
            pen.shown(label, LABEL_COLUMNS),
            ha="left" if right else "right",
            va="bottom",
            **pen.style(SMALL, KILL, bold=True),
        )


def _scales(history: CpuHistory, manner: ChartLocale, axes: Axes, pen: Pen) -> None:
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_yticks([0, 50, 100])
    axes.grid(axis="y", color=GRID, linewidth=1)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelleft=False, labelbottom=False)
    for value in (0, 50, 100):
        axes.annotate(
            f"{value}%",
            (0, value),
            xycoords=("axes fraction", "data"),
            xytext=(-6, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            **pen.style(SMALL, QUIET),
        )
    for index, (at, label) in enumerate(history.ticks(manner)):
        side = "left" if index == 0 else "right" if index == TICKS - 1 else "center"
        axes.annotate(
            label,
            (_since(history, at), 0),
            xycoords=("data", "axes fraction"),
            xytext=(0, -6),
            textcoords="offset points",
            ha=side,
            va="top",
            **pen.style(SMALL, QUIET),
        )


if __name__ == "__main__":
    main()
