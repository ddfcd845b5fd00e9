"""The demo's world: a Slack workspace and a data platform, wired to each other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.sandbox.platform import PlatformStandIn, load
from bot.sandbox.platform.stand_in import wall_clock
from bot.sandbox.slack import demo
from bot.sandbox.slack.server import SlackStandIn


@dataclass(frozen=True, slots=True)
class World:
    """Both stand-ins, running."""

    slack: SlackStandIn
    platform: PlatformStandIn

    def settings(self) -> dict[str, str]:
        """Return the settings that point the bot at this world, by their names."""
        scenario = self.platform.scenario
        return {
            "slack_bot_token": demo.BOT_TOKEN,
            "slack_app_token": demo.APP_TOKEN,
            "slack_api_url": self.slack.api_url,
            "alert_channels": demo.ALERT_CHANNEL,
            "approvers": f"{demo.APPROVER},{demo.SECOND_APPROVER}",
            "cluster_name": scenario.cluster,
            "yarn_url": self.platform.yarn_url,
            "protected": ",".join(f"name:{name}" for name in scenario.protected),
            "prometheus_url": self.platform.prometheus_url,
            "alertmanager_url": self.platform.alertmanager_url,
        }


@asynccontextmanager
async def open_world(port: int = 0) -> AsyncIterator[World]:
    """Start a world on 127.0.0.1; the page is at `port`, or at any free one."""
    slack = SlackStandIn(demo.demo_workspace(), wall_clock, rate_limited=True)
    platform = PlatformStandIn(load("incident"))
    async with AsyncExitStack() as stack:
        await slack.start(port)
        stack.push_async_callback(slack.stop)
        await platform.start()
        stack.push_async_callback(platform.stop)
        platform.start_alerting(slack.webhook_url(demo.ALERT_CHANNEL))
        yield World(slack, platform)


async def begin_incident(world: World, after: float) -> None:
    """Let the runaway applications loose after some seconds."""
    await asyncio.sleep(after)
    world.platform.start_incident()
