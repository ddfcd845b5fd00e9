"""The page: its one file, its picture of the workspace, the stream of changes and its actions.

Every action is a POST of a JSON object to `/control/{action}`. A wrong
argument is a 400, a thing that does not exist a 404, both `{"error": text}`.
"""

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from importlib import resources
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot.sandbox.slack.people import People
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.transcript import Envelope, Json
from bot.sandbox.slack.workspace import UnknownError

_SCRIPTS = ("page_text.js", "page_blocks.js", "page_views.js", "page.js")
_KEEPALIVE_S = 15.0


def page_html() -> tuple[str, str]:
    """Return the self-contained page and the content security policy that fits it."""
    room = resources.files(__package__)
    style = (room / "page.css").read_text("utf-8")
    script = "\n".join((room / name).read_text("utf-8") for name in _SCRIPTS)
    html = (room / "page.html").read_text("utf-8")
    html = html.replace("/*style*/", style).replace("/*script*/", script)
    policy = (
        "default-src 'none'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors 'none'; script-src '{_hash(script)}'; "
        f"style-src '{_hash(style)}'"
    )
    return html, policy


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


class Page:
    """Serves the routes below; `/control/…` maps to the gestures of `People`."""

    def __init__(self, stage: Stage, people: People) -> None:
        self._stage = stage
        self._stopped = asyncio.Event()
        self._actions: dict[str, Callable[..., Any]] = {
            "say": people.say,
            "open_home": people.open_home,
            "close_view": people.close_view,
            "use_shortcut": people.use_shortcut,
            "click": people.click,
            "click_view": people.click_view,
            "submit_view": people.submit_view,
        }

    def routes(self) -> list[web.RouteDef]:
        """Return the page's routes."""
        return [
            web.get("/", self._index),
            web.get("/page/state", self._state),
            web.get("/page/feed", self._feed),
            web.get("/archives/{channel}/p{stamp}", self._archive),
            web.get("/control/connections", self._connections),
            web.post("/control/{action}", self._act),
        ]

    async def _index(self, _: web.Request) -> web.Response:
        html, policy = page_html()
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def _archive(self, request: web.Request) -> web.Response:
        """Follow a permalink: `p` and the ts without its dot, with the thread in the query."""
        stamp = request.match_info["stamp"]
        ts = request.query.get("thread_ts") or f"{stamp[:-6]}.{stamp[-6:]}"
        raise web.HTTPFound(f"/#{quote(request.match_info['channel'])}/{quote(ts)}")

    async def _connections(self, _: web.Request) -> web.Response:
        return web.json_response([each.number for each in self._stage.sockets.connections])

    async def _act(self, request: web.Request) -> web.Response:
        name = request.match_info["action"]
        if name not in self._actions:
            return _error(404, f"no action {name}")
        try:
            arguments = json.loads(await request.text() or "{}")
            wait = arguments.pop("wait", False)
            result = self._actions[name](**arguments)
        except UnknownError as missing:
            return _error(404, str(missing))
        except (TypeError, ValueError) as wrong:
            return _error(400, str(wrong))
        if isinstance(result, Envelope):
            if wait:
                await result.settled.wait()
            result = result.to_json()
        return web.json_response({"ok": True, "result": result})

    async def _state(self, _: web.Request) -> web.Response:
        workspace = self._stage.workspace
        known = {
            "team": asdict(workspace.team),
            "bot": {"id": workspace.bot.id, "user_id": workspace.bot.user_id},
            "bots": [bot.to_json() for bot in workspace.bots.values()],
            "users": [user.to_json() for user in workspace.users.values()],
            "groups": [asdict(each) for each in workspace.groups.values()],
            "shortcuts": [asdict(each) for each in workspace.shortcuts.values()],
            "channels": [
                {**asdict(each), "members": sorted(each.members)}
                for each in workspace.channels.values()
            ],
        }
        return web.json_response({**self._stage.transcript.to_json(), "workspace": known})

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Cache-Control": "no-store"})
        response.content_type = "text/event-stream"
        await response.prepare(request)
        changes: asyncio.Queue[Json] = asyncio.Queue()
        silence = self._stage.transcript.listen(changes.put_nowait)
        try:
            await response.write(b"retry: 500\n\n")
            while not self._stopped.is_set():
                await response.write(await self._next(changes))
        except ConnectionError:
            return response
        finally:
            silence()
        return response

    async def _next(self, changes: asyncio.Queue[Json]) -> bytes:
        try:
            async with asyncio.timeout(_KEEPALIVE_S):
                change = await changes.get()
        except TimeoutError:
            return b": alive\n\n"
        return f"data: {json.dumps(change)}\n\n".encode()

    def stop(self) -> None:
        """End every feed at its next change."""
        self._stopped.set()
        self._stage.transcript.tell({"kind": "stopped"})


def _error(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)
