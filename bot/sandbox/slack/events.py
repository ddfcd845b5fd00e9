"""The events the app subscribed to, in Slack's shapes, handed to the sockets."""

import copy
import re
from typing import Any

from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.transcript import Envelope, Json, Message
from bot.sandbox.slack.workspace import Channel

_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)  # nobody is called in code
_NOT_IN_EVENTS = frozenset({"reply_count", "reply_users", "reply_users_count", "latest_reply"})


class Announcer:
    """Tells the app what happened where its bot is a member."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def posted(self, message: Message) -> list[Envelope]:
        """Announce a new message, and a mention of the bot under a second event id."""
        channel = self._stage.workspace.channel(message.channel)
        if message.visible_to:
            return []
        event = {
            **_visible(message.body),
            "type": "message",
            "channel": channel.id,
            "event_ts": message.ts,
            "channel_type": channel.event_kind,
        }
        sent = [self._send(event, channel)]
        if self._mentions_bot(message, channel):
            mention = {key: value for key, value in event.items() if key != "channel_type"}
            sent.append(self._send({**mention, "type": "app_mention"}, channel))
        return [each for each in sent if each]

    def _mentions_bot(self, message: Message, channel: Channel) -> bool:
        bot = self._stage.workspace.bot
        if channel.kind == "im" or message.body.get("bot_id") == bot.id:
            return False
        return f"<@{bot.user_id}" in _CODE.sub("", str(message.body.get("text") or ""))

    def changed(self, message: Message, previous: Json) -> Envelope | None:
        """Announce `message_changed`."""
        return self._hidden(
            message,
            {
                "subtype": "message_changed",
                "message": _visible(message.body),
                "previous_message": _visible(previous),
            },
        )

    def deleted(self, message: Message) -> Envelope | None:
        """Announce `message_deleted`."""
        return self._hidden(
            message,
            {
                "subtype": "message_deleted",
                "deleted_ts": message.ts,
                "previous_message": _visible(message.body),
            },
        )

    def _hidden(self, message: Message, details: Json) -> Envelope | None:
        channel = self._stage.workspace.channel(message.channel)
        if message.visible_to:
            return None
        ts = self._stage.ids.ts()
        base = {"type": "message", "hidden": True, "channel": channel.id, "ts": ts, "event_ts": ts}
        return self._send({**base, "channel_type": channel.event_kind, **details}, channel)

    def home_opened(self, user: str, channel: Channel, tab: str) -> Envelope | None:
        """Announce `app_home_opened` (tab `home` or `messages`)."""
        view = self._stage.transcript.homes.get(user)
        event = {
            "type": "app_home_opened",
            "user": user,
            "channel": channel.id,
            "tab": tab,
            "event_ts": self._stage.ids.ts(),
            **({"view": view} if view and tab == "home" else {}),
        }
        return self._send(event, channel)

    def _send(self, event: Json, channel: Channel | None) -> Envelope | None:
        workspace = self._stage.workspace
        if channel and workspace.bot.user_id not in channel.members:
            return None
        return self._stage.sockets.deliver("events_api", self._outer(event, channel))

    def _outer(self, event: Json, channel: Channel | None) -> Json:
        workspace = self._stage.workspace
        authorization: dict[str, Any] = {
            "enterprise_id": None,
            "team_id": workspace.team.id,
            "user_id": workspace.bot.user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": "sandbox-verification-token",
            "team_id": workspace.team.id,
            "context_team_id": workspace.team.id,
            "context_enterprise_id": None,
            "api_app_id": workspace.bot.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": self._stage.ids.new("Ev"),
            "event_time": int(self._stage.clock().timestamp()),
            "authorizations": [authorization],
            "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
            "event_context": self._stage.ids.new("4-", 40),
        }


def _visible(body: Json) -> Json:
    return copy.deepcopy({key: value for key, value in body.items() if key not in _NOT_IN_EVENTS})
