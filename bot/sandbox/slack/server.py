"""The stand-in itself: builds the rooms, listens on 127.0.0.1, offers the gestures of people."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from bot.sandbox.local import Listener
from bot.sandbox.slack.api import WebApi
from bot.sandbox.slack.demo import WEBHOOK_BOT
from bot.sandbox.slack.faults import Faults, RateLimits
from bot.sandbox.slack.identifiers import Identifiers
from bot.sandbox.slack.methods import MAX_FILE_BYTES
from bot.sandbox.slack.page import Page
from bot.sandbox.slack.people import People
from bot.sandbox.slack.posting import Poster
from bot.sandbox.slack.sockets import SocketHub
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.transcript import Transcript
from bot.sandbox.slack.workspace import Workspace


class SlackStandIn:
    """A Slack workspace over real wire protocols. `start()`, then point the app at `api_url`.

    `clock` gives aware times; `seed` fixes ids and the choice of sockets. Times in seconds.
    The gestures of people are `people.*`; the commonest are repeated here.
    """

    def __init__(
        self,
        workspace: Workspace,
        clock: Callable[[], datetime],
        seed: int = 0,
        retry_delays_s: tuple[float, ...] = (0.0, 60.0, 300.0),
        ack_timeout_s: float = 3.0,
        *,
        rate_limited: bool = False,
    ) -> None:
        ids = Identifiers(clock, seed)
        self.workspace = workspace
        self.transcript = Transcript()
        self.sockets = SocketHub(self.transcript, ids, ack_timeout_s, retry_delays_s)
        self._stage = Stage(workspace, clock, ids, self.transcript, self.sockets)
        poster = Poster(self._stage)
        self.faults = Faults()
        self.limits = RateLimits(clock, enabled=rate_limited)
        self.people = People(self._stage, poster)
        self._page = Page(self._stage, self.people)
        application = web.Application(client_max_size=MAX_FILE_BYTES + 1024 * 1024)
        application.add_routes(WebApi(self._stage, poster, self.faults, self.limits).routes())
        application.add_routes([web.get("/link/", self.sockets.handle), *self._page.routes()])
        self._listener = Listener(application)
        self.say = self.people.say
        self.click = self.people.click
        self.edit = self.people.edit
        self.delete = self.people.delete
        self.fault = self.faults.add
        self.wait_for = self.transcript.wait_for
        self.disconnect = self.sockets.disconnect
        self.redeliver = self.sockets.redeliver
        self.send_envelope = self.sockets.send_raw
        self.post_as_bot = self.people.post_as_bot

    @property
    def api_url(self) -> str:
        """The Web API's base address, with the closing slash slack_sdk wants."""
        return f"{self._stage.base_url}/api/"

    @property
    def page_url(self) -> str:
        """The address of the page a person opens."""
        return f"{self._stage.base_url}/"

    def webhook_url(self, channel: str, bot: str = WEBHOOK_BOT) -> str:
        """Return the address where an alert sender posts into the channel."""
        team, place = self.workspace.team, self.workspace.channel(channel)
        return f"{self._stage.base_url}/services/{team.id}/{bot}/{place.id}"

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes any free one. Raises `OSError` when it is taken."""
        await self._listener.start(port)
        self._stage.base_url = self._listener.url

    async def stop(self) -> None:
        """Close sockets, feeds and the port."""
        self.faults.release()
        self._page.stop()
        await self.sockets.stop()
        await self._listener.stop()
