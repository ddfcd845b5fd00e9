"""A workspace with many channels and approvers, and a cluster with many applications."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.sandbox.platform import PlatformStandIn
from bot.sandbox.platform.scenario import Timing
from bot.sandbox.slack.demo import APP_TOKEN, BOT_TOKEN, BOT_USER, TEAM
from bot.sandbox.slack.server import SlackStandIn
from bot.sandbox.slack.transcript import Message
from bot.sandbox.slack.workspace import User, Workspace
from bot.settings import load_settings
from tests.bench.scenes import channel, workspace
from tests.flow.world import (
    NO_STORE,
    World,
    event_of,
    few_documents,
    now,
    payload_of,
    state_of,
)
from tests.platforms import many

PEOPLE = tuple(f"U0PRESS{number}" for number in range(1, 6))
QUICK = Timing(kill_s=0.02, containers_gone_s=0.02, admit_s=30.0)


def crowd(channels: int) -> Workspace:
    """Return a workspace with so many channels, in each of which five approvers are."""
    made = workspace(channels)
    for number, id_ in enumerate(PEOPLE):
        made.users[id_] = User(id_, f"press{number}", f"당직 {number}", TEAM)
    for number in range(channels):
        made.channels[channel(number)].members |= {*PEOPLE, BOT_USER}
    return made


@asynccontextmanager
async def sandbox(
    folder: Path,
    *,
    channels: int = 10,
    applications: int = 10,
    timing: Timing = QUICK,
    retry_delays_s: tuple[float, ...] = (0.05, 0.5, 2.0, 8.0, 20.0),
    ack_timeout_s: float = 3.0,
    **settings: Any,
) -> AsyncIterator[World]:
    """Start both stand-ins; what Slack retries is retried sooner and longer than Slack does."""
    few_documents(folder)  # what no test here asks for is half of what a start costs
    slack = SlackStandIn(crowd(channels), now, 7, retry_delays_s, ack_timeout_s)
    scenario = replace(many(applications, 20), cluster="prod-dw", timing=timing, prometheus=False)
    platform = PlatformStandIn(scenario, now, seed=7)
    await slack.start()
    try:
        await platform.start()
        try:
            given = {
                "slack_bot_token": BOT_TOKEN,
                "slack_app_token": APP_TOKEN,
                "slack_api_url": slack.api_url,
                "approvers": ",".join(PEOPLE),
                "cluster_name": scenario.cluster,
                "yarn_url": platform.yarn_url,
                "chroma_url": NO_STORE,
                "data_dir": folder,
                "health_port": 0,
            }
            yield World(slack, platform, load_settings(_env_file=None, **{**given, **settings}))
        finally:
            await platform.stop()
    finally:
        await slack.stop()


def running(at: World) -> list[str]:
    """Return the ids of all applications, oldest first."""
    return sorted(row.id for row in at.platform.model.applications(at.platform.now()))


async def card_for(at: World, application: str, place: str, within: float = 300.0) -> Message:
    """Ask for one kill in a channel and return the card, once it is posted.

    Who is told that the cluster does not answer, as on a starved machine, asks again.
    """
    while True:
        ts = at.say(f"<@{BOT_USER}> {application} 죽여줘", user=PEOPLE[0], channel=place)
        said = await at.post(lambda each, ts=ts: each.root == ts and _settles(each), within)  # type: ignore[misc]  # bound now
        if event_of(said) == "kill_proposal":
            return said


def _settles(post: Message) -> bool:
    """Tell whether a post is an open card, or an answer that brings none."""
    if event_of(post) == "kill_proposal":
        return state_of(post) == "pending"
    return event_of(post) == "oncall_answer" and not payload_of(post).get("applications")


def kills(at: World, card: Message) -> list[int]:
    """Return how many requests each of a card's applications got."""
    return [at.platform.kill_count(each) for each in payload_of(card)["applications"]]
