"""A diagnosis weighs an application against what the same name used at this hour on other days."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.applications import Application, ApplicationRef, ApplicationState
from bot.settings import DATABASE_FILE
from bot.storage.open_database import open_database
from bot.storage.usage_history import SqlUsageHistory
from tests.flow.world import now, words_of, world

WHY = {"ko": "@당직 CPU가 왜 높아?", "en": "@dangjik why is CPU high?"}
UNUSUAL = {"ko": "이 시간대 평소 12코어, 지금", "en": "usually 12 cores at this hour, now"}
AS_ALWAYS = {"ko": "늘 쓰던 만큼", "en": "as always"}
NEW = {"ko": "이 시간대 이력이 아직 부족함", "en": "not enough history at this hour yet"}
both = pytest.mark.parametrize("lang", ["ko", "en"])


async def used_before(folder: Path, cluster: str, name: str, user: str, cores: float) -> None:
    """Leave samples of this hour on five days."""
    database = await open_database(folder / DATABASE_FILE)
    rows = SqlUsageHistory(database, cluster)
    for day in range(1, 6):
        at = now() - timedelta(days=day)
        app = Application(
            ApplicationRef(cluster, "yarn", f"application_1763776800000_{9000 + day}"),
            name,
            user,
            "adhoc",
            ApplicationState.RUNNING,
            at - timedelta(minutes=20),
            granted_cores=cores,
        )
        assert await rows.claim(at)
        await rows.keep(at, [app])
    await database.close()


@both
async def test_far_more_than_usual_is_said_with_both_figures(tmp_path: Path, lang: str) -> None:
    """Twelve cores at this hour on five days, now many; the others have no history."""
    async with world(tmp_path) as at:
        await used_before(
            tmp_path, at.platform.scenario.cluster, "adhoc_clickstream_join", "bob", 12
        )
        async with at.product():
            words = words_of(await at.ask(WHY[lang]))
    assert UNUSUAL[lang] in words


@both
async def test_as_much_as_always_is_a_healthy_heavy_job(tmp_path: Path, lang: str) -> None:
    """Sixty cores every day at this hour: named as usual, and not the runaway."""
    async with world(tmp_path) as at:
        await used_before(
            tmp_path, at.platform.scenario.cluster, "adhoc_clickstream_join", "bob", 60
        )
        async with at.product():
            words = words_of(await at.ask(WHY[lang]))
    assert AS_ALWAYS[lang] in words
    assert UNUSUAL[lang] not in words


@both
async def test_without_history_nothing_is_compared(tmp_path: Path, lang: str) -> None:
    """The first days judge by the other rules; nobody who did not ask hears of it."""
    async with world(tmp_path) as at, at.product():
        words = words_of(await at.ask(WHY[lang]))
    assert NEW[lang] not in words
    assert AS_ALWAYS[lang] not in words
