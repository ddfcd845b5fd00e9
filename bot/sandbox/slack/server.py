"""The stand-in itself: builds the rooms, listens on 127.0.0.1, offers the control methods."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.sandbox.local import HOST, same_origin
from bot.sandbox.slack.api import WebApi
from bot.sandbox.slack.chat_methods import ChatMethods
from bot.sandbox.slack.control import Control
from bot.sandbox.slack.demo import WEBHOOK_BOT
from bot.sandbox.slack.events import Announcer
from bot.sandbox.slack.faults import Faults, RateLimits
from bot.sandbox.slack.file_methods import MAX_BYTES, FileMethods
from bot.sandbox.slack.hooks import Hooks
from bot.sandbox.slack.identifiers import Identifiers
from bot.sandbox.slack.page import Page
from bot.sandbox.slack.people import People
from bot.sandbox.slack.posting import Poster
from bot.sandbox.slack.read_methods import ReadMethods
from bot.sandbox.slack.sockets import Delivery, SocketHub
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.surface_methods import SurfaceMethods
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
        delivery = Delivery(ack_timeout_s, retry_delays_s)
        ids = Identifiers(clock, seed)
        self.workspace = workspace
        self.transcript = Transcript()
        self.sockets = SocketHub(self.transcript, ids, clock, delivery, workspace.bot.app_id)
        self._stage = Stage(workspace, clock, ids, self.transcript, self.sockets)
        announcer = Announcer(self._stage)
        poster = Poster(self._stage, announcer)
        self.faults = Faults()
        self.limits = RateLimits(clock, enabled=rate_limited)
        self.people = People(self._stage, poster, announcer)
        self._files = FileMethods(self._stage, poster)
        self._hooks = Hooks(self._stage, poster)
        methods = {
            **ChatMethods(self._stage, poster).table(),
            **ReadMethods(self._stage).table(),
            **SurfaceMethods(self._stage).table(),
            **self._files.table(),
        }
        self._api = WebApi(self._stage, methods, self.faults, self.limits)
        self._control = Control(self._stage, self.people)
        self._page = Page(self._stage, self._control)
        self._runner: web.AppRunner | None = None
        self._name_gestures()

    def _name_gestures(self) -> None:
        self.say = self.people.say
        self.click = self.people.click
        self.edit = self.people.edit
        self.delete = self.people.delete
        self.fault = self.faults.add
        self.wait_for = self.transcript.wait_for
        self.disconnect = self.sockets.disconnect
        self.redeliver = self.sockets.redeliver
        self.send_envelope = self.sockets.send_raw

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
        return f"{self._stage.base_url}{self._hooks.webhook_path(channel, bot)}"

    def post_as_bot(self, channel: str, payload: dict[str, Any], bot: str = WEBHOOK_BOT) -> str:
        """Post as another bot or webhook and return the ts."""
        return self.people.post_as_bot(channel, payload, bot)

    def _routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/api/{method}", self._api.handle),
            web.get("/link/", self.sockets.handle),
            web.post("/services/{team}/{bot}/{channel}", self._hooks.webhook),
            web.post("/upload/{file_id}", self._files.receive),
            web.get("/files/{file_id}/{name}", self._files.serve),
            *self._control.routes(),
            *self._page.routes(),
        ]

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes any free one. Raises `OSError` when it is taken."""
        application = web.Application(
            middlewares=[same_origin], client_max_size=MAX_BYTES + 1024 * 1024
        )
        application.add_routes(self._routes())
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        await site.start()
        address = self._runner.addresses[0]
        self._stage.base_url = f"http://{HOST}:{address[1]}"

    async def stop(self) -> None:
        """Close sockets, feeds and the port."""
        self.faults.release()
        self._page.stop()
        await self.sockets.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
