"""The demo's world: a Slack workspace and a data platform, wired to each other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

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


@dataclass(frozen=True, slots=True)
class World:
    """Both stand-ins, running."""

    slack: SlackStandIn
    platform: PlatformStandIn

    def settings(self) -> dict[str, str]:
        """Return the settings that point the bot at this world, by their names."""
        settings = {
            "slack_bot_token": BOT_TOKEN,
            "slack_app_token": APP_TOKEN,
            "slack_api_url": self.slack.api_url,
            "alert_channels": ALERT_CHANNEL,
            "approvers": f"{APPROVER},{SECOND_APPROVER}",
            "cluster_name": self.platform.scenario.cluster,
            "yarn_url": self.platform.yarn_url,
            "protected": ",".join(f"name:{name}" for name in self.platform.scenario.protected),
        }
        if self.platform.prometheus_url:
            settings["prometheus_url"] = self.platform.prometheus_url
            settings["alertmanager_url"] = self.platform.alertmanager_url
        return settings


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def open_world(
    port: int = 0, scenario: str = "incident", *, rate_limited: bool = True, seed: int = 0
) -> AsyncIterator[World]:
    """Start a world on 127.0.0.1; the page is at `port`, or at any free one."""
    slack = SlackStandIn(demo_workspace(), _now, seed, rate_limited=rate_limited)
    platform = PlatformStandIn(load(scenario), _now, seed)
    await slack.start(port)
    try:
        await platform.start()
        try:
            platform.start_alerting(slack.webhook_url(ALERT_CHANNEL))
            yield World(slack, platform)
        finally:
            await platform.stop()
    finally:
        await slack.stop()


async def begin_incident(world: World, after: float) -> None:
    """Let the runaway applications loose after some seconds."""
    await asyncio.sleep(after)
    world.platform.start_incident()
