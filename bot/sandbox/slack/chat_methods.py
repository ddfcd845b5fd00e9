"""Web API: `chat.*`."""

import copy
import re

from bot.sandbox.slack.arguments import (
    ApiError,
    check_blocks,
    check_content,
    flag,
    needed,
    text_of,
)
from bot.sandbox.slack.method import Method, Methods, channel_for, joined_channel, message_in
from bot.sandbox.slack.posting import Poster, bot_body
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.transcript import Json, Message
from bot.sandbox.slack.workspace import Bot

_TS = re.compile(r"^\d{9,11}\.\d{6}$")
_RECIPIENT = re.compile(r"^[UW][A-Z0-9]{2,}$")


class ChatMethods:
    """Posting, editing, ephemerals and streams."""

    def __init__(self, stage: Stage, poster: Poster) -> None:
        self._stage = stage
        self._poster = poster

    def table(self) -> Methods:
        """Return the methods by name."""
        write = ("chat:write",)
        return {
            "chat.postMessage": Method(self._post, write),
            "chat.update": Method(self._update, write),
            "chat.delete": Method(self._delete, write),
            "chat.postEphemeral": Method(self._ephemeral, write),
            "chat.getPermalink": Method(self._permalink),
            "chat.startStream": Method(self._start_stream, write),
            "chat.appendStream": Method(self._append_stream, write),
            "chat.stopStream": Method(self._stop_stream, write),
            "blocks.validate": Method(self._validate),
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
        author = self._author(bot)
        if flag(arguments, "reply_broadcast") and text_of(arguments, "thread_ts"):
            author["subtype"] = "thread_broadcast"
        message = self._poster.post(channel, author, content, thread_ts=self._thread(arguments))
        return {"channel": channel.id, "ts": message.ts, "message": copy.deepcopy(message.body)}

    def _own(self, bot: Bot, arguments: Json, refusal: str) -> Message:
        channel = channel_for(self._stage, bot, needed(arguments, "channel"))
        message = message_in(self._stage, channel, needed(arguments, "ts"))
        if message.body.get("bot_id") != bot.id:
            raise ApiError(refusal)
        return message

    def _update(self, bot: Bot, arguments: Json) -> Json:
        message = self._own(bot, arguments, "cant_update_message")
        if message.streaming:
            raise ApiError("streaming_state_conflict")
        content = check_content(copy.deepcopy(arguments))
        self._poster.change(message, content, bot.user_id)
        body = copy.deepcopy(message.body)
        return {
            "channel": message.channel,
            "ts": message.ts,
            "text": body["text"],
            "message": body,
        }

    def _delete(self, bot: Bot, arguments: Json) -> Json:
        message = self._own(bot, arguments, "cant_delete_message")
        self._poster.remove(message)
        return {"channel": message.channel, "ts": message.ts}

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

    def _permalink(self, bot: Bot, arguments: Json) -> Json:
        channel = channel_for(self._stage, bot, needed(arguments, "channel"))
        message = message_in(self._stage, channel, needed(arguments, "message_ts"))
        link = f"{self._stage.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
        if message.in_thread:
            link += f"?thread_ts={message.root}&cid={channel.id}"
        return {"channel": channel.id, "permalink": link}

    def _start_stream(self, bot: Bot, arguments: Json) -> Json:
        channel = joined_channel(self._stage, bot, needed(arguments, "channel"))
        thread_ts = needed(arguments, "thread_ts")
        if channel.kind != "im":
            if not _RECIPIENT.match(text_of(arguments, "recipient_user_id")):
                raise ApiError("missing_recipient_user_id")
            if not text_of(arguments, "recipient_team_id"):
                raise ApiError("missing_recipient_team_id")
        content = {"text": text_of(arguments, "markdown_text")}
        message = self._poster.post(channel, self._author(bot), content, thread_ts=thread_ts)
        message.streaming = True
        self._stage.transcript.touch(message)
        return {"channel": channel.id, "ts": message.ts}

    def _streaming(self, bot: Bot, arguments: Json) -> Message:
        message = self._own(bot, arguments, "message_not_owned_by_app")
        if not message.streaming:
            raise ApiError("message_not_in_streaming_state")
        return message

    def _append_stream(self, bot: Bot, arguments: Json) -> Json:
        message = self._streaming(bot, arguments)
        message.body["text"] += needed(arguments, "markdown_text")
        self._stage.transcript.touch(message)
        return {"channel": message.channel, "ts": message.ts}

    def _stop_stream(self, bot: Bot, arguments: Json) -> Json:
        message = self._streaming(bot, arguments)
        content = check_content(copy.deepcopy(arguments), allow_empty=True)
        message.streaming = False
        tail = text_of(arguments, "markdown_text")
        content["text"] = message.body["text"] + tail
        self._poster.change(message, content, bot.user_id)
        body = copy.deepcopy(message.body)
        return {"channel": message.channel, "ts": message.ts, "message": body}

    def _validate(self, bot: Bot, arguments: Json) -> Json:
        del bot
        check_blocks(arguments.get("blocks"))
        return {}
