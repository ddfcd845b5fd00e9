"""The People port over Slack; an error is never a yes."""

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.language import Language
from bot.domain.proposals import Person
from bot.errors import BackendError, FaultKind
from bot.handlers.delivery import SlackCallError, UnsureError, asked
from bot.handlers.message_text import Json, record
from bot.ports import People


@dataclass(frozen=True, slots=True)
class SlackPeople:
    """Reads users and groups anew each time; the approval desk remembers for a minute."""

    client: AsyncWebClient
    team: str

    async def person(self, user: str) -> Person:
        """Return a user. Raises BackendError when Slack gives no answer."""
        answer = await _read(self.client.users_info, {"user": user, "include_locale": True})
        found = answer.get("user")
        if not isinstance(found, dict) or found.get("id") != user:
            raise BackendError("slack", FaultKind.BAD_ANSWER, "users.info")
        profile = record(found.get("profile"))
        name = profile.get("display_name") or found.get("real_name") or found.get("name")
        return Person(
            id=user,
            team=str(found.get("team_id") or profile.get("team") or ""),
            name=str(name or ""),
            deleted=bool(found.get("deleted")),
            bot=bool(found.get("is_bot")),
            guest=bool(found.get("is_restricted") or found.get("is_ultra_restricted")),
            stranger=bool(found.get("is_stranger")),
            locale=str(found.get("locale") or ""),
        )

    async def group_members(self, group: str) -> frozenset[str]:
        """Return a user group's members. Raises BackendError when Slack gives no answer."""
        answer = await _read(
            self.client.usergroups_users_list, {"usergroup": group, "team_id": self.team}
        )
        listed = answer.get("users")
        if not isinstance(listed, list):
            raise BackendError("slack", FaultKind.BAD_ANSWER, "usergroups.users.list")
        return frozenset(str(user) for user in listed)


async def _read(method: Callable[..., object], arguments: Json) -> Json:
    try:
        return await asked(method, arguments)  # type: ignore[arg-type]  # slack_sdk's methods are untyped unions
    except SlackCallError as error:
        lost = isinstance(error, UnsureError)
        kind = FaultKind.UNREACHABLE if lost else FaultKind.REFUSED
        raise BackendError("slack", kind, str(error)) from None


# Who opens the home tab or uses a shortcut: their language, and whether they are one of us.


_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person as Slack tells of them; `insider` is a full member of our workspace."""

    id: str
    language: Language
    insider: bool


_PEOPLE = ("U", "W")  # a workflow that mentions us is no person


@dataclass(slots=True, eq=False)
class Users:
    """Asks Slack; who cannot be looked up is told nothing of the cluster.

    `language` is the one everything is said in; None follows the person's locale. Who is no guest
    is remembered for as long as we run.
    """

    people: People
    team: str
    language: Language | None
    _members: set[str] = field(default_factory=set, init=False)

    async def guest(self, user: str) -> bool:
        """Tell whether somebody is a guest. Raises BackendError when Slack does not say."""
        if user in self._members or not user.startswith(_PEOPLE):
            return False
        person = await self.people.person(user)
        if person.guest or person.stranger:
            return True
        self._members.add(user)
        return False

    async def of(self, user: str) -> Visitor:
        """Return who a user is."""
        try:
            found = await self.people.person(user)
        except BackendError as error:
            _LOG.warning("visitor_unknown", user=user, error=str(error))
            return Visitor(user, self.language or Language.KO, insider=False)
        korean = found.locale.startswith("ko") or not found.locale
        out = found.deleted or found.bot or found.guest or found.stranger
        language = self.language or (Language.KO if korean else Language.EN)
        return Visitor(user, language, insider=found.team == self.team and not out)


# What kind of place a channel is, asked of Slack only when an event does not say.


_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """Whether we are in a channel, and whether people of other workspaces are."""

    member: bool
    shared: bool


@dataclass(slots=True, eq=False)
class Channels:
    """Remembers which channels are private; a channel's kind hardly ever changes."""

    client: AsyncWebClient
    _private: dict[str, bool] = field(default_factory=dict, init=False)

    async def private(self, channel: str) -> bool:
        """Tell whether only members can read the channel; True when Slack does not say."""
        if channel.startswith("D"):
            return True
        if channel not in self._private:
            try:
                answer = await asked(self.client.conversations_info, {"channel": channel})
            except SlackCallError as error:
                _LOG.warning("channel_unknown", channel=channel, error=str(error))
                return True
            if len(self._private) >= _KEPT:
                self._private.clear()
            self._private[channel] = bool((answer.get("channel") or {}).get("is_private", True))
        return self._private[channel]

    async def place(self, channel: str) -> ChannelInfo:
        """Ask anew whether we are in a channel; a channel Slack does not tell of is none of ours."""
        try:
            answer = await asked(self.client.conversations_info, {"channel": channel})
        except SlackCallError as error:
            _LOG.info("channel_unknown", channel=channel, error=str(error))
            return ChannelInfo(member=False, shared=False)
        found = answer.get("channel") or {}
        return ChannelInfo(
            member=bool(found.get("is_member") or found.get("is_im")),
            shared=bool(found.get("is_ext_shared")),
        )
