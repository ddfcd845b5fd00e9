"""Button presses: decisions on kill cards, questions that need no typing, votes and records."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol
from zlib import crc32

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.agents.templates import guide, incident
from bot.agents.templates.cluster import IN_PLACE
from bot.domain.knowledge import IncidentState
from bot.domain.posts import InboxItem, Post
from bot.domain.proposals import Click, Proposal, ProposalState
from bot.errors import ApprovalError, BackendError, CardMismatchError
from bot.handlers.clicks import (
    CHART,
    CHOOSE,
    ButtonPress,
    decision_of,
    privately,
    question_of,
    turn_of,
)
from bot.handlers.delivery import asked
from bot.handlers.events import moment
from bot.handlers.modals import ApplicationPicker
from bot.handlers.pictures import Pictures
from bot.handlers.turns import Turns
from bot.handlers.views.answer import NOTHING, Outcome, answer_post
from bot.ports import Outbox
from bot.services.guides import Decided, GuideDesk, IncidentAction, IncidentDesk
from bot.texts import cards as texts
from bot.texts.slack import BUTTON_UNKNOWN, NO_CHART, OUTSIDER

_LOG = structlog.get_logger(__name__)
_VOTES = {"guide_up": True, "guide_down": False}
_GUIDE = {"guide_source", *_VOTES}
_RECORD = {"keep_incident", "discard_incident"}
_BEFORE = {
    IncidentState.KEPT: incident.ALREADY_KEPT,
    IncidentState.DISCARDED: incident.ALREADY_DISCARDED,
}


@dataclass(frozen=True, slots=True)
class GuideActions:
    """Answers presses that need no question: None for those of other buttons."""

    guides: GuideDesk | None
    incidents: IncidentDesk | None
    team: str

    async def handle(self, press: ButtonPress) -> Outcome | None:
        """Return what the press comes to."""
        if self.guides is not None and press.action in _GUIDE:
            return await self._guide(self.guides, press)
        if self.incidents is not None and press.action in _RECORD:
            return await self._record(self.incidents, press)
        return None

    async def _guide(self, guides: GuideDesk, press: ButtonPress) -> Outcome:
        helpful = _VOTES.get(press.action)
        if helpful is not None:
            language = await guides.vote(press.value, press.channel, press.user, helpful=helpful)
            said = guide.VOTED_UP if helpful else guide.VOTED_DOWN
            return privately(
                press, said(language) if language else guide.ANSWER_GONE(press.language)
            )
        answer = await guides.source(press.value, press.channel)
        if answer is None:
            return privately(press, guide.SOURCE_GONE(press.language))
        return Outcome((answer_post(press.key, turn_of(press, self.team), answer),))

    async def _record(self, incidents: IncidentDesk, press: ButtonPress) -> Outcome:
        decide: Callable[[IncidentAction], Awaitable[Decided | None]] = (
            incidents.keep if press.action == "keep_incident" else incidents.discard
        )
        try:
            decided = await decide(
                IncidentAction(press.value, press.channel, press.user, press.key)
            )
        except BackendError as error:
            _LOG.warning("incident_not_kept", incident=press.value[:40], error=str(error))
            return privately(press, incident.NOT_KEPT(press.language))
        if decided is None:
            return privately(press, incident.RECORD_GONE(press.language))
        if decided.before is not None:
            return privately(press, _BEFORE[decided.before](decided.language))
        return Outcome(tuple(self._posts(press, decided)))

    def _posts(self, press: ButtonPress, decided: Decided) -> list[Post]:
        """Return the record's post as it reads now, and what is said below it."""
        turn = turn_of(press, self.team)
        posts = []
        if decided.shown is not None:
            edited = answer_post(press.key, turn, decided.shown)
            posts.append(replace(edited, id=f"{press.key}:record", replaces_ts=press.message_ts))
        if decided.said is not None:
            posts.append(answer_post(press.key, turn, decided.said))
        return posts


# Recognises a card of ours that stands in Slack although nobody noted where.
# A replica that dies between posting a card and noting its place leaves such a one. Its metadata,
# which only our app can write, says whose card it is.


