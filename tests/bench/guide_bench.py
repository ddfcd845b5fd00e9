"""How long a question waits for its cited answer: socket in to post out, our own documents, no key."""

import statistics
import tempfile
from pathlib import Path
from time import perf_counter

from bot.retrieval.knowledge import SOURCE_NOTE, default_source
from tests.bench.scenes import channel, instant

WARM_UP = 10.0  # seconds; the Korean dictionary is read some seconds after the start
ROUNDS = 8
QUESTIONS = (
    "클러스터 가동율이 높을때 어떻게 해야되?",
    "what should we do when cluster utilization is high?",
    "executor OOM이 나면 어떻게 해?",
    "HDFS 용량이 부족할 때 무엇부터 지워야 해?",
    "how do I kill a job from the CLI?",
    "예전에 큐 설정 때문에 장애 난 사례 있어?",
    "any past incidents with shuffle filling local disks?",
    "trino 쿼리가 안 끝날 때 어떻게 취소해?",
    "NodeManager가 UNHEALTHY일 때 매뉴얼에 뭐라고 돼 있어?",
    "what does the manual say about ResourceManager failover?",
)


async def bench() -> dict[str, float]:
    """Return the median and the 95th percentile in milliseconds; every answer must cite."""
    taken: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / SOURCE_NOTE).write_text(f"{default_source()}\n", encoding="utf-8")
        async with instant(folder, 40) as scene:
            begun = perf_counter()
            while perf_counter() - begun < WARM_UP:
                await scene.ask(QUESTIONS[0], channel(0))
            for number in range(ROUNDS * len(QUESTIONS)):
                place = channel(number % 10)
                _, seconds = await scene.ask(QUESTIONS[number % len(QUESTIONS)], place)
                taken.append(seconds * 1000)
    return {
        "guide_answer_p50_ms": statistics.median(taken),
        "guide_answer_p95_ms": statistics.quantiles(taken, n=20)[-1],
    }
