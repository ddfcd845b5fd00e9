"""The Web API's methods: posts, files, lookups, views and the assistant's status line."""

import copy
import hashlib
import json
import mimetypes
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.sandbox.slack.arguments import ApiError, Ask, checked_content, refuse
from bot.sandbox.slack.blocks import view_problems
from bot.sandbox.slack.posting import bot_body
from bot.sandbox.slack.stage import Upload
from bot.sandbox.slack.transcript import Json, Message
from bot.sandbox.slack.workspace import UnknownError

MAX_FILE_BYTES = 20 * 1024 * 1024
TRIGGER_LIFE = timedelta(seconds=3)
Answer = Callable[[Ask], Json]
_HISTORY = ("channels:history", "groups:history", "im:history")
_READ = ("channels:read", "groups:read", "im:read")
_TS = re.compile(r"^\d{9,11}\.\d{6}$")
_PAGE = 100
_MOST = 999
_LOADING_MESSAGES = 10


@dataclass(frozen=True, slots=True)
class Method:
    """What answers, who may ask and how often. Any one of `scopes` is enough.

    `tier` is that of docs.slack.dev/apis/web-api/rate-limits; 0 has no limit here.
    """

    answer: Answer
    scopes: tuple[str, ...]
    tier: int


METHODS: dict[str, Method] = {}
OPEN_SOCKET = "apps.connections.open"  # the one method of the app's own token


def _method(name: str, *scopes: str, tier: int = 0) -> Callable[[Answer], Answer]:
    def register(answer: Answer) -> Answer:
        METHODS[name] = Method(answer, scopes, tier)
        return answer

    return register


@_method(OPEN_SOCKET, tier=3)
def _open_socket(ask: Ask) -> Json:
    base = ask.stage.base_url.replace("http://", "ws://", 1)
    ticket = ask.stage.sockets.ticket()
    return {"url": f"{base}/link/?ticket={ticket}&app_id={ask.bot.app_id}"}


# ---- posts


def _write(
    ask: Ask, content: Json | None = None, channel: str = "channel", reader: str = ""
) -> Message:
    place = ask.own_channel(channel, writing=True)
    if reader and reader not in place.members:
        raise ApiError("user_not_in_channel")
    thread_ts = ask.text("thread_ts")
    if thread_ts and not _TS.match(thread_ts):
        raise ApiError("invalid_thread_ts")
    author = bot_body(ask.bot, ask.stage.workspace.team.id)
    content = ask.content() if content is None else content
    return ask.poster.post(place, author, content, thread_ts=thread_ts, visible_to=reader)


@_method("chat.postMessage", "chat:write")
def _post(ask: Ask) -> Json:
    message = _write(ask)
    return {"channel": message.channel, "ts": message.ts, "message": copy.deepcopy(message.body)}


@_method("chat.postEphemeral", "chat:write", tier=4)
def _ephemeral(ask: Ask) -> Json:
    return {"message_ts": _write(ask, reader=ask.needed("user")).ts}


@_method("chat.update", "chat:write", tier=3)
def _update(ask: Ask) -> Json:
    message = ask.stage.transcript.get(ask.channel().id, ask.needed("ts"))
    if message is None or message.deleted or message.visible_to:
        raise ApiError("message_not_found")
    if message.body.get("bot_id") != ask.bot.id:
        raise ApiError("cant_update_message")
    ask.poster.change(message, ask.content(), ask.bot.user_id)
    body = copy.deepcopy(message.body)
    return {"channel": message.channel, "ts": message.ts, "text": body["text"], "message": body}


# ---- files


@_method("files.getUploadURLExternal", "files:write")
def _upload_address(ask: Ask) -> Json:
    name, length = ask.needed("filename"), ask.needed("length")
    if not length.isdigit() or not 0 < int(length) <= MAX_FILE_BYTES:
        raise ApiError("invalid_arguments")
    file_id = ask.stage.ids.new("F")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    ask.stage.uploads[file_id] = Upload(name, int(length), kind, ask.text("alt_txt"))
    return {"upload_url": f"{ask.stage.base_url}/upload/{file_id}", "file_id": file_id}


