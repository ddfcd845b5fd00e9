"""What apps and alert senders call: the Web API, incoming webhooks, uploads and their files.

Every method passes tokens, faults, rate limits and scopes before it is answered.
"""

import math

from aiohttp import web

from bot.sandbox.slack.arguments import ApiError, Ask, checked_content, read_arguments, text_of
from bot.sandbox.slack.faults import Faults, RateLimits, rate_limited
from bot.sandbox.slack.methods import METHODS, OPEN_SOCKET, Method
from bot.sandbox.slack.posting import Poster, webhook_body
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.transcript import Call, Json
from bot.sandbox.slack.workspace import Bot, UnknownError

_SECRET = frozenset({"token"})


class WebApi:
    """Serves the routes below; records every call of a method without its token."""

    def __init__(self, stage: Stage, poster: Poster, faults: Faults, limits: RateLimits) -> None:
        self._stage = stage
        self._poster = poster
        self._faults = faults
        self._limits = limits

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.route("*", "/api/{method}", self._call),
            web.post("/services/{team}/{bot}/{channel}", self._webhook),
            web.post("/upload/{file_id}", self._receive),
            web.get("/files/{file_id}/{name}", self._serve),
        ]

    async def _call(self, request: web.Request) -> web.Response:
        """Answer one call. API errors are HTTP 200 with `ok: false`, as Slack's are."""
        name = request.match_info["method"]
        at = self._stage.clock().isoformat()
        arguments: Json = {}
        try:
            arguments = await read_arguments(request)
            token = _token(request, arguments)
            fault = self._faults.take(name)
            if fault and fault.kind != "timeout":
                self._record(name, at, arguments, f"fault:{fault.kind}")
                return await self._faults.answer(fault, request)
            tier = METHODS[name].tier if name in METHODS else 0
            wait = self._limits.wait_s(token, name, text_of(arguments, "channel"), tier)
            if wait:
                self._record(name, at, arguments, "ratelimited")
                return rate_limited(math.ceil(wait))
            bot, answer = self._answer(name, token, arguments)
        except ApiError as refused:
            self._record(name, at, arguments, refused.code)
            return web.json_response({"ok": False, "error": refused.code, **refused.details})
        self._record(name, at, arguments, "")
        if fault:
            await self._faults.never()
        scopes = ",".join(sorted(bot.scopes))
        return web.json_response({"ok": True, **answer}, headers={"X-OAuth-Scopes": scopes})

    def _answer(self, name: str, token: str, arguments: Json) -> tuple[Bot, Json]:
        method = METHODS.get(name)
        if method is None:
            raise ApiError("unknown_method", req_method=name)
        bot = self._caller(token, method)
        if method.scopes and not bot.scopes.intersection(method.scopes):
            wanted, given = ",".join(method.scopes), ",".join(sorted(bot.scopes))
            raise ApiError("missing_scope", needed=wanted, provided=given)
        return bot, method.answer(Ask(self._stage, self._poster, bot, arguments))

    def _caller(self, token: str, method: Method) -> Bot:
        workspace = self._stage.workspace
        if not token:
            raise ApiError("not_authed")
        is_app = token == workspace.app_token
        bot = workspace.bot if is_app else workspace.bot_of_token(token)
        if bot is None:
            raise ApiError("invalid_auth")
        if is_app != (method is METHODS[OPEN_SOCKET]):
            raise ApiError("not_allowed_token_type")
        return bot

    def _record(self, name: str, at: str, arguments: Json, error: str) -> None:
        shown = {key: value for key, value in arguments.items() if key not in _SECRET}
        self._stage.transcript.calls.append(Call(name, at, shown, error))
        self._stage.transcript.tell({"kind": "call", "method": name, "error": error})

    async def _webhook(self, request: web.Request) -> web.Response:
        """Take an alert sender's post: Slack JSON or a form's `payload`; answer `ok`."""
        info, workspace = request.match_info, self._stage.workspace
        bot = workspace.bots.get(info["bot"])
        try:
            channel = workspace.channel(info["channel"])
        except UnknownError:
            channel = None
        if bot is None or channel is None or info["team"] != workspace.team.id:
            return web.Response(status=404, text="no_service")
        try:
            payload = await read_arguments(request)
            content = checked_content(payload)
        except ApiError as refused:
            return web.Response(status=400, text=refused.code)
        author, thread_ts = webhook_body(bot, payload), text_of(payload, "thread_ts")
        self._poster.post(channel, author, content, thread_ts=thread_ts)
        return web.Response(text="ok")

    async def _receive(self, request: web.Request) -> web.Response:
        """Take the bytes at an upload address: raw, or the first file of a form."""
        upload = self._stage.uploads.get(request.match_info["file_id"])
        if upload is None:
            return web.Response(status=404, text="not found")
        content = await _content(request)
        if len(content) != upload.length:
            return web.Response(status=400, text="length mismatch")
        upload.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def _serve(self, request: web.Request) -> web.Response:
        """Return an uploaded file, never as a page."""
        upload = self._stage.uploads.get(request.match_info["file_id"])
        if upload is None or upload.content is None:
            return web.Response(status=404, text="not found")
        shown = upload.content_type.startswith("image/") and "svg" not in upload.content_type
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": "inline" if shown else "attachment",
        }
        kind = upload.content_type if shown else "application/octet-stream"
        return web.Response(body=upload.content, content_type=kind, headers=headers)


async def _content(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    parts = (await request.post()).values()
    return next((part.file.read() for part in parts if isinstance(part, web.FileField)), b"")


def _token(request: web.Request, arguments: Json) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme == "Bearer" else text_of(arguments, "token")
