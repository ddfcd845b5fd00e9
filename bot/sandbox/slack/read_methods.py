"""Web API: conversations, users, bots and user groups."""

import copy
from typing import Any

from bot.sandbox.slack.arguments import ApiError, flag, needed, text_of
from bot.sandbox.slack.method import Method, Methods, channel_for
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.transcript import Json
from bot.sandbox.slack.workspace import Bot, Channel, UnknownError

_HISTORY = ("channels:history", "groups:history", "im:history")
_READ = ("channels:read", "groups:read", "im:read")
_PAGE = 100
_MOST = 999


class ReadMethods:
    """What a bot may look up."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def table(self) -> Methods:
        """Return the methods by name."""
        return {
            "auth.test": Method(self._auth_test),
            "conversations.replies": Method(self._replies, _HISTORY),
            "conversations.history": Method(self._history, _HISTORY),
            "conversations.info": Method(self._info, _READ),
            "users.conversations": Method(self._joined, _READ),
            "users.info": Method(self._user, ("users:read",)),
            "bots.info": Method(self._bot, ("users:read",)),
            "usergroups.users.list": Method(self._group_users, ("usergroups:read",)),
        }

    def _auth_test(self, bot: Bot, arguments: Json) -> Json:
        del arguments
        team = self._stage.workspace.team
        user = self._stage.workspace.user(bot.user_id)
        return {
            "url": f"{self._stage.base_url}/",
            "team": team.name,
            "user": user.name,
            "team_id": team.id,
            "user_id": user.id,
            "bot_id": bot.id,
            "is_enterprise_install": False,
        }

    def _member_of(self, bot: Bot, arguments: Json) -> Channel:
        channel = channel_for(self._stage, bot, needed(arguments, "channel"))
        if bot.user_id not in channel.members:
            raise ApiError("not_in_channel")
        return channel

    def _replies(self, bot: Bot, arguments: Json) -> Json:
        channel = self._member_of(bot, arguments)
        root = needed(arguments, "ts")
        found = self._stage.transcript.get(channel.id, root)
        thread = self._stage.transcript.thread(channel.id, found.root if found else root)
        if not thread:
            raise ApiError("thread_not_found")
        bodies = [copy.deepcopy(each.body) for each in thread]
        return _paged("messages", _within(bodies, arguments), arguments)

    def _history(self, bot: Bot, arguments: Json) -> Json:
        channel = self._member_of(bot, arguments)
        bodies = [
            copy.deepcopy(each.body)
            for each in reversed(self._stage.transcript.in_channel(channel.id))
            if not each.in_thread
        ]
        return _paged("messages", _within(bodies, arguments), arguments)

    def _info(self, bot: Bot, arguments: Json) -> Json:
        channel = channel_for(self._stage, bot, needed(arguments, "channel"))
        return {"channel": channel.to_json(bot.user_id)}

    def _joined(self, bot: Bot, arguments: Json) -> Json:
        kinds = {
            {"public_channel": "public", "private_channel": "private", "im": "im"}.get(kind, "")
            for kind in (text_of(arguments, "types") or "public_channel").split(",")
        }
        shown = [
            channel.to_json(bot.user_id)
            for channel in self._stage.workspace.channels.values()
            if channel.kind in kinds
            and bot.user_id in channel.members
            and not (channel.is_archived and flag(arguments, "exclude_archived"))
        ]
        return _paged("channels", shown, arguments)

    def _user(self, bot: Bot, arguments: Json) -> Json:
        del bot
        try:
            user = self._stage.workspace.user(needed(arguments, "user")).to_json()
        except UnknownError:
            raise ApiError("user_not_found") from None
        if not flag(arguments, "include_locale"):
            del user["locale"]
        return {"user": user}

    def _bot(self, bot: Bot, arguments: Json) -> Json:
        del bot
        known = self._stage.workspace.bots.get(needed(arguments, "bot"))
        if known is None:
            raise ApiError("bot_not_found")
        return {"bot": known.to_json()}

    def _group_users(self, bot: Bot, arguments: Json) -> Json:
        del bot
        self._paid()
        group = self._stage.workspace.groups.get(needed(arguments, "usergroup"))
        if group is None:
            raise ApiError("no_such_subteam")
        return {"users": list(group.members)}

    def _paid(self) -> None:
        if not self._stage.workspace.paid:
            raise ApiError("plan_upgrade_required")


def _within(bodies: list[Json], arguments: Json) -> list[Json]:
    oldest = float(text_of(arguments, "oldest") or 0)
    latest = float(text_of(arguments, "latest") or "inf")
    inclusive = flag(arguments, "inclusive")
    return [
        body
        for body in bodies
        if oldest < float(body["ts"]) < latest
        or (inclusive and float(body["ts"]) in {oldest, latest})
    ]


def _paged(name: str, rows: list[Any], arguments: Json) -> Json:
    try:
        limit = min(int(text_of(arguments, "limit") or _PAGE), _MOST)
        start = int(text_of(arguments, "cursor").removeprefix("next:") or 0)
    except ValueError:
        raise ApiError("invalid_cursor") from None
    if limit < 1:
        raise ApiError("invalid_limit")
    end = start + limit
    more = end < len(rows)
    cursor = f"next:{end}" if more else ""
    return {
        name: rows[start:end],
        "has_more": more,
        "response_metadata": {"next_cursor": cursor},
    }
