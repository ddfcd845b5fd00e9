"""A set-up in which everything is right, out of the real stand-ins, for tests to break."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import build
from bot.doctor.examination import examine
from bot.doctor.findings import Check
from bot.retrieval.knowledge import SOURCE_NOTE
from bot.sandbox.platform import PlatformStandIn, load
from bot.sandbox.slack.demo import (
    ALERT_CHANNEL,
    APP_TOKEN,
    APPROVER,
    BOT_TOKEN,
    SECOND_APPROVER,
    demo_workspace,
)
from bot.sandbox.slack.server import SlackStandIn
from bot.settings import Settings, load_settings
from tests.contract.spark_master import SparkMaster, versions


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Patient:
    """The stand-ins, and the settings that a test changes before the doctor comes."""

    slack: SlackStandIn
    platform: PlatformStandIn
    master: SparkMaster
    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)
    clock_ahead: timedelta = timedelta(0)

    def set(self, **values: Any) -> None:
        self.settings.update(values)

    def loaded(self) -> Settings:
        return load_settings(_env_file=None, **self.settings)

    async def examined(self, apart: Sequence[str] = ()) -> tuple[Check, ...]:
        async with asyncio.timeout(60):
            settings = self.loaded()
            clock = lambda: now() + self.clock_ahead  # noqa: E731
            return await examine(settings, clock, lambda: build(settings, beside=True), apart)


def _documents(folder: Path) -> None:
    source = folder / "documents"
    (source / "manual").mkdir(parents=True)
    (source / "manual" / "cpu.md").write_text("# CPU\n\n## Steps\n\nLook.\n", encoding="utf-8")
    (folder / SOURCE_NOTE).write_text(f"{source}\n", encoding="utf-8")


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[Patient]:
    slack = SlackStandIn(demo_workspace(), now, seed=7)
    platform = PlatformStandIn(load("incident"), seed=3)
    master = SparkMaster(versions()[-1])
    parts = (slack, platform, master)
    for part in parts:
        await part.start()
    folder = tmp_path / "data"
    folder.mkdir()
    _documents(folder)
    made = Patient(slack, platform, master, folder)
    made.set(
        slack_bot_token=BOT_TOKEN,
        slack_app_token=APP_TOKEN,
        slack_api_url=slack.api_url,
        alert_channels=ALERT_CHANNEL,
        approvers=f"{APPROVER},{SECOND_APPROVER}",
        cluster_name="prod-dw",
        yarn_url=f"{platform.yarn_url},{platform.yarn_standby_url}",
        prometheus_url=platform.prometheus_url,
        spark_master_url=master.url,
        data_dir=folder,
        health_port=0,
    )
    try:
        yield made
    finally:
        for part in parts:
            await part.stop()
