"""What a caller sent: query, form and JSON merged as Slack does, then read and checked."""

import copy
import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.sandbox.slack.blocks import Problem, message_problems, metadata_problems, too_long
from bot.sandbox.slack.posting import Poster
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.transcript import Json
from bot.sandbox.slack.workspace import Bot, Channel, UnknownError

_JSON_IN_FORM = frozenset(
    {"attachments", "blocks", "files", "loading_messages", "metadata", "view"}
)
_TRUE = frozenset({"1", "true", "True", True})


class ApiError(Exception):
    """An answer `{"ok": false, "error": code, …}`."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


async def read_arguments(request: web.Request) -> Json:
    """Return query, form and JSON body as one object; the body wins. Raise `ApiError`."""
    merged: Json = dict(request.query)
    if request.content_type == "application/json":
        merged |= _object(await request.text())
    elif request.method == "POST":
        form = await request.post()
        merged |= {key: value for key, value in form.items() if isinstance(value, str)}
    return {key: _decoded(key, value) for key, value in merged.items()}


def _object(text: str) -> Json:
    try:
        body = json.loads(text if text.strip() else "{}")
    except ValueError as problem:
        raise ApiError("invalid_json") from problem
    if not isinstance(body, dict):
        raise ApiError("json_not_object")
    return body


def _decoded(key: str, value: Any) -> Any:
    if key not in _JSON_IN_FORM or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def text_of(arguments: Json, name: str) -> str:
    """Return the argument as text, empty when absent."""
    value = arguments.get(name)
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Ask:
    """One call of a Web API method: who calls, with what, and the workspace it is about.

    What is not there or not allowed raises `ApiError` with Slack's code.
    """

    stage: Stage
    poster: Poster
    bot: Bot
    arguments: Json

    def text(self, name: str) -> str:
        """Return the argument as text, empty when absent."""
        return text_of(self.arguments, name)

    def needed(self, name: str) -> str:
        """Return an argument that must be there."""
        value = self.text(name)
        if not value:
            details = {"messages": [f"[ERROR] missing required field: {name}"]}
            raise ApiError("invalid_arguments", response_metadata=details)
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean argument, in any of Slack's spellings."""
        value = self.arguments.get(name)
        return isinstance(value, str | bool) and value in _TRUE

    def channel(self, name: str = "channel") -> Channel:
        """Return the channel an argument names, as the bot sees it."""
        workspace, wanted = self.stage.workspace, self.needed(name)
        try:
            if wanted in workspace.users:
                return workspace.direct(wanted, self.bot.user_id)
            channel = workspace.channel(wanted)
        except UnknownError:
            raise ApiError("channel_not_found") from None
        if channel.kind != "public" and self.bot.user_id not in channel.members:
            raise ApiError("channel_not_found")
        return channel

    def own_channel(self, name: str = "channel", *, writing: bool = False) -> Channel:
        """Return a channel the bot is in; a living one for `writing`."""
        channel = self.channel(name)
        if writing and channel.is_archived:
            raise ApiError("is_archived")
        if self.bot.user_id not in channel.members:
            raise ApiError("not_in_channel")
        return channel

    def content(self) -> Json:
        """Return text, blocks, attachments and metadata of a post."""
        return checked_content(copy.deepcopy(self.arguments))


def refuse(problems: list[Problem], code: str = "invalid_blocks") -> None:
    """Raise `ApiError` with Slack's list of messages when there are problems."""
    if problems:
        details = {"messages": [str(each) for each in problems]}
        raise ApiError(code, errors=details["messages"], response_metadata=details)


def checked_content(arguments: Json, *, allow_empty: bool = False) -> Json:
    """Return text, blocks, attachments and metadata of a post; raise `ApiError` if refused."""
    content = {
        key: arguments[key]
        for key in ("text", "blocks", "attachments", "metadata")
        if arguments.get(key) is not None
    }
    if "text" in content:
        content["text"] = str(content["text"])
    if not (allow_empty or any(content.get(key) for key in ("text", "blocks", "attachments"))):
        raise ApiError("no_text")
    if "blocks" in content:
        _check_blocks(content["blocks"])
    if "attachments" in content:
        _check_attachments(content["attachments"])
    if "metadata" in content:
        refuse(metadata_problems(content["metadata"]), "invalid_metadata_format")
    return content


def _check_blocks(blocks: Any) -> None:
    refuse(message_problems(blocks))
    if too_long(blocks):
        raise ApiError("msg_blocks_too_long")


def _check_attachments(attachments: Any) -> None:
    if not isinstance(attachments, list) or not all(isinstance(a, dict) for a in attachments):
        raise ApiError("invalid_attachments")
    for attachment in attachments:
        if attachment.get("blocks") is not None:
            _check_blocks(attachment["blocks"])
