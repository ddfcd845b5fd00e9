"""The Slack edge put together: sockets in, posts out, and everything between."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, timedelta, tzinfo

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.posts import Post
from bot.errors import StartError
from bot.handlers.alerts.answers import Alerts, Ended, RepeatTraces
from bot.handlers.buttons import CardButtons, CardFinder, DecisionDesk, GuideActions
from bot.handlers.delivery import Delivery, Messenger
from bot.handlers.dispatcher import Deliveries, Dispatcher, Intake, SlackRouter
from bot.handlers.events import Installation, Parser, Rules
from bot.handlers.home_tab import Home, HomeData, Shortcuts, Surroundings
from bot.handlers.modals import ApplicationPicker, Listings
from bot.handlers.people import Channels, SlackPeople, Users
from bot.handlers.pictures import Figured, Pictures
from bot.handlers.socket import EventGap, MissedEventWatch, Sockets, SocketState, bolt_app
from bot.handlers.turns import DraftPoster, Progress, Questions, Talk, Turns
from bot.observability import Spans
from bot.ports import Clock, Inbox, Investigations, Outbox
from bot.services.guides import GuideDesk, IncidentDesk
from bot.services.jobs import Job, every

_LOG = structlog.get_logger(__name__)
PICTURE_GRACE = 3.0  # seconds a picture being made gets at the end


@dataclass(frozen=True, slots=True)
class Services:
    """What the edge works with."""

    inbox: Inbox
    outbox: Outbox
    investigations: Investigations
    desk: DecisionDesk
    talk: Talk
    clock: Clock
    guides: GuideDesk | None = None
    incidents: IncidentDesk | None = None
    listings: Listings | None = None
    figured: Figured | None = None
    housing: HomeData | None = None
    ended: Ended | None = None
    spans: Spans = field(default_factory=Spans)


@dataclass(frozen=True, slots=True)
class SlackTiming:
    """How fast the edge goes, in seconds; tests go faster, and most of them without pictures."""

    ping: float = 10.0
    recovery: float = 10.0
    outbox: float = 0.5
    per_post: float = 1.0
    pause: float = 1.0
    status_after: float = 1.0
    draft_after: float = 2.0
    turn_limit: float = 55.0
    canary: float = 60.0
    canary_grace: float = 30.0
    trace: float = 1.0
    pictures: bool = True


@dataclass(frozen=True, slots=True)
class Connection:
    """Our installation: the client, the app-level token, and who the preflight says we are."""

    client: AsyncWebClient
    app_token: str = field(repr=False)
    who: Installation


def _surroundings(
    connection: Connection, core: Services, pace: SlackTiming, zone: tzinfo
) -> Surroundings:
    """Return what every way of asking needs of Slack."""
    client, who = connection.client, connection.who
    return Surroundings(
        client,
        Users(
            SlackPeople(client, who.team),
            who.team,
            core.housing.language if core.housing else None,
        ),
        Channels(client),
        Progress(client, pace.status_after),
        core.housing,
        zone,
        who.url,
    )


class SlackApp:
    """`start`, then `stop`: nothing accepted is lost, and nothing is said twice."""

    def __init__(
        self,
        connection: Connection,
        core: Services,
        *,
        rules: Rules | None = None,
        zone: tzinfo = UTC,
        tempo: SlackTiming | None = None,
    ) -> None:
        client, who, pace = connection.client, connection.who, tempo or SlackTiming()
        parser = Parser(who, rules or Rules())
        deliveries = Deliveries(parser)
        around = _surroundings(connection, core, pace, zone)
        delivery = Delivery(client, core.desk.get, core.clock, zone, who.bot_id, spans=core.spans)
        self._pictures = None
        if core.figured is not None and pace.pictures:
            self._pictures = Pictures(client, core.figured, core.clock, zone)
        self.messenger = Messenger(
            core.outbox,
            delivery.send,
            core.clock,
            period=pace.outbox,
            every=pace.per_post,
            pause=pace.pause,
            posted=self._pictures.posted if self._pictures else lambda _: None,
        )
        self._inbox, self._outbox = core.inbox, core.outbox
        self._traces = RepeatTraces(client, core.outbox, zone)
        self.dispatcher = Dispatcher(
            core.inbox,
            _router(core, deliveries, around, pace, traces=self._traces, pictures=self._pictures),
            self.messenger.wake,
            limit=pace.turn_limit,
            period=pace.recovery,
            pauses=(0.2 * pace.pause, pace.pause),
        )
        app = bolt_app(client, who)
        Home(around, core.clock, who.team).register(app)
        intake = Intake(self.dispatcher.accept, deliveries, core.clock)
        intake.register(app)
        self._canary = MissedEventWatch(
            client,
            parser,
            core.clock,
            intake.late,
            self._say,
            self._renew,
            channels=sorted(parser.rules.channels),
            grace=timedelta(seconds=pace.canary_grace),
        )
        self._sockets = Sockets(app, connection.app_token, pace.ping, self._canary.heard)
        self._pace = pace
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take up what was left, then connect. Raises StartError."""
        since = await self._inbox.last_at()
        self._tasks = [
            asyncio.create_task(self.messenger.run()),
            asyncio.create_task(self.dispatcher.run()),
        ]
        try:
            await self._sockets.start()
        except StartError:
            await self.stop(grace=0)
            raise
        if since is not None:
            self._canary.begin(since)

    def jobs(self) -> tuple[Job, ...]:
        """Return what is done now and then while we are connected."""
        return (
            Job("missed events", self._canary.look, every(self._pace.canary)),
            Job("repeat traces", self._traces.edit_one, every(self._pace.trace)),
        )

    async def state(self) -> SocketState:
        """Return how the sockets are, for readiness."""
        return await self._sockets.state()

    @property
    def hearing(self) -> EventGap:
        """How well Slack's events reach us."""
        return self._canary.hearing

    async def _renew(self) -> None:
        await self._sockets.renew()  # which are made after the watch

    async def _say(self, posts: list[Post]) -> None:
        await self._outbox.add(posts)
        self.messenger.wake()

    async def send_due(self, picture_grace: float = 60.0) -> None:
        """Send what waits and its pictures without connecting, for a command that posts and ends."""
        await self.messenger.stop()
        if self._pictures is not None:
            await self._pictures.stop(picture_grace)

    async def stop(self, grace: float = 20.0) -> None:
        """Finish what is being worked on, send what is due, acknowledge, close.

        Deliveries that still come in are kept in the inbox for the next start.
        """
        await self.dispatcher.stop(grace)
        await self.messenger.stop(grace / 2)
        if self._pictures is not None:
            await self._pictures.stop(min(grace, PICTURE_GRACE))
        await self._sockets.close()
        for ended in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                _LOG.error("edge_task_failed", error=repr(ended))


def _router(
    core: Services,
    deliveries: Deliveries,
    around: Surroundings,
    pace: SlackTiming,
    *,
    traces: RepeatTraces,
    pictures: Pictures | None,
) -> SlackRouter:
    parser, rooms, client = deliveries.parser, around.rooms, around.client
    drafts, team = DraftPoster(core.outbox, pace.draft_after), parser.who.team
    turns = Turns(core.talk, core.investigations, rooms, around.progress, drafts)
    choosing = None
    if core.listings is not None:
        choosing = ApplicationPicker(core.listings, client, turns, around.zone)
    return SlackRouter(
        deliveries,
        Alerts(
            core.talk,
            core.investigations,
            core.outbox,
            ended=core.ended,
            traces=traces,
            incidents=core.incidents,
            rooms=rooms,
            zone=around.zone,
        ),
        Questions(
            turns,
            core.investigations,
            around.visitors,
            mentions_only=parser.rules.mentions_only,
        ),
        CardButtons(
            core.desk,
            CardFinder(client, core.outbox, parser.who.bot_id),
            turns,
            team,
            GuideActions(core.guides, core.incidents, team),
            choosing,
            pictures,
        ),
        choosing,
        Shortcuts(parser, core.talk, core.investigations, around),
    )