@_method("files.completeUploadExternal", "files:write")
def _complete_upload(ask: Ask) -> Json:
    listed: Any = ask.arguments.get("files")
    if not isinstance(listed, list) or not listed:
        raise ApiError("invalid_arguments")
    files = [_file(ask, each) for each in listed]
    ask.stage.transcript.files |= {each["id"]: each for each in files}
    if ask.text("channel_id"):
        words = {"text": ask.text("initial_comment"), "blocks": ask.arguments.get("blocks")}
        content = {**checked_content(words, allow_empty=True), "files": files}
        _write(ask, content, "channel_id")
    return {"files": files}


def _file(ask: Ask, entry: Any) -> Json:
    file_id = str(entry.get("id")) if isinstance(entry, dict) else ""
    upload = ask.stage.uploads.get(file_id)
    if upload is None or upload.content is None:
        raise ApiError("file_not_found")
    url = f"{ask.stage.base_url}/files/{file_id}/{upload.name}"
    return {
        "id": file_id,
        "name": upload.name,
        "title": entry.get("title") or upload.name,
        "mimetype": upload.content_type,
        "size": upload.length,
        "user": ask.bot.user_id,
        "url_private": url,
        "alt_txt": upload.alt,
    }


# ---- lookups


@_method("auth.test")
def _auth_test(ask: Ask) -> Json:
    team, user = ask.stage.workspace.team, ask.stage.workspace.user(ask.bot.user_id)
    return {
        "url": f"{ask.stage.base_url}/",
        "team": team.name,
        "user": user.name,
        "team_id": team.id,
        "user_id": user.id,
        "bot_id": ask.bot.id,
        "is_enterprise_install": False,
    }


@_method("conversations.replies", *_HISTORY, tier=3)
def _replies(ask: Ask) -> Json:
    channel, root = ask.own_channel(), ask.needed("ts")
    found = ask.stage.transcript.get(channel.id, root)
    thread = ask.stage.transcript.thread(channel.id, found.root if found else root)
    if not thread:
        raise ApiError("thread_not_found")
    return _messages(ask, thread)


@_method("conversations.history", *_HISTORY, tier=3)
def _history(ask: Ask) -> Json:
    posts = reversed(ask.stage.transcript.in_channel(ask.own_channel().id))
    return _messages(ask, [each for each in posts if not each.in_thread])


def _messages(ask: Ask, found: list[Message]) -> Json:
    oldest, latest = float(ask.text("oldest") or 0), float(ask.text("latest") or "inf")
    ends = {oldest, latest} if ask.flag("inclusive") else set()
    times = ((each, float(each.ts)) for each in found)
    within = [each.body for each, at in times if oldest < at < latest or at in ends]
    return _paged(ask, "messages", copy.deepcopy(within))


@_method("conversations.info", *_READ, tier=3)
def _channel(ask: Ask) -> Json:
    return {"channel": ask.channel().to_json(ask.bot.user_id)}


@_method("users.conversations", *_READ)
def _joined(ask: Ask) -> Json:
    names = {"public_channel": "public", "private_channel": "private", "im": "im"}
    asked = (ask.text("types") or "public_channel").split(",")
    shown = [
        channel.to_json(ask.bot.user_id)
        for channel in ask.stage.workspace.channels.values()
        if channel.kind in {names.get(each) for each in asked}
        and ask.bot.user_id in channel.members
        and not (channel.is_archived and ask.flag("exclude_archived"))
    ]
    return _paged(ask, "channels", shown)


@_method("users.info", "users:read", tier=4)
def _user(ask: Ask) -> Json:
    try:
        user = ask.stage.workspace.user(ask.needed("user")).to_json()
    except UnknownError:
        raise ApiError("user_not_found") from None
    if not ask.flag("include_locale"):
        del user["locale"]
    return {"user": user}


@_method("bots.info", "users:read", tier=3)
def _bot(ask: Ask) -> Json:
    known = ask.stage.workspace.bots.get(ask.needed("bot"))
    if known is None:
        raise ApiError("bot_not_found")
    return {"bot": known.to_json()}


