"""`python -m bot.charts`: a scene as JSON on standard input, its PNG on standard output."""

import os
import sys

from bot.charts.drawing import draw
from bot.charts.scenes import unpacked

GIVE_WAY = 10  # to whoever answers people meanwhile


def main() -> None:
    """Draw one scene."""
    os.nice(GIVE_WAY)
    sys.stdout.buffer.write(draw(unpacked(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
