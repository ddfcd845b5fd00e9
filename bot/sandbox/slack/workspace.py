"""Who and what exists in the workspace: people, bots, channels, user groups. Data only."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

ChannelKind = Literal["public", "private", "im"]

BOT_SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:join",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "usergroups:read",
        "users:read",
    }
)
_UNTOLD = frozenset({"title", "aliases"})


class UnknownError(LookupError):
    """A user, channel, bot, message or view that does not exist in this workspace."""


@dataclass(frozen=True, slots=True)
class Team:
    """A workspace's name card."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class User:
    """A member (or stranger) as `users.info` tells it."""

    id: str
    name: str
    real_name: str
    team_id: str
    title: str = ""
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    tz: str = "Asia/Seoul"
    locale: str = "ko-KR"
    aliases: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the `user` object of `users.info`."""
        names = {"real_name": self.real_name, "display_name": self.real_name, "title": self.title}
        known = {name: each for name, each in asdict(self).items() if name not in _UNTOLD}
        return {**known, "tz_offset": 32400, "profile": {**names, "team": self.team_id}}


@dataclass(frozen=True, slots=True)
class Bot:
    """An app's bot or a webhook. A webhook has no user and no token."""

    id: str
    app_id: str
    name: str
    user_id: str = ""
    token: str = ""
    scopes: frozenset[str] = BOT_SCOPES
    icon: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the `bot` object of `bots.info`, also used as `bot_profile`."""
        return {
            "id": self.id,
            "app_id": self.app_id,
            "name": self.name,
            "deleted": False,
            **({"user_id": self.user_id} if self.user_id else {}),
            "icons": {"emoji": self.icon} if self.icon else {},
        }


@dataclass(frozen=True, slots=True)
class AppShortcut:
    """A shortcut of the app, as its manifest lists it: used on a message, or anywhere."""

    id: str
    kind: Literal["message", "global"]
    ko: str
    en: str


@dataclass(slots=True)
class Channel:
    """A conversation; `members` changes when somebody joins."""

    id: str
    name: str
    kind: ChannelKind = "public"
    members: set[str] = field(default_factory=set)
    is_archived: bool = False
    is_ext_shared: bool = False
    topic: str = ""

    @property
    def event_kind(self) -> str:
        """The `channel_type` of message events."""
        return {"public": "channel", "private": "group", "im": "im"}[self.kind]

    def to_json(self, viewer: str) -> dict[str, Any]:
        """Return the `channel` object as the user id `viewer` sees it."""
        direct = self.kind == "im"
        other = next((member for member in sorted(self.members) if member != viewer), "")
        return {
            "id": self.id,
            **({"user": other} if direct else {"name": self.name}),
            "is_im": direct,
            "is_private": self.kind != "public",
            "is_archived": self.is_archived,
            "is_member": viewer in self.members,
            "is_ext_shared": self.is_ext_shared,
            "topic": {"value": self.topic},
        }


@dataclass(slots=True)
class UserGroup:
    """A user group (`@oncall`); `members` may be edited by a test."""

    id: str
    handle: str
    name: str
    members: list[str] = field(default_factory=list)


class Workspace:
    """Everything of one workspace, looked up by id. `bot` is the app under test."""

    def __init__(
        self,
        team: Team,
        bot: Bot,
        app_token: str,
        *,
        users: Iterable[User],
        channels: Iterable[Channel],
        other_bots: Iterable[Bot] = (),
        groups: Iterable[UserGroup] = (),
        shortcuts: Iterable[AppShortcut] = (),
    ) -> None:
        self.team = team
        self.bot = bot
        self.app_token = app_token
        self.users = {user.id: user for user in users}
        self.channels = {channel.id: channel for channel in channels}
        self.bots = {each.id: each for each in (bot, *other_bots)}
        self.groups = {group.id: group for group in groups}
        self.paid = True  # only such a plan has user groups
        self.shortcuts = {each.id: each for each in shortcuts}

    def user(self, user_id: str) -> User:
        """Return the user; raise `UnknownError`."""
        if user_id not in self.users:
            raise UnknownError(f"no user {user_id}")
        return self.users[user_id]

    def channel(self, name: str) -> Channel:
        """Return the channel by id, `#name` or `name`; raise `UnknownError`."""
        if name in self.channels:
            return self.channels[name]
        wanted = name.removeprefix("#")
        for channel in self.channels.values():
            if channel.name == wanted and channel.kind != "im":
                return channel
        raise UnknownError(f"no channel {name}")

    def bot_of_token(self, token: str) -> Bot | None:
        """Return the bot that owns the xoxb token, if any."""
        return next((bot for bot in self.bots.values() if token and bot.token == token), None)

    def direct(self, user_id: str, other_id: str) -> Channel:
        """Return the direct conversation of two members, opened when there is none."""
        members = {self.user(user_id).id, self.user(other_id).id}
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == members:
                return channel
        opened = Channel(f"D0{len(self.channels):07d}", "", "im", members)
        self.channels[opened.id] = opened
        return opened
