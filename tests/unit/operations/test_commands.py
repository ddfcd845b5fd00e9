"""What the commands say in either language, and that none pays for another's rooms."""

import asyncio
import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


async def said(folder: Path, *arguments: str, language: str = "en") -> str:
    env = {"PYTHONPATH": str(ROOT), "DATA_DIR": str(folder), "LANGUAGE": language, "COLUMNS": "160"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=folder,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    return out.decode().strip()


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            (
                "frozen: no kill will be sent, whatever was approved",
                "already frozen: no kill will be sent, whatever was approved",
                "when (UTC)",
                "1 entries, unchanged.",
            ),
        ),
        (
            "ko",
            (
                "동결했습니다. 승인된 것도 종료하지 않습니다.",
                "이미 동결되어 있습니다. 승인된 것도 종료하지 않습니다.",
                "시각 (UTC)",
                "기록 1건, 바뀐 것 없음.",
            ),
        ),
    ],
)
async def test_freeze_and_audit_speak_the_set_language(
    tmp_path: Path, language: str, lines: tuple[str, str, str, str]
) -> None:
    """What happened, what it means now, and the trail's heads."""
    on, again, trail, sound = lines
    assert await said(tmp_path, "freeze", "on", language=language) == on
    assert await said(tmp_path, "freeze", "on", language=language) == again
    printed = await said(tmp_path, "audit", language=language)
    assert trail in printed
    assert "freeze_on" in printed
    assert await said(tmp_path, "audit", "--verify", language=language) == sound


def test_help_imports_no_room() -> None:
    """It needs less than half a second of processor time; importing the product needs over one."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "bot", "--help"], check=True, timeout=60, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


def test_what_a_start_needs_holds_no_heavy_library() -> None:
    """Chroma, models' clients and PostgreSQL's come after the connection, or with their setting."""
    heavy = {"chromadb", "langchain_openai", "openai", "psycopg", "tavily", "matplotlib"}
    assert heavy & loaded_by("bot.app") == set()


def test_the_emergency_stop_waits_for_no_room_but_its_own() -> None:
    """Neither for a scheduler nor for what a card, an alert or a cluster is."""
    rooms = {"apscheduler", "alembic", "bot.domain.proposals", "bot.domain.alerts", "bot.approvals"}
    needed = loaded_by("bot.__main__, bot.settings, bot.storage.database, bot.storage.audit")
    assert rooms & needed == set()


def loaded_by(modules: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {modules}; print(*sys.modules)"],
        cwd=ROOT,
        check=True,
        timeout=120,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.split())
