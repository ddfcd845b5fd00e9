"""Serves the page, its picture of the workspace and the stream of changes."""

import asyncio
import base64
import hashlib
import json
from importlib import resources
from urllib.parse import quote

from aiohttp import web

from bot.sandbox.slack.control import Control, workspace_json
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.transcript import Json

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
    """`/` the page, `/page/state` everything so far, `/page/feed` server-sent changes."""

    def __init__(self, stage: Stage, control: Control) -> None:
        self._stage = stage
        self._control = control
        self._stopped = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        """Return the page's routes."""
        return [
            web.get("/", self._index),
            web.get("/page/state", self._state),
            web.get("/page/feed", self._feed),
            web.get("/archives/{channel}/p{stamp}", self._archive),
        ]

    async def _index(self, request: web.Request) -> web.Response:
        del request
        html, policy = page_html()
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def _archive(self, request: web.Request) -> web.Response:
        """Follow a permalink: `p` and the ts without its dot, with the thread in the query."""
        stamp = request.match_info["stamp"]
        ts = request.query.get("thread_ts") or f"{stamp[:-6]}.{stamp[-6:]}"
        raise web.HTTPFound(f"/#{quote(request.match_info['channel'])}/{quote(ts)}")

    async def _state(self, request: web.Request) -> web.Response:
        del request
        record = self._stage.transcript.to_json()
        for message in record["messages"]:
            message.pop("history")
        now = self._stage.clock().isoformat()
        return web.json_response({**record, "workspace": workspace_json(self._stage), "now": now})

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
        return f"data: {json.dumps(_for_page(change))}\n\n".encode()

    def stop(self) -> None:
        """End every feed at its next change."""
        self._stopped.set()
        self._stage.transcript.tell({"kind": "stopped"})


def _for_page(change: Json) -> Json:
    if change["kind"] != "message":
        return change
    message = {key: value for key, value in change["message"].items() if key != "history"}
    return {**change, "message": message}
