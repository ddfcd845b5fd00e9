"""Recognises a card of ours that stands in Slack although nobody noted where.

A replica that dies between posting a card and noting its place leaves such a one. Its metadata,
which only our app can write, says whose card it is.
"""

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.proposals import Click
from bot.handlers.delivery import asked
from bot.ports import Outbox


class CardFinder:
    """Looks a message up at Slack. `bot_id` is ours."""

    def __init__(self, client: AsyncWebClient, outbox: Outbox, bot_id: str) -> None:
        self._client = client
        self._outbox = outbox
        self._bot_id = bot_id

    async def note(self, click: Click, thread_ts: str) -> bool:
        """Note where the clicked card stands; False when the message is no card of its proposal.

        Raises ThrottledError, UnsureError or UndeliverableError when Slack does not say.
        """
        page = await asked(
            self._client.conversations_replies,
            {
                "channel": click.channel,
                "ts": thread_ts,
                "oldest": click.message_ts,
                "latest": click.message_ts,
                "inclusive": True,
                "include_all_metadata": True,
                "limit": 2,
            },
        )
        for message in page.get("messages") or []:
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if (
                message.get("ts") == click.message_ts
                and message.get("bot_id") == self._bot_id
                and metadata.get("event_type") == "kill_proposal"
                and payload.get("proposal_id") == click.proposal_id
            ):
                await self._outbox.card_stands(click.proposal_id, click.message_ts)
                return True
        return False
