"""Serves the console on one port."""

import asyncio
import socket
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import uvicorn

from bot.api.client import GatewayClient
from bot.console.door import Door, behind_door
from bot.console.page import STYLE, page
from bot.console.people import MemberBook
from bot.console.records import add_records
from bot.domain.language import Language

FONTS = ("system-ui", "sans-serif")  # nothing is fetched from elsewhere


@dataclass(frozen=True, slots=True)
class Place:
    """Where the console listens, and where the gateway is; port 0: any; `header` names the proxy's user header."""

    api: str
    members: Path
    host: str = "127.0.0.1"
    port: int = 7860
    names: tuple[str, ...] = ()
    header: str = ""


class Console:
    """Listens from its making; answers while it runs."""

    def __init__(self, place: Place) -> None:
        """Read who may sign in, and take the port. Raises PeopleError, or OSError when it is taken."""
        self._book = MemberBook(place.members)
        self._api = place.api
        self._clients: dict[str, GatewayClient] = {}
        door = Door(self._book, place.header)
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
        self._server = uvicorn.Server(uvicorn.Config(app, log_config=None, server_header=False))
        family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
        self._socket = socket.create_server((place.host, place.port), family=family)

    @property
    def address(self) -> str:
        """Where the page is."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    def _client(self, name: str) -> GatewayClient:
        """Return the client that speaks to the gateway as this person."""
        if name not in self._clients:
            member = self._book.named(name)
            self._clients[name] = GatewayClient(self._api, member.token if member else "")
        return self._clients[name]

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
