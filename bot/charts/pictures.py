"""What a picture shows, what it says to whoever cannot see it, and its drawing in another process.

matplotlib and its neighbours hold some 60 MB once imported and take a second to import; a bot that
draws a few pictures a day pays neither in its own process.
"""

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import bot
from bot.domain.cluster import Window
from bot.domain.language import Language, Text
from bot.texts import figures as words

LIMIT = 30.0  # seconds for one picture; the first on a machine looks through its fonts
TICKS = 4  # a phone reads no more
A_DAY = timedelta(hours=25)
_ERROR_SHOWN = 300

CPU_TITLE = Text(ko="{cluster} CPU 사용률", en="{cluster} CPU use")
THRESHOLD = Text(ko="알람 기준 {value}", en="alert above {value}")
KILLED_AT = Text(ko="종료 {time}", en="kill {time}")
CPU_ALT = Text(
    ko="{start}부터 {end}까지 {cluster} 클러스터의 CPU 사용률 그래프. 최저 {low}, 최고 {high}, 마지막"
    " {last}.",
    en="Chart of CPU use of cluster {cluster} from {start} to {end}: lowest {low}, highest {high},"
    " last {last}.",
)
CPU_ALT_THRESHOLD = Text(ko=" 알람 기준 {value}.", en=" The alert's threshold is {value}.")
CPU_ALT_KILLS = Text(ko=" 종료 시각: {times}.", en=" Killed at {times}.")


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

    @property
    def start(self) -> datetime:
        """The first point's time."""
        return self.window.points[0][0]

    @property
    def end(self) -> datetime:
        """The last point's time."""
        return self.window.points[-1][0]

    def killed(self) -> list[datetime]:
        """Return the kills that lie in the window, oldest first."""
        return sorted(at for at in self.kills if self.start <= at <= self.end)

    def clock(self, at: datetime, manner: ChartLocale) -> str:
        """Return a time as it is written on the picture."""
        form = "%H:%M" if self.end - self.start <= A_DAY else "%m-%d %H:%M"
        return at.astimezone(manner.zone).strftime(form)

    def ticks(self, manner: ChartLocale) -> Iterator[tuple[datetime, str]]:
        """Yield a few times, the first and the last among them."""
        for step in range(TICKS):
            at = self.start + (self.end - self.start) * step / (TICKS - 1)
            yield at, self.clock(at, manner)


@dataclass(frozen=True, slots=True)
class Caption:
    """A picture's file name, what is said above it, and what it says to whoever cannot see it."""

    name: str
    title: str
    alt: str


@dataclass(frozen=True, slots=True)
class Picture(Caption):
    """A PNG and its caption."""

    png: bytes


class NotDrawnError(Exception):
    """A picture could not be drawn; the message is one line."""


class Artist:
    """Draws one picture at a time. `folder` keeps matplotlib's list of fonts."""

    def __init__(self, folder: Path, limit: float = LIMIT) -> None:
        self._folder = folder
        self._limit = limit
        self._one = asyncio.Lock()

    async def picture(self, figures: CpuHistory, manner: ChartLocale) -> Picture | None:
        """Return the picture of some figures; None when there is nothing to see.

        Raises NotDrawnError.
        """
        said = caption(figures, manner)
        if said is None:
            return None
        async with self._one:
            png = await self._drawn(pickle.dumps((figures, manner)))
        return Picture(f"{said.name}.png", said.title, said.alt, png)

    async def _drawn(self, asked: bytes) -> bytes:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.charts.drawing",
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=self._environment(),
            )
        except OSError as error:
            raise NotDrawnError(f"cannot start: {error.strerror}") from None
        try:
            async with asyncio.timeout(self._limit):
                png, complaint = await process.communicate(asked)
        except TimeoutError:
            raise NotDrawnError(f"not drawn in {self._limit:.0f} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
        if process.returncode or not png:
            lines = complaint.decode("utf-8", "replace").strip().splitlines()
            raise NotDrawnError(lines[-1][:_ERROR_SHOWN] if lines else "no picture")
        return png

    def _environment(self) -> dict[str, str]:
        """Return what the process needs, and none of our secrets."""
        return {
            "MPLCONFIGDIR": str(self._folder),
            "OPENBLAS_NUM_THREADS": "1",
            "PATH": os.defpath,
            "PYTHONPATH": str(Path(bot.__file__).parents[1]),
        }


def caption(figures: CpuHistory, manner: ChartLocale) -> Caption | None:
    """Return what is said of some figures; None when there is nothing to see."""
    if len(figures.window.points) < 2:  # noqa: PLR2004 - one point is no line
        return None
    labels = [label for _, label in figures.ticks(manner)]
    return Caption("cpu", f"{labels[0]} – {labels[-1]}", _cpu_alt(figures, manner))


def _cpu_alt(figures: CpuHistory, manner: ChartLocale) -> str:
    values, language = [value for _, value in figures.window.points], manner.language
    alt = CPU_ALT(
        language,
        cluster=figures.cluster,
        start=figures.clock(figures.start, manner),
        end=figures.clock(figures.end, manner),
        low=words.percent(min(values)),
        high=words.percent(max(values)),
        last=words.percent(values[-1]),
    )
    if figures.threshold is not None:
        alt += CPU_ALT_THRESHOLD(language, value=words.percent(figures.threshold))
    if figures.killed():
        times = ", ".join(figures.clock(at, manner) for at in figures.killed())
        alt += CPU_ALT_KILLS(language, times=times)
    return alt
