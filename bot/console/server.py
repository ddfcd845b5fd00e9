"""Serves the console on one port."""

import asyncio
import socket
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import uvicorn

from bot.api.client import GatewayClient
from bot.console.door import LOOPBACK, Door, Network, behind_door
from bot.console.page import STYLE, page
from bot.console.people import GUESTS, Member, MemberBook
from bot.console.records import add_records
from bot.domain.language import Language

FONTS = ("system-ui", "sans-serif")  # nothing is fetched from elsewhere


@dataclass(frozen=True, slots=True)
class Place:
    """Where the console listens, and where the gateway is; port 0: any.

    `header` names the user header of a proxy, which connects from one of `proxies`.
    """

    api: str
    members: Path
    host: str = "127.0.0.1"
    port: int = 7860
    names: tuple[str, ...] = ()
    header: str = ""
    proxies: tuple[Network, ...] = LOOPBACK


class Console:
    """Listens from its making; answers while it runs."""

    def __init__(self, place: Place) -> None:
        """Read who may sign in, and take the port. Raises PeopleError, or OSError when it is taken."""
        self._book = MemberBook(place.members)
        self._api = place.api
        self._clients: dict[str, GatewayClient] = {}
        door = Door(self._book, place.header, place.proxies)
        app = behind_door(door, (place.host, *place.names))
        add_records(app, lambda request: self._client(door.who(request) or ""))
        for language in Language:
            gr.mount_gradio_app(
                app,
                page(language, self._client),
                f"/{language.value}",
                auth_dependency=door.who,
                footer_links=[],
                show_error=False,
                allowed_paths=[],
                max_file_size=0,
                ssr_mode=False,
                enable_monitoring=False,
                mcp_server=False,
                theme=gr.themes.Base(font=FONTS, font_mono=("ui-monospace", "monospace")),
                css=STYLE,
            )
        config = uvicorn.Config(
            app,
            log_config=None,
            server_header=False,
            proxy_headers=not place.header,  # the peer's address must be the peer's
        )
        self._server = uvicorn.Server(config)
        family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
        self._socket = socket.create_server((place.host, place.port), family=family)

    @property
    def address(self) -> str:
        """Where the page is."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    def _client(self, name: str) -> GatewayClient:
        """Return the client that speaks to the gateway as this person."""
        member = self._book.named(name) or Member("", "", "")
        if member.name not in self._clients:
            guest = member.name == GUESTS
            client = GatewayClient(self._api, member.token, reads_only=guest)
            self._clients[member.name] = client
        return self._clients[member.name]

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until told to stop."""
        serving = asyncio.create_task(self._server.serve([self._socket]))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        self._server.should_exit = True
        await serving
        stopping.cancel()
        for client in self._clients.values():
            await client.close()