@_method("usergroups.users.list", "usergroups:read", tier=2)
def _group_users(ask: Ask) -> Json:
    if not ask.stage.workspace.paid:
        raise ApiError("plan_upgrade_required")
    group = ask.stage.workspace.groups.get(ask.needed("usergroup"))
    if group is None:
        raise ApiError("no_such_subteam")
    return {"users": list(group.members)}


def _paged(ask: Ask, name: str, rows: list[Any]) -> Json:
    try:
        limit = min(int(ask.text("limit") or _PAGE), _MOST)
        start = int(ask.text("cursor").removeprefix("next:") or 0)
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


# ---- views and status


@_method("views.open", tier=4)
def _open_view(ask: Ask) -> Json:
    trigger = ask.stage.triggers.get(ask.needed("trigger_id"))
    if trigger is None:
        raise ApiError("invalid_trigger_id")
    if ask.stage.clock() - trigger.at > TRIGGER_LIFE:
        raise ApiError("expired_trigger_id")
    if trigger.used:
        raise ApiError("exchanged_trigger_id")
    view = _view(ask, "modal", "")
    trigger.used = True
    return _show(ask, view, trigger.user)


@_method("views.update", tier=4)
def _update_view(ask: Ask) -> Json:
    known = ask.stage.transcript.views.get(ask.needed("view_id"))
    if known is None or not known["open"]:
        raise ApiError("not_found")
    _check_hash(ask, known["view"])
    return _show(ask, _view(ask, "modal", known["view"]["id"]), known["user"])


@_method("views.publish", tier=4)
def _publish(ask: Ask) -> Json:
    user = ask.needed("user_id")
    if user not in ask.stage.workspace.users:
        raise ApiError("user_not_found")
    known = ask.stage.transcript.homes.get(user)
    if known:
        _check_hash(ask, known)
    view = _view(ask, "home", known["id"] if known else "")
    ask.stage.transcript.homes[user] = view
    ask.stage.transcript.tell({"kind": "home", "user": user, "view": copy.deepcopy(view)})
    return {"view": copy.deepcopy(view)}


def _check_hash(ask: Ask, view: Json) -> None:
    if ask.text("hash") not in {"", view["hash"]}:
        raise ApiError("hash_conflict")


def _view(ask: Ask, kind: str, view_id: str) -> Json:
    refuse(view_problems(ask.arguments.get("view"), kind), "invalid_arguments")
    view: Json = copy.deepcopy(ask.arguments["view"])
    view_id = view_id or ask.stage.ids.new("V")
    for block in view["blocks"]:
        block.setdefault("block_id", ask.stage.ids.new("", 5))
    digest = hashlib.sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()[:8]
    return {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        **view,
        "id": view_id,
        "team_id": ask.stage.workspace.team.id,
        "app_id": ask.bot.app_id,
        "bot_id": ask.bot.id,
        "state": {"values": {}},
        "hash": f"{ask.stage.ids.ts()}.{digest}",
    }


def _show(ask: Ask, view: Json, user: str) -> Json:
    shown = {"user": user, "open": True, "view": view}
    ask.stage.transcript.views[view["id"]] = shown
    ask.stage.transcript.tell({"kind": "view", "id": view["id"], **copy.deepcopy(shown)})
    return {"view": copy.deepcopy(view)}


@_method("assistant.threads.setStatus", "chat:write", "assistant:write")
def _set_status(ask: Ask) -> Json:
    channel, thread_ts = ask.own_channel("channel_id"), ask.needed("thread_ts")
    loading = ask.arguments.get("loading_messages") or []
    if not isinstance(loading, list) or len(loading) > _LOADING_MESSAGES:
        raise ApiError("invalid_arguments")
    text, place = ask.text("status"), {"channel": channel.id, "thread_ts": thread_ts}
    at = ask.stage.clock().isoformat()
    status = {**place, "status": text, "loading_messages": loading, "at": at}
    ask.stage.transcript.statuses.pop((channel.id, thread_ts), None)
    if text:
        ask.stage.transcript.statuses[channel.id, thread_ts] = status
    ask.stage.transcript.tell({"kind": "status", "status": status})
    return {}
