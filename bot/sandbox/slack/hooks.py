"""Addresses without a token: incoming webhooks."""

from aiohttp import web

from bot.sandbox.slack.arguments import ApiError, check_content, read_arguments, text_of
from bot.sandbox.slack.posting import Poster, webhook_body
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.workspace import UnknownError


class Hooks:
    """Takes posts from alert senders."""

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
