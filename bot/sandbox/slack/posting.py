"""Writing, changing and removing messages, and the events that tell the app of it.

One way for people, bots, webhooks and the Web API.
"""

import copy
import re
from typing import Any

from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.transcript import Json, Message
from bot.sandbox.slack.workspace import Bot, Channel

MAX_TEXT = 40_000  # Slack cuts longer text (chat.postMessage)
CARRIED = ("blocks", "attachments", "metadata", "files")
_ACTING = frozenset({"button", "checkboxes"})
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)  # nobody is called in code
_NOT_IN_EVENTS = frozenset({"reply_count", "reply_users", "reply_users_count", "latest_reply"})


def bot_body(bot: Bot, team: str) -> Json:
    """Return the author's part of a post made with a bot token."""
    return {
        "type": "message",
        "user": bot.user_id,
        "bot_id": bot.id,
        "app_id": bot.app_id,
        "team": team,
        "bot_profile": {**bot.to_json(), "team_id": team},
    }


def webhook_body(bot: Bot, payload: Json) -> Json:
    """Return the author's part of an incoming webhook's post: no user, subtype bot_message."""
    icon = payload.get("icon_emoji") or bot.icon
    return {
        "type": "message",
        "subtype": "bot_message",
        "bot_id": bot.id,
        "username": payload.get("username") or bot.name,
        **({"icons": {"emoji": icon}} if icon else {}),
    }


