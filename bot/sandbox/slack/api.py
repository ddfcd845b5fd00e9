"""The Web API's front door: tokens, scopes, faults, rate limits, then the method."""

import math

from aiohttp import web

from bot.sandbox.slack.arguments import ApiError, read_arguments, text_of
from bot.sandbox.slack.faults import Faults, RateLimits, rate_limited
from bot.sandbox.slack.method import Method, Methods
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.transcript import Call, Json
from bot.sandbox.slack.workspace import Bot

_SECRET = frozenset({"token"})


class WebApi:
    """Serves `/api/{method}`; records every call without its token."""

    def __init__(self, stage: Stage, methods: Methods, faults: Faults, limits: RateLimits) -> None:
        self._stage = stage
        self._faults = faults
        self._limits = limits
        self._methods: Methods = {
            **methods,
            "apps.connections.open": Method(self._open_socket, ("connections:write",), "app"),
        }

    async def handle(self, request: web.Request) -> web.Response:
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
            wait = self._limits.wait_s(token, name, text_of(arguments, "channel"))
            if wait:
                self._record(name, at, arguments, "ratelimited")
                return rate_limited(math.ceil(wait))
            answer = self._answer(name, token, arguments)
        except ApiError as refused:
            self._record(name, at, arguments, refused.code)
            return web.json_response({"ok": False, "error": refused.code, **refused.details})
        self._record(name, at, arguments, "")
        if fault:
            await self._faults.never()
        return web.json_response({"ok": True, **answer}, headers=self._headers(token))

    def _answer(self, name: str, token: str, arguments: Json) -> Json:
        method = self._methods.get(name)
        if method is None:
            raise ApiError("unknown_method", req_method=name)
        bot = self._caller(token, method)
        given = {"connections:write"} if method.token == "app" else bot.scopes  # noqa: S105  # a kind
        if method.scopes and not given.intersection(method.scopes):
            raise ApiError(
                "missing_scope",
                needed=",".join(method.scopes),
                provided=",".join(sorted(bot.scopes)),
            )
        return method.answer(bot, arguments)

    def _caller(self, token: str, method: Method) -> Bot:
        workspace = self._stage.workspace
        if not token:
            raise ApiError("not_authed")
        is_app = token == workspace.app_token
        bot = workspace.bot if is_app else workspace.bot_of_token(token)
        if bot is None:
            raise ApiError("invalid_auth")
        if is_app != (method.token == "app"):  # noqa: S105  # a kind
            raise ApiError("not_allowed_token_type")
        return bot

    def _open_socket(self, bot: Bot, arguments: Json) -> Json:
        del arguments
        base = self._stage.base_url.replace("http://", "ws://", 1)
        ticket = self._stage.sockets.ticket()
        return {"url": f"{base}/link/?ticket={ticket}&app_id={bot.app_id}"}

    def _headers(self, token: str) -> dict[str, str]:
        bot = self._stage.workspace.bot_of_token(token)
        return {"X-OAuth-Scopes": ",".join(sorted(bot.scopes))} if bot else {}

    def _record(self, name: str, at: str, arguments: Json, error: str) -> None:
        shown = {key: value for key, value in arguments.items() if key not in _SECRET}
        self._stage.transcript.calls.append(Call(name, at, shown, error))
        self._stage.transcript.tell({"kind": "call", "method": name, "error": error})


def _token(request: web.Request, arguments: Json) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer":
        return token.strip()
    return text_of(arguments, "token")
