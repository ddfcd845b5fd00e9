"""Sends each delivery to the handler it is for."""

from dataclasses import replace

from bot.domain.language import Language
from bot.domain.posts import InboxItem, Post
from bot.handlers.alerts.answers import Alerts
from bot.handlers.buttons import CardButtons
from bot.handlers.clicks import ButtonPress
from bot.handlers.deliveries import Deliveries
from bot.handlers.events import AlertPost, Outsider, Question
from bot.handlers.modals import ApplicationPicker, Submission
from bot.handlers.questions import Questions
from bot.handlers.replies import NOTHING, Outcome, line_post, private_post
from bot.handlers.shortcuts import Shortcut, Shortcuts, apology_post
from bot.handlers.views import blocks as kit
from bot.texts.alerts import LATE
from bot.texts.slack import APOLOGY


class SlackRouter:
    """Knows which handler a delivery is for, and the lane it waits in."""

    def __init__(
        self,
        deliveries: Deliveries,
        alerts: Alerts,
        questions: Questions,
        buttons: CardButtons,
        *,
        choosing: ApplicationPicker | None = None,
        shortcuts: Shortcuts | None = None,
    ) -> None:
        self._deliveries = deliveries
        self._alerts = alerts
        self._questions = questions
        self._buttons = buttons
        self._choosing = choosing
        self._shortcuts = shortcuts

    def lane(self, item: InboxItem) -> tuple[str, str]:
        """Return (channel, thread).

        Decisions and windows have lanes of their own: they wait for no answer, and a window must
        open within three seconds.
        """
        match self._deliveries.of(item):
            case ButtonPress() as press:
                return press.channel, f"{press.thread_ts}{_siding(press)}"
            case Submission(place=place):
                return place.channel, place.thread_ts
            case Shortcut() as used:
                return used.channel, f"{used.thread_ts}:shortcut:{used.user}"
            case AlertPost(alert):  # posts of one alert wait for each other, whatever they say
                return alert.channel, f"{alert.identity.sender}\n{alert.identity.name}"
            case Question(turn=turn) | Outsider(turn=turn):
                return turn.channel, turn.thread_ts
        return "", ""

    async def handle(self, item: InboxItem) -> Outcome:  # noqa: PLR0911 - one for each kind
        """Do the work of one delivery."""
        if item.payload.get("folded"):
            return NOTHING
        match self._deliveries.of(item):
            case ButtonPress() as press:
                return await self._buttons.handle(item, press)
            case Submission() as ticked if self._choosing is not None:
                team = self._deliveries.parser.who.team
                return await self._choosing.submitted(item, ticked, team)
            case Shortcut() as used if self._shortcuts is not None:
                return await self._shortcuts.handle(item, used)
            case AlertPost(alert):
                return await self._alerts.handle(item.key, alert)
            case Outsider() as outsider:
                return await self._questions.refuse(outsider)
            case Question(turn=turn) as question:
                outcome = await self._questions.handle(question)
                return _late(outcome, turn.language) if item.payload.get("late") else outcome
        return NOTHING

    async def apology(self, item: InboxItem, reference: str) -> tuple[Post, ...]:
        """Return the apology: in the thread of the message, or to whoever pressed or ticked alone."""
        match self._deliveries.of(item):
            case ButtonPress() as press:
                text, place = APOLOGY(press.language, reference=reference), press
                return (private_post(item.key, place.channel, place.thread_ts, press.user, text),)
            case Submission(place=place, user=user):
                text = APOLOGY(place.language, reference=reference)
                return (private_post(item.key, place.channel, place.thread_ts, user, text),)
            case Shortcut() as used:
                language = self._deliveries.parser.rules.language or Language.KO
                return (apology_post(used, APOLOGY(language, reference=reference)),)
            case Question(turn=turn) as question if self._questions.owes_answer(question):
                text = APOLOGY(turn.language, reference=reference)
                return (line_post(item.key, turn.channel, turn.thread_ts, text),)
            case AlertPost(alert):
                language = self._deliveries.parser.rules.language or Language.KO
                text = APOLOGY(language, reference=reference)
                return (line_post(item.key, alert.channel, alert.thread_ts, text),)
        return ()


def _late(outcome: Outcome, language: Language) -> Outcome:
    """Return an answer that came late, saying so."""
    line = kit.note(LATE(language))
    return replace(
        outcome, posts=tuple(replace(each, blocks=(*each.blocks, line)) for each in outcome.posts)
    )


def _siding(press: ButtonPress) -> str:
    if press.decides:
        return ":card"
    return f":window:{press.user}" if press.chooses else ""
