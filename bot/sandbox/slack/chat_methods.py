"""Web API: `chat.*`."""

import copy
import re

from bot.sandbox.slack.arguments import (
    ApiError,
    check_content,
    needed,
    text_of,
)
from bot.sandbox.slack.method import Method, Methods, channel_for, joined_channel, message_in
from bot.sandbox.slack.posting import Poster, bot_body
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.transcript import Json, Message
from bot.sandbox.slack.workspace import Bot

_TS = re.compile(r"^\d{9,11}\.\d{6}$")


class ChatMethods:
    """Posting, editing and ephemerals."""

    def __init__(self, stage: Stage, poster: Poster) -> None:
        self._stage = stage
        self._poster = poster

    def table(self) -> Methods:
        """Return the methods by name."""
        write = ("chat:write",)
        return {
            "chat.postMessage": Method(self._post, write),
            "chat.update": Method(self._update, write),
            "chat.postEphemeral": Method(self._ephemeral, write),
        }

    def _author(self, bot: Bot) -> Json:
        return bot_body(bot, self._stage.workspace.team.id)

    def _thread(self, arguments: Json) -> str:
        thread_ts = text_of(arguments, "thread_ts")
        if thread_ts and not _TS.match(thread_ts):
            raise ApiError("invalid_thread_ts")
        return thread_ts

    def _post(self, bot: Bot, arguments: Json) -> Json:
        channel = joined_channel(self._stage, bot, needed(arguments, "channel"))
        content = check_content(copy.deepcopy(arguments))
        thread_ts = self._thread(arguments)
        message = self._poster.post(channel, self._author(bot), content, thread_ts=thread_ts)
        return {"channel": channel.id, "ts": message.ts, "message": copy.deepcopy(message.body)}

    def _own(self, bot: Bot, arguments: Json, refusal: str) -> Message:
        channel = channel_for(self._stage, bot, needed(arguments, "channel"))
        message = message_in(self._stage, channel, needed(arguments, "ts"))
        if message.body.get("bot_id") != bot.id:
            raise ApiError(refusal)
        return message

    def _update(self, bot: Bot, arguments: Json) -> Json:
        message = self._own(bot, arguments, "cant_update_message")
        content = check_content(copy.deepcopy(arguments))
        self._poster.change(message, content, bot.user_id)
        body = copy.deepcopy(message.body)
        return {
            "channel": message.channel,
            "ts": message.ts,
            "text": body["text"],
            "message": body,
        }

    def _ephemeral(self, bot: Bot, arguments: Json) -> Json:
        channel = joined_channel(self._stage, bot, needed(arguments, "channel"))
        user = needed(arguments, "user")
        if user not in channel.members:
            raise ApiError("user_not_in_channel")
        content = check_content(copy.deepcopy(arguments))
        thread_ts = self._thread(arguments)
        author = self._author(bot)
        message = self._poster.post(channel, author, content, thread_ts=thread_ts, visible_to=user)
        return {"message_ts": message.ts}
