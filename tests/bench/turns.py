"""What a turn costs: the bot's own time per question, and what a long thread leaves on disk."""

import sqlite3
import statistics
import tempfile
from contextlib import closing
from pathlib import Path

from bot.wiring import CHECKPOINT_FILE
from tests.bench.scenes import channel, instant

WARM_UP, TURNS = 10, 200
QUESTIONS = (
    "현재 클러스터 가동율 알려줘?",
    "리소스를 많이 사용하는 spark 잡 3개 추출해줘?",
    "1번 자세히 보여줘",
    "클러스터 사용율이 떨어졌는지 확인해줘?",
    "top 5 spark jobs",
    "what happens if I kill #2?",
)
LONG_THREAD, LONG_LIST = 100, 500


async def turn_overhead() -> dict[str, float]:
    """Socket in to post out with backends at zero latency: real SQLite, real sockets."""
    taken: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        async with instant(Path(folder), 40) as scene:
            roots: dict[str, str] = {}
            for number in range(WARM_UP + TURNS):
                place = channel(number % 10)
                question = QUESTIONS[number // 10 % len(QUESTIONS)]
                ts, seconds = await scene.ask(question, place, roots.get(place))
                roots.setdefault(place, ts)
                taken.append(seconds * 1000)
    taken = taken[WARM_UP:]
    return {
        "turn_overhead_p50_ms": statistics.median(taken),
        "turn_overhead_p95_ms": statistics.quantiles(taken, n=20)[-1],
    }


async def long_thread() -> dict[str, float]:
    """Measure what a hundred turns in one thread keep, over a cluster of 500 applications."""
    with tempfile.TemporaryDirectory() as folder:
        async with instant(Path(folder), LONG_LIST) as scene:
            root, _ = await scene.ask(f"spark 잡 {LONG_LIST}개 보여줘", channel(0))
            for number in range(1, LONG_THREAD):
                question = f"상위 {LONG_LIST}개" if number % 2 else QUESTIONS[number % 6]
                await scene.ask(question, channel(0), root)
        return {"checkpoint_mb_100_turns": _kept(Path(folder) / CHECKPOINT_FILE)}


def _kept(path: Path) -> float:
    """Return what the file takes once the log is folded in, in MB."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size / 1e6
