"""What a Web API method is: who may call it and what answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.sandbox.slack.arguments import ApiError
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.transcript import Json, Message
from bot.sandbox.slack.workspace import Bot, Channel, UnknownError

TokenKind = Literal["bot", "app"]
Answer = Callable[[Bot, Json], Json]


@dataclass(frozen=True, slots=True)
class Method:
    """`answer` gets the calling bot and the merged arguments. Any one of `scopes` is enough."""

    answer: Answer
    scopes: tuple[str, ...] = ()
    token: TokenKind = "bot"  # noqa: S105  # a kind, not a secret


Methods = dict[str, Method]


def channel_for(stage: Stage, bot: Bot, name: str) -> Channel:
    """Return the channel as the bot sees it; raise `ApiError` channel_not_found."""
    try:
        if name in stage.workspace.users:
            return stage.workspace.direct(name, bot.user_id)
        channel = stage.workspace.channel(name)
    except UnknownError:
        raise ApiError("channel_not_found") from None
    if channel.kind != "public" and bot.user_id not in channel.members:
        raise ApiError("channel_not_found")
    return channel


def joined_channel(stage: Stage, bot: Bot, name: str) -> Channel:
    """Return a living channel the bot is in; raise `ApiError`."""
    channel = channel_for(stage, bot, name)
    if channel.is_archived:
        raise ApiError("is_archived")
    if bot.user_id not in channel.members:
        raise ApiError("not_in_channel")
    return channel


def message_in(stage: Stage, channel: Channel, ts: str) -> Message:
    """Return a living message that everybody sees; raise `ApiError` message_not_found."""
    message = stage.transcript.get(channel.id, ts)
    if message is None or message.deleted or message.visible_to:
        raise ApiError("message_not_found")
    return message
