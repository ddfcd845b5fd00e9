"""How soon the emergency stop is in force on a database that has grown for a month."""

import asyncio
import os
import sqlite3
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from bot.settings import DATABASE_FILE
from bot.storage.open_database import open_database

ROOT = Path(__file__).parents[2]
ROWS, ROW_BYTES = 50_000, 4_000
RUNS = 5
NOTE = "freeze_s: the whole command from the shell to its exit, median of 5, on a file of 200 MB"


async def bench() -> dict[str, float]:
    """Turn the switch by the command, on and off in turn."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / DATABASE_FILE
        await (await open_database(path)).close()
        await asyncio.to_thread(_grow, path)
        taken = [await _freeze(Path(folder), "on" if each % 2 else "off") for each in range(RUNS)]
        size = await asyncio.to_thread(os.path.getsize, path)
    return {"freeze_s": statistics.median(taken), "freeze_file_mb": size / 1e6}


def _grow(path: Path) -> None:
    connection = sqlite3.connect(path)
    row = "INSERT INTO inbox VALUES (?, 'event', ?, 0, 'done', 1, NULL, NULL, 0)"
    payload = f'{{"text": "{"x" * ROW_BYTES}"}}'
    connection.executemany(row, ((f"k{number}", payload) for number in range(ROWS)))
    connection.commit()
    connection.close()


async def _freeze(folder: Path, switch: str) -> float:
    env = {"PYTHONPATH": str(ROOT), "DATA_DIR": str(folder)}
    begun = perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "freeze", switch, cwd=folder, env=env, stdout=sys.stderr
    )
    if await process.wait():
        raise RuntimeError("freeze failed")
    return perf_counter() - begun
