"""The People port over Slack; an error is never a yes."""

from collections.abc import Callable

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.proposals import Person
from bot.errors import BackendError, FaultKind
from bot.handlers.delivery import ThrottledError, UndeliverableError, UnsureError, asked
from bot.handlers.message_text import Json


class SlackPeople:
    """Reads users uncached, and a group's members at most `keep` seconds late.

    `now` is a monotonic clock. Nothing is kept by default: the approval desk remembers for a
    minute, and what was a minute old here already would be two by then.
    """

    def __init__(
        self, client: AsyncWebClient, team: str, now: Callable[[], float], keep: float = 0.0
    ) -> None:
        self._client = client
        self._team = team
        self._now = now
        self._keep = keep
        self._groups: dict[str, tuple[float, frozenset[str]]] = {}

    async def person(self, user: str) -> Person:
        """Return a user. Raises BackendError when Slack gives no answer."""
        answer = await _read(self._client.users_info, {"user": user})
        found = answer.get("user")
        if not isinstance(found, dict) or found.get("id") != user:
            raise BackendError("slack", FaultKind.BAD_ANSWER, "users.info")
        return _person(found)

    async def group_members(self, group: str) -> frozenset[str]:
        """Return a user group's members. Raises BackendError when Slack gives no answer."""
        at, members = self._groups.get(group, (0.0, frozenset()))
        if group in self._groups and self._now() - at < self._keep:
            return members
        answer = await _read(
            self._client.usergroups_users_list, {"usergroup": group, "team_id": self._team}
        )
        listed = answer.get("users")
        if not isinstance(listed, list):
            raise BackendError("slack", FaultKind.BAD_ANSWER, "usergroups.users.list")
        members = frozenset(str(user) for user in listed)
        self._groups[group] = (self._now(), members)
        return members

    def forget_groups(self) -> None:
        """Read groups anew: Slack told that one has other members."""
        self._groups.clear()


def _person(user: Json) -> Person:
    profile = user.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    return Person(
        id=str(user["id"]),
        team=str(user.get("team_id") or profile.get("team") or ""),
        name=str(profile.get("display_name") or user.get("real_name") or user.get("name") or ""),
        deleted=bool(user.get("deleted")),
        bot=bool(user.get("is_bot")),
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        stranger=bool(user.get("is_stranger")),
    )


async def _read(method: Callable[..., object], arguments: Json) -> Json:
    try:
        return await asked(method, arguments)  # type: ignore[arg-type]  # slack_sdk's methods are untyped unions
    except ThrottledError as error:
        raise BackendError("slack", FaultKind.REFUSED, str(error)) from None
    except UnsureError as error:
        raise BackendError("slack", FaultKind.UNREACHABLE, str(error)) from None
    except UndeliverableError as error:
        raise BackendError("slack", FaultKind.REFUSED, str(error)) from None
