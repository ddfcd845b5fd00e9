"""Addresses without a token: incoming webhooks and response_url."""

import copy
from datetime import timedelta

from aiohttp import web

from bot.sandbox.slack.arguments import ApiError, check_content, flag, read_arguments, text_of
from bot.sandbox.slack.posting import Poster, bot_body, webhook_body
from bot.sandbox.slack.stage import ResponseUrl, Stage
from bot.sandbox.slack.transcript import Json, Message
from bot.sandbox.slack.workspace import UnknownError

RESPONSE_USES = 5
RESPONSE_LIFE = timedelta(minutes=30)


class Hooks:
    """Takes posts from alert senders and answers to clicks."""

    def __init__(self, stage: Stage, poster: Poster) -> None:
        self._stage = stage
        self._poster = poster

    def webhook_path(self, channel: str, bot_id: str) -> str:
        """Return the path that posts into the channel as that webhook."""
        team = self._stage.workspace.team.id
        return f"/services/{team}/{bot_id}/{self._stage.workspace.channel(channel).id}"

    async def webhook(self, request: web.Request) -> web.Response:
        """Take `/services/{team}/{bot}/{channel}`: Slack JSON or a form's `payload`; answer `ok`."""
        info = request.match_info
        bot = self._stage.workspace.bots.get(info["bot"])
        try:
            channel = self._stage.workspace.channel(info["channel"])
        except UnknownError:
            channel = None
        if bot is None or channel is None or info["team"] != self._stage.workspace.team.id:
            return web.Response(status=404, text="no_service")
        try:
            payload = await read_arguments(request)
            content = check_content(payload)
        except ApiError as refused:
            return web.Response(status=400, text=refused.code)
        thread_ts = text_of(payload, "thread_ts")
        author = webhook_body(bot, payload)
        self._poster.post(channel, author, content, thread_ts=thread_ts)
        return web.Response(text="ok")

    async def respond(self, request: web.Request) -> web.Response:
        """Take `/response/{key}`: five uses in thirty minutes, then a 404."""
        target = self._stage.response_urls.get(request.match_info["key"])
        if target is None or self._stage.clock() - target.at > RESPONSE_LIFE:
            return web.json_response({"ok": False, "error": "expired_url"}, status=404)
        if target.uses >= RESPONSE_USES:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        try:
            payload = await read_arguments(request)
            self._answer(target, payload)
        except ApiError as refused:
            return web.json_response({"ok": False, "error": refused.code, **refused.details})
        target.uses += 1
        return web.json_response({"ok": True})

    def _answer(self, target: ResponseUrl, payload: Json) -> None:
        bot = self._stage.workspace.bot
        original = self._stage.transcript.get(target.channel, target.message_ts)
        if flag(payload, "delete_original") and original:
            self._poster.remove(original)
            return
        content = check_content(copy.deepcopy(payload))
        if flag(payload, "replace_original") and original and not original.deleted:
            self._poster.change(original, content, bot.user_id)
            return
        public = payload.get("response_type") == "in_channel"
        self._poster.post(
            self._stage.workspace.channel(target.channel),
            bot_body(bot, self._stage.workspace.team.id),
            content,
            thread_ts=text_of(payload, "thread_ts") or _thread_of(original),
            visible_to="" if public else target.user,
        )


def _thread_of(original: Message | None) -> str:
    return original.root if original and original.in_thread else ""