class Poster:
    """Keeps the transcript, threads and events consistent."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def post(
        self,
        channel: Channel,
        author: Json,
        content: Json,
        *,
        thread_ts: str = "",
        visible_to: str = "",
    ) -> Message:
        """Write a message and announce it. A reply to a reply lands in the reply's thread."""
        body = {**author, "text": str(content.get("text") or "")[:MAX_TEXT]}
        body["ts"] = self._stage.ids.ts()
        body |= {key: content[key] for key in CARRIED if content.get(key)}
        self._name_blocks(body.get("blocks"))
        _number_attachments(body.get("attachments"))
        parent = self._parent(channel.id, thread_ts)
        if thread_ts:
            body["thread_ts"] = parent.root if parent else thread_ts
        if parent and "user" in parent.body:
            body["parent_user_id"] = parent.body["user"]
        message = Message(channel.id, body, visible_to)
        self._stage.transcript.add(message)
        if not visible_to:
            self._count_reply(message)
            self._clear_status(message)
            self.announce(message)
        return message

    def _parent(self, channel: str, thread_ts: str) -> Message | None:
        found = self._stage.transcript.get(channel, thread_ts) if thread_ts else None
        if found and found.in_thread:
            return self._stage.transcript.get(channel, found.root)
        return found

    def _name_blocks(self, blocks: list[Json] | None) -> None:
        for block in blocks or []:
            block.setdefault("block_id", self._stage.ids.new("", 5))
            for element in block.get("elements") or []:
                if isinstance(element, dict) and element.get("type") in _ACTING:
                    element.setdefault("action_id", self._stage.ids.new("", 5))

    def _count_reply(self, message: Message) -> None:
        parent = self._stage.transcript.get(message.channel, message.root)
        if parent is None or parent is message:
            return
        replies = self._stage.transcript.thread(message.channel, message.root)[1:]
        authors = (each.body.get("user") or each.body.get("bot_id") or "" for each in replies)
        users = list(dict.fromkeys(authors))
        parent.body |= {
            "thread_ts": parent.ts,
            "reply_count": len(replies),
            "reply_users": users,
            "reply_users_count": len(users),
            "latest_reply": message.ts,
        }
        self._stage.transcript.touch(parent)

    def _clear_status(self, message: Message) -> None:
        if message.body.get("bot_id") != self._stage.workspace.bot.id:
            return
        if self._stage.transcript.statuses.pop((message.channel, message.root), None):
            gone = {"channel": message.channel, "thread_ts": message.root, "status": ""}
            self._stage.transcript.tell({"kind": "status", "status": gone})

    def change(self, message: Message, content: Json, editor: str, *, unfurl: bool = False) -> None:
        """Replace what `content` names and announce it. An unfurl leaves no `edited` mark."""
        previous = copy.deepcopy(message.body)
        message.history.append(previous)
        for key in ("text", *CARRIED):
            if key in content:
                message.body[key] = copy.deepcopy(content[key])
        self._name_blocks(message.body.get("blocks"))
        _number_attachments(message.body.get("attachments"))
        if not unfurl:
            message.body["edited"] = {"user": editor, "ts": self._stage.ids.ts()}
        message.warnings.clear()
        self._stage.transcript.touch(message)
        self.announce_change(message, previous)

    def remove(self, message: Message) -> None:
        """Delete a message and announce it."""
        message.deleted = True
        self._stage.transcript.touch(message)
        details = {"deleted_ts": message.ts, "previous_message": _visible(message.body)}
        self._hidden(message, "message_deleted", details)

    def announce(self, message: Message) -> None:
        """Tell the app of a new message, and of a mention of its bot under a second event id."""
        channel = self._stage.workspace.channel(message.channel)
        if message.visible_to:
            return
        place = {"channel": channel.id, "event_ts": message.ts}
        event = {**_visible(message.body), **place}
        self._send({**event, "type": "message", "channel_type": channel.event_kind}, channel)
        if self._mentions_bot(message, channel):
            self._send({**event, "type": "app_mention"}, channel)

    def _mentions_bot(self, message: Message, channel: Channel) -> bool:
        bot = self._stage.workspace.bot
        if channel.kind == "im" or message.body.get("bot_id") == bot.id:
            return False
        return f"<@{bot.user_id}" in _CODE.sub("", str(message.body.get("text") or ""))

    def announce_change(self, message: Message, previous: Json) -> None:
        """Tell the app that a message is no longer what it was."""
        details = {"message": _visible(message.body), "previous_message": _visible(previous)}
        self._hidden(message, "message_changed", details)

    def _hidden(self, message: Message, subtype: str, details: Json) -> None:
        if message.visible_to:
            return
        channel = self._stage.workspace.channel(message.channel)
        ts = self._stage.ids.ts()
        event = {"type": "message", "subtype": subtype, "hidden": True, "ts": ts, "event_ts": ts}
        place = {"channel": channel.id, "channel_type": channel.event_kind}
        self._send({**event, **place, **details}, channel)

    def open_home(self, user: str, tab: str) -> None:
        """Tell the app that a person opened its tab `home` or `messages`."""
        workspace = self._stage.workspace
        channel = workspace.direct(user, workspace.bot.user_id)
        view = self._stage.transcript.homes.get(user) if tab == "home" else None
        event = {
            "type": "app_home_opened",
            "user": user,
            "channel": channel.id,
            "tab": tab,
            "event_ts": self._stage.ids.ts(),
        }
        self._send({**event, "view": view} if view else event, channel)

    def _send(self, event: Json, channel: Channel) -> None:
        """Hand an event to the app's sockets where its bot is a member."""
        team, bot = self._stage.workspace.team, self._stage.workspace.bot
        if bot.user_id not in channel.members:
            return
        seat = {"enterprise_id": None, "team_id": team.id, "user_id": bot.user_id}
        payload = {
            "token": "sandbox-verification-token",
            "team_id": team.id,
            "api_app_id": bot.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": self._stage.ids.new("Ev"),
            "event_time": int(self._stage.clock().timestamp()),
            "authorizations": [{**seat, "is_bot": True, "is_enterprise_install": False}],
            "is_ext_shared_channel": channel.is_ext_shared,
        }
        self._stage.sockets.deliver("events_api", payload)


def _visible(body: Json) -> Json:
    return copy.deepcopy({key: value for key, value in body.items() if key not in _NOT_IN_EVENTS})


def _number_attachments(attachments: Any) -> None:
    for number, attachment in enumerate(attachments or [], start=1):
        attachment.setdefault("id", number)
        attachment.setdefault("fallback", "[no preview available]")
