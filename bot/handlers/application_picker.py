"""Choosing applications without typing: a window over the listing, then the way of every kill."""

from dataclasses import replace
from datetime import tzinfo
from typing import Protocol

from bot.domain.conversation import AgentName, Intent, Listing, Turn, Understanding
from bot.domain.posts import InboxItem
from bot.domain.selections import Either, Field, Having
from bot.handlers.clicks import ButtonPress
from bot.handlers.modals import Modals, Submission
from bot.handlers.outcome import Outcome
from bot.handlers.replies import answer_post, private_post
from bot.handlers.turns import Turns
from bot.handlers.views.chooser import Place, chooser
from bot.texts import surfaces as texts
from bot.texts.slack import OUTSIDER


class Listings(Protocol):
    """The frozen listings of threads."""

    async def listing(self, channel: str, thread_ts: str) -> Listing | None:
        """Return the last list shown in a thread, or None."""
        ...


class ApplicationPicker:
    """Opens the window, and takes what was ticked to the same checks as typed words."""

    def __init__(self, listings: Listings, windows: Modals, turns: Turns, zone: tzinfo) -> None:
        self._listings = listings
        self._windows = windows
        self._turns = turns
        self._zone = zone

    async def open(self, press: ButtonPress) -> Outcome:
        """Open the window over the thread's listing; the presser is told when it cannot be."""
        listing = await self._listings.listing(press.channel, press.thread_ts)
        if listing is None or not listing.rows:
            return _privately(press, texts.NO_LIST(press.language))
        place = Place(press.channel, press.thread_ts, press.language)
        view = chooser(listing, place, self._zone)
        if await self._windows.open(press.trigger, view) is None:
            return _privately(press, texts.NOT_OPENED(press.language))
        return Outcome()

    async def submitted(self, item: InboxItem, asked: Submission, team: str) -> Outcome:
        """Propose the kill; a refusal is shown to whoever chose, and to nobody else."""
        place = asked.place
        if asked.user_team != team:
            text = OUTSIDER(place.language)
            post = private_post(asked.key, place.channel, place.thread_ts, asked.user, text)
            return Outcome((post,))
        turn = _turn(item, asked, team)
        answer = await self._turns.answer(turn, _reading(asked), private_known=False)
        post = answer_post(asked.key, turn, answer)
        if answer.proposal_id is None:
            post = replace(post, id=f"{asked.key}:private", ephemeral_to=asked.user)
        return Outcome((post,))


def _turn(item: InboxItem, asked: Submission, team: str) -> Turn:
    place = asked.place
    return Turn(
        id=asked.key,
        team=team,
        channel=place.channel,
        thread_ts=place.thread_ts,
        ts=f"{item.received_at.timestamp():.6f}",
        asker=asked.user,
        text=texts.CHOSEN(place.language, ids=", ".join(asked.chosen)),
        language=place.language,
        said_at=item.received_at,
        private=place.channel.startswith("D"),
    )


def _reading(asked: Submission) -> Understanding:
    return Understanding(
        intent=Intent.KILL,
        agent=AgentName.DATA_ENGINEER,
        language=asked.place.language,
        selection=Either(tuple(Having(Field.ID, each) for each in asked.chosen)),
        evidence=("window", "choose_applications"),
    )


def _privately(press: ButtonPress, text: str) -> Outcome:
    return Outcome((private_post(press.key, press.channel, press.thread_ts, press.user, text),))
