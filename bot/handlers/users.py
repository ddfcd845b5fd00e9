"""Who opens the home tab or uses a shortcut: their language, and whether they are one of us."""

from dataclasses import dataclass

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.language import Language
from bot.handlers.delivery import ThrottledError, UndeliverableError, UnsureError, asked

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person as Slack tells of them; `insider` is a full member of our workspace."""

    id: str
    language: Language
    insider: bool


class Users:
    """Asks Slack; who cannot be looked up is told nothing of the cluster.

    `language` is the one everything is said in; None follows the person's locale.
    """

    def __init__(self, client: AsyncWebClient, team: str, language: Language | None) -> None:
        self._client = client
        self._team = team
        self._language = language

    async def of(self, user: str) -> Visitor:
        """Return who a user is."""
        try:
            answer = await asked(self._client.users_info, {"user": user, "include_locale": True})
        except (ThrottledError, UnsureError, UndeliverableError) as error:
            _LOG.warning("visitor_unknown", user=user, error=str(error))
            return Visitor(user, self._language or Language.KO, insider=False)
        found = answer.get("user")
        found = found if isinstance(found, dict) else {}
        korean = str(found.get("locale") or "ko").startswith("ko")
        out = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
        insider = found.get("team_id") == self._team and not any(found.get(key) for key in out)
        language = self._language or (Language.KO if korean else Language.EN)
        return Visitor(user, language, insider=insider)
