"""Sends each delivery to the handler it is for."""

from dataclasses import replace

from bot.domain.language import Language
from bot.domain.posts import InboxItem, Incoming, Post
from bot.handlers.alerts.answers import Alerts
from bot.handlers.application_picker import ApplicationPicker
from bot.handlers.buttons import CardButtons
from bot.handlers.clicks import ButtonPress, read_press
from bot.handlers.events import Address, AlertPost, Ignored, Outsider, Parser, Question
from bot.handlers.mentions import Mentions
from bot.handlers.message_text import Json
from bot.handlers.modals import read_submission
from bot.handlers.outcome import NOTHING, Outcome
from bot.handlers.replies import line_post, private_post
from bot.handlers.shortcuts import Shortcuts, apology_post, read_shortcut
from bot.handlers.threads import Threads
from bot.handlers.views import blocks as kit
from bot.texts.alerts import LATE
from bot.texts.slack import APOLOGY


class SlackRouter:
    """Knows which handler a delivery is for, and the lane it waits in."""

    def __init__(
        self,
        parser: Parser,
        alerts: Alerts,
        mentions: Mentions,
        threads: Threads,
        buttons: CardButtons,
        *,
        choosing: ApplicationPicker | None = None,
        shortcuts: Shortcuts | None = None,
    ) -> None:
        self._parser = parser
        self._alerts = alerts
        self._mentions = mentions
        self._threads = threads
        self._buttons = buttons
        self._choosing = choosing
        self._shortcuts = shortcuts

    def lane(self, payload: Json) -> tuple[str, str]:
        """Return (channel, thread).

        Decisions and windows have lanes of their own: they wait for no answer, and a window must
        open within three seconds.
        """
        if payload.get("type") == "block_actions":
            press = read_press(payload)
            return (press.channel, f"{press.thread_ts}{_siding(press)}") if press else ("", "")
        if payload.get("type") == "view_submission":
            asked = read_submission(payload)
            return (asked.place.channel, asked.place.thread_ts) if asked else ("", "")
        if payload.get("type") in {"message_action", "shortcut"}:
            used = read_shortcut(payload)
            return (used.channel, f"{used.thread_ts}:shortcut:{used.user}") if used else ("", "")
        heard = self._parser.read(payload)
        if isinstance(heard, AlertPost):
            told = heard.alert.identity  # posts of one alert wait for each other, whatever they say
            return (heard.alert.channel, f"{told.sender}\n{told.name}")
        if isinstance(heard, Ignored):
            return ("", "")
        return (heard.turn.channel, heard.turn.thread_ts)

    async def handle(self, item: InboxItem) -> Outcome:
        """Do the work of one delivery."""
        if item.kind is Incoming.CLICK:
            press = read_press(item.payload)
            return await self._buttons.handle(item, press) if press else NOTHING
        if item.kind in {Incoming.VIEW, Incoming.SHORTCUT}:
            return await self._interaction(item)
        return NOTHING if item.payload.get("folded") else await self._event(item)

    async def _event(self, item: InboxItem) -> Outcome:
        heard = self._parser.read(item.payload)
        if isinstance(heard, AlertPost):
            return await self._alerts.handle(item.key, heard.alert)
        if isinstance(heard, Outsider):
            return await self._mentions.refuse(heard)
        if isinstance(heard, Question):
            spoken_to = heard.address is not Address.THREAD
            outcome = await (self._mentions if spoken_to else self._threads).handle(heard)
            return late(outcome, heard.turn.language) if item.payload.get("late") else outcome
        return NOTHING

    async def _interaction(self, item: InboxItem) -> Outcome:
        if item.kind is Incoming.SHORTCUT:
            used = read_shortcut(item.payload)
            if used is None or self._shortcuts is None:
                return NOTHING
            return await self._shortcuts.handle(item, used)
        asked = read_submission(item.payload)
        if asked is None or self._choosing is None:
            return NOTHING
        return await self._choosing.submitted(item, asked, self._parser.who.team)

    async def apology(self, item: InboxItem, reference: str) -> tuple[Post, ...]:
        """Return the apology: to the clicker alone, or in the thread of the message."""
        if item.kind is not Incoming.EVENT:
            return self._whispered(item, reference)
        heard = self._parser.read(item.payload)
        if isinstance(heard, Question) and self._concerns_us(heard):
            turn = heard.turn
            text = APOLOGY(turn.language, reference=reference)
            return (line_post(item.key, turn.channel, turn.thread_ts, text),)
        if isinstance(heard, AlertPost):
            text = APOLOGY(self._parser.rules.language or Language.KO, reference=reference)
            return (line_post(item.key, heard.alert.channel, heard.alert.thread_ts, text),)
        return ()

    def _whispered(self, item: InboxItem, reference: str) -> tuple[Post, ...]:
        """Return the apology to whoever pressed, submitted, or used a shortcut."""
        press = read_press(item.payload) if item.kind is Incoming.CLICK else None
        asked = read_submission(item.payload) if item.kind is Incoming.VIEW else None
        used = read_shortcut(item.payload) if item.kind is Incoming.SHORTCUT else None
        if press is not None:
            text = APOLOGY(press.language, reference=reference)
            return (private_post(item.key, press.channel, press.thread_ts, press.user, text),)
        if asked is not None:
            text, place = APOLOGY(asked.place.language, reference=reference), asked.place
            return (private_post(item.key, place.channel, place.thread_ts, asked.user, text),)
        if used is not None:
            text = APOLOGY(self._parser.rules.language or Language.KO, reference=reference)
            return (apology_post(used, text),)
        return ()

    def _concerns_us(self, heard: Question) -> bool:
        return heard.address is not Address.THREAD or self._threads.owes_answer(heard)


def late(outcome: Outcome, language: Language) -> Outcome:
    """Return an answer that came late, saying so."""
    line = kit.note(LATE(language))
    return replace(
        outcome, posts=tuple(replace(each, blocks=(*each.blocks, line)) for each in outcome.posts)
    )


def _siding(press: ButtonPress) -> str:
    if press.decides:
        return ":card"
    return f":window:{press.user}" if press.chooses else ""
