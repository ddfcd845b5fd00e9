"""Web API: views and the assistant's status line."""

import copy
import hashlib
import json
from datetime import timedelta
from typing import Any

from bot.sandbox.slack.arguments import ApiError, needed, refuse, text_of
from bot.sandbox.slack.blocks import view_problems
from bot.sandbox.slack.method import Method, Methods, channel_for
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.transcript import Json
from bot.sandbox.slack.workspace import Bot

TRIGGER_LIFE = timedelta(seconds=3)
_LOADING_MESSAGES = 10


class SurfaceMethods:
    """Modals, the home tab and status."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def table(self) -> Methods:
        """Return the methods by name."""
        return {
            "views.open": Method(self._open),
            "views.update": Method(self._update),
            "views.publish": Method(self._publish),
            "assistant.threads.setStatus": Method(self._status, ("chat:write", "assistant:write")),
        }

    def _open(self, bot: Bot, arguments: Json) -> Json:
        trigger = self._stage.triggers.get(needed(arguments, "trigger_id"))
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if self._stage.clock() - trigger.at > TRIGGER_LIFE:
            raise ApiError("expired_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        view = self._checked(arguments, "modal")
        trigger.used = True
        view = self._completed(bot, view, self._stage.ids.new("V"))
        self._show(view, trigger.user)
        return {"view": copy.deepcopy(view)}

    def _checked(self, arguments: Json, kind: str) -> Json:
        view: Any = arguments.get("view")
        refuse(view_problems(view, kind), "invalid_arguments")
        return copy.deepcopy(dict(view))

    def _completed(self, bot: Bot, view: Json, view_id: str) -> Json:
        defaults = {"private_metadata": "", "callback_id": "", "external_id": ""}
        for block in view["blocks"]:
            block.setdefault("block_id", self._stage.ids.new("", 5))
        digest = hashlib.sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()[:8]
        return {
            **defaults,
            **view,
            "id": view_id,
            "team_id": self._stage.workspace.team.id,
            "app_id": bot.app_id,
            "bot_id": bot.id,
            "root_view_id": view_id,
            "previous_view_id": None,
            "state": {"values": {}},
            "hash": f"{self._stage.ids.ts()}.{digest}",
        }

    def _show(self, view: Json, user: str) -> None:
        self._stage.transcript.views[view["id"]] = {"user": user, "open": True, "view": view}
        shown = {"id": view["id"], **self._stage.transcript.views[view["id"]]}
        self._stage.transcript.tell({"kind": "view", **copy.deepcopy(shown)})

    def _update(self, bot: Bot, arguments: Json) -> Json:
        known = self._stage.transcript.views.get(needed(arguments, "view_id"))
        if known is None or not known["open"]:
            raise ApiError("not_found")
        if text_of(arguments, "hash") not in {"", known["view"]["hash"]}:
            raise ApiError("hash_conflict")
        view = self._completed(bot, self._checked(arguments, "modal"), known["view"]["id"])
        self._show(view, known["user"])
        return {"view": copy.deepcopy(view)}

    def _publish(self, bot: Bot, arguments: Json) -> Json:
        user = needed(arguments, "user_id")
        if user not in self._stage.workspace.users:
            raise ApiError("user_not_found")
        known = self._stage.transcript.homes.get(user)
        given = text_of(arguments, "hash")
        if given and known and given != known["hash"]:
            raise ApiError("hash_conflict")
        view_id = known["id"] if known else self._stage.ids.new("V")
        view = self._completed(bot, self._checked(arguments, "home"), view_id)
        self._stage.transcript.homes[user] = view
        self._stage.transcript.tell({"kind": "home", "user": user, "view": copy.deepcopy(view)})
        return {"view": copy.deepcopy(view)}

    def _status(self, bot: Bot, arguments: Json) -> Json:
        channel = channel_for(self._stage, bot, needed(arguments, "channel_id"))
        if bot.user_id not in channel.members:
            raise ApiError("not_in_channel")
        thread_ts = needed(arguments, "thread_ts")
        loading = arguments.get("loading_messages") or []
        if not isinstance(loading, list) or len(loading) > _LOADING_MESSAGES:
            raise ApiError("invalid_arguments")
        text = text_of(arguments, "status")
        status = {
            "channel": channel.id,
            "thread_ts": thread_ts,
            "status": text,
            "loading_messages": loading,
            "at": self._stage.clock().isoformat(),
        }
        key = (channel.id, thread_ts)
        if text:
            self._stage.transcript.statuses[key] = status
        else:
            self._stage.transcript.statuses.pop(key, None)
        self._stage.transcript.tell({"kind": "status", "status": status})
        return {}
