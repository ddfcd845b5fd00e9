"""Draws in a process of its own, which ends with the picture.

matplotlib and its neighbours hold some 60 MB once imported and take a second to import; a bot that
draws a few pictures a day pays neither in its own process.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import bot
from bot.charts.figures import ChartLocale, Figures, Picture
from bot.charts.scenes import compose, packed

LIMIT = 30.0  # seconds for one picture; the first on a machine looks through its fonts
_ERROR_SHOWN = 300


class NotDrawnError(Exception):
    """A picture could not be drawn; the message is one line."""


class Artist:
    """Draws one picture at a time. `folder` keeps matplotlib's list of fonts."""

    def __init__(self, folder: Path, limit: float = LIMIT) -> None:
        self._folder = folder
        self._limit = limit
        self._one = asyncio.Lock()

    async def picture(self, figures: Figures, manner: ChartLocale) -> Picture | None:
        """Return the picture of some figures; None when there is nothing to see.

        Raises NotDrawnError.
        """
        composed = compose(figures, manner)
        if composed is None:
            return None
        async with self._one:
            png = await self._drawn(packed(composed.scene))
        return Picture(f"{composed.name}.png", png, composed.title, composed.alt)

    async def _drawn(self, scene: bytes) -> bytes:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.charts",
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=self._environment(),
            )
        except OSError as error:
            raise NotDrawnError(f"cannot start: {error.strerror}") from None
        try:
            async with asyncio.timeout(self._limit):
                png, complaint = await process.communicate(scene)
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
