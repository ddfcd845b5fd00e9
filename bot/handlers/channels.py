"""What kind of place a channel is, asked of Slack only when an event does not say."""

from dataclasses import dataclass

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.handlers.delivery import ThrottledError, UndeliverableError, UnsureError, asked

_LOG = structlog.get_logger(__name__)
_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """Whether we are in a channel, and whether people of other workspaces are."""

    member: bool
    shared: bool


class Channels:
    """Remembers which channels are private; a channel's kind hardly ever changes."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._private: dict[str, bool] = {}

    async def private(self, channel: str) -> bool:
        """Tell whether only members can read the channel; True when Slack does not say."""
        if channel.startswith("D"):
            return True
        if channel not in self._private:
            try:
                answer = await asked(self._client.conversations_info, {"channel": channel})
            except (ThrottledError, UnsureError, UndeliverableError) as error:
                _LOG.warning("channel_unknown", channel=channel, error=str(error))
                return True
            if len(self._private) >= _KEPT:
                self._private.clear()
            self._private[channel] = bool((answer.get("channel") or {}).get("is_private", True))
        return self._private[channel]

    async def place(self, channel: str) -> ChannelInfo:
        """Ask anew whether we are in a channel; a channel Slack does not tell of is none of ours."""
        try:
            answer = await asked(self._client.conversations_info, {"channel": channel})
        except (ThrottledError, UnsureError, UndeliverableError) as error:
            _LOG.info("channel_unknown", channel=channel, error=str(error))
            return ChannelInfo(member=False, shared=False)
        found = answer.get("channel") or {}
        return ChannelInfo(
            member=bool(found.get("is_member") or found.get("is_im")),
            shared=bool(found.get("is_ext_shared")),
        )
