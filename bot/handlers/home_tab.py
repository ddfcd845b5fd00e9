"""The app's home tab, made anew each time somebody opens it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.language import Language
from bot.domain.proposals import Proposal, ProposalState
from bot.errors import DangjikError
from bot.handlers.delivery import SlackCallError, asked
from bot.handlers.modals import Modals
from bot.handlers.people import Channels, Users, Visitor
from bot.handlers.turns import Progress
from bot.handlers.views import blocks as kit
from bot.handlers.views.home import HomeLocale, HomeSettings, Records, home_blocks, what_to_ask
from bot.ports import Clock, ClusterHealth, Past

_LOG = structlog.get_logger(__name__)
PAST = timedelta(days=7)
FORGOTTEN = timedelta(days=1)  # an alert whose end was never told is open for ever
MOST_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class HomeData:
    """Where the home tab and the status window take what they show."""

    health: ClusterHealth
    past: Past
    barred: Callable[[str, str], Awaitable[str | None]]  # why one may not approve
    habits: HomeSettings
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What handlers ask Slack beside a turn, and show there; `slack` is where its links begin."""

    client: AsyncWebClient
    windows: Modals
    visitors: Users
    rooms: Channels
    progress: Progress
    housing: HomeData | None
    zone: tzinfo
    slack: str

    def manner(self, language: Language) -> HomeLocale:
        """Return how the tab and windows speak."""
        return HomeLocale(language, self.zone, self.slack)


@dataclass(frozen=True, slots=True)
class Home:
    """Publishes the home tab for whoever opens it."""

    around: Surroundings
    clock: Clock
    team: str

    def register(self, app: AsyncApp) -> None:
        """Listen; to be registered before the listeners that take everything."""
        app.event("app_home_opened")(self.opened)

    async def opened(self, event: dict[str, Any]) -> None:
        """Publish the tab for whoever opened it."""
        user = event.get("user")
        if event.get("tab") != "home" or not isinstance(user, str):
            return
        view = {"type": "home", "blocks": await self._blocks(await self.around.visitors.of(user))}
        try:
            await asked(self.around.client.views_publish, {"user_id": user, "view": view})
        except SlackCallError as error:
            _LOG.warning("home_not_shown", error=str(error))

    async def _blocks(self, visitor: Visitor) -> list[kit.Block]:
        manner = self.around.manner(visitor.language)
        if self.around.housing is None or not visitor.insider:
            return what_to_ask(visitor.language)
        metrics, records = await asyncio.gather(
            self.around.housing.health.now(), self._records(self.around.housing, visitor)
        )
        return home_blocks(metrics, records, self.around.housing.habits, manner)

    async def _records(self, housing: HomeData, visitor: Visitor) -> Records | None:
        """Return what is stored for a person; None when it cannot be read."""
        now = self.clock()
        try:
            proposals, investigations, barred = await asyncio.gather(
                housing.past.proposals(now - PAST),
                housing.past.investigations(now - FORGOTTEN),
                housing.barred(visitor.id, self.team),
            )
        except DangjikError as error:
            _LOG.warning("home_without_records", error=str(error))
            return None
        approver = barred is None
        waiting = [
            each
            for each in proposals
            if approver and waits_for(each, visitor.id, now, own=housing.habits.self_approval)
        ]
        open_ones = [
            each
            for each in investigations[:MOST_LOOKED_AT]
            if each.closed_at is None
            and each.opened_at >= now - FORGOTTEN
            and not await self.around.rooms.private(each.channel)
        ]
        kills = [
            each
            for each in proposals[:MOST_LOOKED_AT]
            if each.killed
            and (took_part(each, visitor.id) or not await self.around.rooms.private(each.channel))
        ]
        return Records(tuple(waiting), tuple(open_ones), tuple(kills), approver)


def waits_for(proposal: Proposal, user: str, now: datetime, *, own: bool) -> bool:
    """Tell whether an approver's decision is still asked for; `own` when their own request counts."""
    return (
        proposal.state is ProposalState.PENDING
        and proposal.expires_at > now
        and all(vote.user != user for vote in proposal.votes)
        and (own or proposal.requester != user)
    )


def took_part(proposal: Proposal, user: str) -> bool:
    """Tell whether somebody asked for a proposal or decided on it."""
    return proposal.requester == user or any(vote.user == user for vote in proposal.votes)
