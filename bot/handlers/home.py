"""The app's home tab: what can be asked, in both languages. Static; it tells nothing of a cluster."""

from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.language import Language
from bot.handlers.delivery import ThrottledError, UndeliverableError, UnsureError, asked
from bot.handlers.views import blocks as kit
from bot.texts import slack as texts

_LOG = structlog.get_logger(__name__)


class Home:
    """Publishes the home tab when somebody opens it."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    def register(self, app: AsyncApp) -> None:
        """Listen; to be registered before the listeners that take everything."""
        app.event("app_home_opened")(self.opened)

    async def opened(self, event: dict[str, Any]) -> None:
        """Publish the tab for whoever opened it."""
        if event.get("tab") != "home":
            return
        view = {"type": "home", "blocks": home_blocks()}
        try:
            await asked(self._client.views_publish, {"user_id": event.get("user"), "view": view})
        except (ThrottledError, UnsureError, UndeliverableError) as error:
            _LOG.warning("home_not_shown", error=str(error))


def home_blocks() -> list[kit.Block]:
    """Return the tab's blocks."""
    blocks: list[kit.Block] = []
    for language in Language:
        examples = [kit.section(kit.words(line(language))) for line in texts.HOME_EXAMPLES]
        blocks += [
            kit.header(texts.HOME_TITLE(language)),
            kit.paragraph(kit.words(texts.HOME_INTRO(language))),
            kit.rich({"type": "rich_text_list", "style": "bullet", "elements": examples}),
            kit.note(texts.HOME_SAFETY(language)),
        ]
    return blocks