@dataclass(frozen=True, slots=True)
class CardFinder:
    """Looks a message up at Slack. `bot_id` is ours."""

    client: AsyncWebClient
    outbox: Outbox
    bot_id: str

    async def note(self, click: Click, thread_ts: str) -> bool:
        """Note where the clicked card stands; False when the message is no card of its proposal.

        Raises SlackCallError when Slack does not say.
        """
        if click.message_ts is None:
            return False
        page = await asked(
            self.client.conversations_replies,
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
                and message.get("bot_id") == self.bot_id
                and metadata.get("event_type") == "kill_proposal"
                and payload.get("proposal_id") == click.proposal_id
            ):
                await self.outbox.card_stands(click.proposal_id, click.message_ts)
                return True
        return False


class DecisionDesk(Protocol):
    """The approval desk, as buttons need it."""

    async def decide(self, click: Click) -> Proposal:
        """Count a click. Raises ApprovalError."""

    async def carry_out(self, proposal_id: str) -> object:
        """Kill what was approved, and prove it."""

    async def get(self, proposal_id: str) -> Proposal | None:
        """Return the stored proposal, None when there is none."""


@dataclass(frozen=True, slots=True)
class CardButtons:
    """Answers every press visibly: on the card, in the thread, or to the clicker alone."""

    desk: DecisionDesk
    cards: CardFinder
    turns: Turns
    team: str
    knowing: GuideActions
    choosing: ApplicationPicker | None = None
    pictures: Pictures | None = None

    async def handle(self, item: InboxItem, press: ButtonPress) -> Outcome:
        """Return what the press comes to."""
        if press.decides:
            return await self._decide(item, press)
        if press.user_team != self.team:
            return _refusal(press, OUTSIDER(press.language))
        if press.action == CHOOSE and self.choosing is not None:
            return await self.choosing.open(press)
        if press.action == CHART and self.pictures is not None:
            shown = await self.pictures.show(press.channel, press.thread_ts, press.language)
            return NOTHING if shown else _refusal(press, NO_CHART(press.language))
        known = await self.knowing.handle(press)
        if known is not None:
            return known
        return await self._ask(press)

    async def _ask(self, press: ButtonPress) -> Outcome:
        """Answer the question a button stands for; a refresh edits the post it stands under."""
        question = question_of(press, self.team)
        if question is None:
            return _refusal(press, BUTTON_UNKNOWN(press.language))
        turn, reading = question
        if (press.action, press.value) != ("refresh_status", IN_PLACE):
            return await self.turns.take(turn, reading, private_known=False)
        answer = await self.turns.answer(turn, reading, private_known=False)
        post = replace(answer_post(turn.id, turn, answer), replaces_ts=press.message_ts)
        return Outcome((post,))

    async def _decide(self, item: InboxItem, press: ButtonPress) -> Outcome:
        click = decision_of(press, item)
        if click is None:
            return _refusal(press, texts.REFUSED(press.language))
        try:
            proposal = await self._counted(click, press)
        except ApprovalError as error:
            text = texts.REFUSALS.get(error.code, texts.REFUSED)
            known = await self.desk.get(click.proposal_id)
            return _refusal(press, text(known.language if known else press.language))
        if proposal.state is not ProposalState.CLAIMED:
            return Outcome()
        return Outcome(then=lambda: self.desk.carry_out(proposal.id))

    async def _counted(self, click: Click, press: ButtonPress) -> Proposal:
        """Count a click; one on a card of ours whose place nobody noted counts, too."""
        try:
            return await self.desk.decide(click)
        except CardMismatchError as error:
            if error.code != "other_card" or not await self.cards.note(click, press.thread_ts):
                raise
        return await self.desk.decide(click)


def _refusal(press: ButtonPress, text: str) -> Outcome:
    """Return one refusal for what one person presses on one message within ten seconds."""
    place = f"{press.message_ts}:{int(moment(press.action_ts).timestamp()) // 10}"
    key = f"refusal:{press.channel}:{place}:{press.user}:{crc32(text.encode()):08x}"
    return privately(press, text, key)
