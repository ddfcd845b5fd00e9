"""What reading an alert costs as it grows, as a ratio within one run."""

from time import process_time

from bot.handlers.events import Parser
from tests.unit.handlers.shapes import FILLERS, from_webhook, huge_alert, parser

HALF, WHOLE = 20_000, 40_000
NOTE = "alert_read_growth: processor time for a post twice as long; 2 is linear, 4 quadratic"


async def bench() -> dict[str, float]:
    """Return the worst growth over fillers that have led patterns astray."""
    read = parser()
    return {
        "alert_read_growth": max(
            _cost(read, filler, WHOLE) / _cost(read, filler, HALF) for filler in FILLERS
        )
    }


def _cost(read: Parser, filler: str, times: int) -> float:
    event = from_webhook(huge_alert(filler, times))
    found = []
    for _ in range(3):
        begun = process_time()
        read.read(event)
        found.append(process_time() - begun)
    return min(found)
