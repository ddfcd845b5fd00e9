"""Sends each delivery to the handler it is for."""

from bot.domain.language import Language
from bot.domain.posts import InboxItem, Incoming, Post
from bot.handlers.alerts import Alerts
from bot.handlers.buttons import Buttons
from bot.handlers.clicks import read_press
from bot.handlers.gathering import Json
from bot.handlers.mentions import Mentions
from bot.handlers.outcome import NOTHING, Outcome
from bot.handlers.parsing import Address, AlertPost, Ignored, Outsider, Parser, Question
from bot.handlers.replies import line_post, private_post
from bot.handlers.threads import Threads
from bot.texts.slack import APOLOGY


class SlackRouter:
    """Knows which handler a delivery is for, and the lane it waits in."""

    def __init__(
        self, parser: Parser, alerts: Alerts, mentions: Mentions, threads: Threads, buttons: Buttons
    ) -> None:
        self._parser = parser
        self._alerts = alerts
        self._mentions = mentions
        self._threads = threads
        self._buttons = buttons

    def lane(self, payload: Json) -> tuple[str, str]:
        """Return (channel, thread). Decisions have a lane of their own: they wait for no answer."""
        if payload.get("type") == "block_actions":
            press = read_press(payload)
            if press is None:
                return ("", "")
            return (press.channel, f"{press.thread_ts}{':card' if press.decides else ''}")
        heard = self._parser.read(payload)
        if isinstance(heard, AlertPost):
            return (heard.alert.channel, heard.alert.key)
        if isinstance(heard, Ignored):
            return ("", "")
        return (heard.turn.channel, heard.turn.thread_ts)

    async def handle(self, item: InboxItem) -> Outcome:
        """Do the work of one delivery."""
        if item.kind is Incoming.CLICK:
            press = read_press(item.payload)
            return await self._buttons.handle(item, press) if press else NOTHING
        heard = self._parser.read(item.payload)
        if isinstance(heard, AlertPost):
            return await self._alerts.handle(item.key, heard.alert)
        if isinstance(heard, Outsider):
            return await self._mentions.refuse(heard)
        if isinstance(heard, Question):
            spoken_to = heard.address is not Address.THREAD
            return await (self._mentions if spoken_to else self._threads).handle(heard)
        return NOTHING

    async def apology(self, item: InboxItem, reference: str) -> tuple[Post, ...]:
        """Return the apology: to the clicker alone, or in the thread of the message."""
        if item.kind is Incoming.CLICK:
            press = read_press(item.payload)
            if press is None:
                return ()
            text = APOLOGY(press.language, reference=reference)
            return (private_post(item.key, press.channel, press.thread_ts, press.user, text),)
        heard = self._parser.read(item.payload)
        if isinstance(heard, Question) and await self._concerns_us(heard):
            turn = heard.turn
            text = APOLOGY(turn.language, reference=reference)
            return (line_post(item.key, turn.channel, turn.thread_ts, text),)
        if isinstance(heard, AlertPost):
            text = APOLOGY(self._parser.rules.language or Language.KO, reference=reference)
            return (line_post(item.key, heard.alert.channel, heard.alert.thread_ts, text),)
        return ()

    async def _concerns_us(self, heard: Question) -> bool:
        return heard.address is not Address.THREAD or await self._threads.ours(heard)
