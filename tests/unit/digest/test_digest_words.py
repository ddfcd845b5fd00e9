"""What the digest says, in both languages; the command that prints it; settings that do not fit."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.agents.templates.wording import Voice
from bot.domain.alerts import Investigation
from bot.domain.cluster import ClusterMetrics, Gauge, Window
from bot.domain.conversation import Listing
from bot.domain.language import Language
from bot.domain.selections import Measure
from bot.errors import SettingsError
from bot.handlers.views.answer import printed
from bot.sandbox.platform import PlatformStandIn, load
from bot.sandbox.slack.demo import ALERT_CHANNEL, APP_TOKEN, BOT_TOKEN, demo_workspace
from bot.sandbox.slack.server import SlackStandIn
from bot.services.digest import DigestFacts, Earlier, digest
from bot.settings import load_settings

ROOT = Path(__file__).parents[3]
SINCE = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
KOREAN = """\
# 클러스터 상태 요약: prod-dw
prod-dw 클러스터의 CPU 사용률은 41%입니다. 11-20 09:00 이후 CPU는 평균 38%, 최고 97%였습니다. 그전 같은 길이의 기간에는 평균 52%였습니다.
사람이 할 일은 없습니다.
알람: 1건 · 해소 1 · 진행 중 0 (그전 4건)
종료: 없었습니다 (그전 2건)
(09:00:00 KST 기준)"""
ENGLISH = """\
# Cluster health: prod-dw
Cluster prod-dw is at 41% CPU. Since 11-20 09:00 CPU averaged 38% and peaked at 97%. Over the same time before, it averaged 52%.
Nothing needs a person.
Alerts: 1 · 1 resolved · 0 open (before: 4)
Kills: none (before: 2)
(as of 09:00:00 KST)"""


def facts() -> DigestFacts:
    alert = Investigation("i1", "cpu", ALERT_CHANNEL, "1.0", SINCE, 2, SINCE + timedelta(hours=1))
    return DigestFacts(
        since=SINCE,
        metrics=ClusterMetrics("prod-dw", NOW, cpu=Gauge(41.0)),
        window=Window(SINCE, NOW, 12.0, 38.5, 97.0),
        heaviest=Listing(NOW, Measure.CPU, ()),
        investigations=(alert,),
        proposals=(),
        earlier=Earlier(52.0, 4, 2),
    )


def told(language: Language, given: DigestFacts | None = None) -> str:
    return printed(language, digest(given or facts(), Voice(language, ZoneInfo("Asia/Seoul"))))


def test_the_digest_in_korean() -> None:
    """Now, the period, alerts, kills, what is left to do, when it was measured."""
    assert told(Language.KO) == KOREAN


def test_the_digest_in_english() -> None:
    """The same in English."""
    assert told(Language.EN) == ENGLISH


def test_an_open_alert_is_for_a_person_and_stands_above_the_figures() -> None:
    """With its count and since when, in both languages; nothing is compared with the unknown."""
    still = Investigation("i2", "cpu", ALERT_CHANNEL, "2.0", SINCE + timedelta(hours=5), 1, None)
    given = replace(facts(), investigations=(still,), earlier=None)
    korean, english = (told(language, given).splitlines() for language in Language)
    assert (
        korean[2]
        == ":warning: 해소되지 않은 알람이 1건 있습니다. 가장 오래된 것은 11-20 14:00에 시작했습니다."
    )
    assert english[2] == ":warning: Alerts not resolved: 1, the oldest since 11-20 14:00."
    assert korean[3] == "알람: 1건 · 해소 0 · 진행 중 1"
    assert "그전" not in "".join(korean)


@pytest.mark.parametrize("cron", ["9 o'clock", "0 9 * *", "0 25 * * *", "0 9 * * funday"])
def test_a_wrong_crontab_line_is_refused_with_an_example(cron: str) -> None:
    """One line that names the setting."""
    with pytest.raises(SettingsError) as caught:
        load_settings(_env_file=None, digest_cron=cron)
    (problem,) = caught.value.problems
    assert problem == "DIGEST_CRON: write a crontab line such as 0 9 * * mon-fri"


@pytest.mark.parametrize("zone", ["Seoul", "UTC+9", "../etc/passwd", "KST"])
def test_a_wrong_time_zone_is_refused_with_an_example(zone: str) -> None:
    """One line that names the setting."""
    with pytest.raises(SettingsError) as caught:
        load_settings(_env_file=None, timezone=zone)
    (problem,) = caught.value.problems
    assert problem == "TIMEZONE: not a time zone name such as Asia/Seoul"


@asynccontextmanager
async def sandbox() -> AsyncIterator[tuple[SlackStandIn, PlatformStandIn]]:
    slack = SlackStandIn(demo_workspace(), lambda: datetime.now(UTC), seed=7)
    platform = PlatformStandIn(load("calm"), seed=3)
    await slack.start()
    await platform.start()
    try:
        yield slack, platform
    finally:
        await platform.stop()
        await slack.stop()


async def command(folder: Path, env: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "DATA_DIR": str(folder), **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, out.decode(), err.decode()


async def test_the_digest_on_demand_is_printed_or_posted(tmp_path: Path) -> None:
    """`--dry-run` prints and posts nothing; without it one post stands in the channel."""
    async with sandbox() as (slack, platform):
        env = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": slack.api_url,
            "DIGEST_CHANNEL": ALERT_CHANNEL,
            "LANGUAGE": "en",
            "CLUSTER_NAME": "calm-sea",
            "YARN_URL": platform.yarn_url,
            "PROMETHEUS_URL": platform.prometheus_url,
            "CHROMA_URL": "http://127.0.0.1:9",
            "HEALTH_PORT": "0",
        }
        code, out, err = await command(tmp_path, env, "digest", "--now", "--dry-run")
        assert code == 0, err
        assert "Cluster health: calm-sea" in out
        assert not slack.transcript.in_channel(ALERT_CHANNEL)
        code, out, err = await command(tmp_path, env, "digest", "--now")
        assert code == 0, err
        posts = slack.transcript.in_channel(ALERT_CHANNEL)
        words = [post.body["metadata"] for post in posts if "metadata" in post.body]
        assert [each["event_type"] for each in words] == ["health_digest"]
        assert len(posts) <= len(words) + 1, "its chart is all that comes with it"
        del env["DIGEST_CHANNEL"]
        code, _, err = await command(tmp_path, env, "digest", "--now", "--dry-run")
        assert code == 1
        assert "DIGEST_CHANNEL" in err
