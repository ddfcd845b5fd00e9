"""Where an Alertmanager is asked, a status and a diagnosis say which alerts stand and are silenced."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot.sandbox.platform import load
from bot.sandbox.platform.alert_loop import AlertState
from tests.contract.test_alertmanager import SILENCE
from tests.flow.world import World, words_of, world

STATUS = {"ko": "@당직 지금 클러스터 상태 어때?", "en": "@dangjik how is the cluster?"}
WHY = {"ko": "@당직 CPU가 왜 높아?", "en": "@dangjik why is CPU high?"}
FIRING = {"ko": "1개 울림: ClusterHighCPU", "en": "1 firing: ClusterHighCPU"}
QUIET = {"ko": "사일런스 1개: ClusterHighCPU", "en": "1 silenced: ClusterHighCPU"}
BY = {"ko": "까지, alice", "en": ", alice"}
NONE = {"ko": "없음", "en": "none"}
both = pytest.mark.parametrize("lang", ["ko", "en"])


@asynccontextmanager
async def alerting(folder: Path) -> AsyncIterator[World]:
    """Run the product on a platform whose one alert fires."""
    async with world(folder, load("incident")) as at:
        loop = at.platform.alerts
        loop.state = AlertState(above_since=at.platform.now() - 60, firing=True, value=97.0)
        url = {"alertmanager_url": at.platform.alertmanager_url}
        told = World(at.slack, at.platform, at.settings.model_copy(update=url))
        async with told.product():
            yield told


@both
async def test_a_status_tells_of_alerts_and_silences(tmp_path: Path, lang: str) -> None:
    """Firing at first, silenced then, with what the silence matches and who made it."""
    async with alerting(tmp_path) as at:
        assert FIRING[lang] in words_of(await at.ask(STATUS[lang]))
        async with httpx.AsyncClient() as client:
            await client.post(f"{at.platform.alertmanager_url}/api/v2/silences", json=SILENCE)
        words = words_of(await at.ask(STATUS[lang]))
    assert QUIET[lang] in words
    assert "alertname=~ClusterHigh.*" in words
    assert BY[lang] in words
    assert FIRING[lang] not in words


@both
async def test_a_diagnosis_tells_of_alerts(tmp_path: Path, lang: str) -> None:
    """The first reply under an alert is one, too."""
    async with alerting(tmp_path) as at:
        assert f"Alertmanager: {FIRING[lang]}" in words_of(await at.ask(WHY[lang]))
        at.platform.alerts.state = AlertState()
        assert f"Alertmanager: {NONE[lang]}" in words_of(await at.ask(WHY[lang]))
