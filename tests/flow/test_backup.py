"""A backup taken while the bot runs, put into an empty folder elsewhere: people notice nothing."""

import re
import sys
from asyncio import create_subprocess_exec
from dataclasses import replace
from pathlib import Path

from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER
from tests.flow.world import payload_of, small_platform, words_of, world

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
COMMAND = re.compile(r"^python -c \"(import sqlite3; .*)\"$", re.MULTILINE)


async def test_threads_and_open_cards_are_found_again_where_a_backup_is_restored(
    tmp_path: Path,
) -> None:
    """What was asked and approved after the backup is not in it, and the card is still open."""
    async with world(tmp_path / "data", small_platform()) as at:
        async with at.product():
            listed = await at.ask("@당직 CPU 많이 쓰는 잡 5개")
            rows = payload_of(listed)["applications"]
            card = await at.card(await at.ask("1번 죽여줘", listed.root))
            await _back_up(tmp_path)
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        for name in ("dangjik", "checkpoints"):
            (tmp_path / f"backup-{name}.db").replace(elsewhere / f"{name}.db")
        there = replace(at, settings=at.settings.model_copy(update={"data_dir": elsewhere}))
        async with there.product():
            at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
            await at.card_state(card, "done")
            assert [at.platform.kill_count(each) for each in rows] == [1, 0, 0, 0, 0]
            third = await at.ask("3번 자세히", listed.root)
            assert payload_of(third)["applications"] == [rows[2]], words_of(third)


async def _back_up(folder: Path) -> None:
    (line,) = COMMAND.findall(OPERATIONS.read_text(encoding="utf-8"))
    copying = await create_subprocess_exec(sys.executable, "-c", line, cwd=folder)
    assert await copying.wait() == 0
