"""Presses under guide answers and under the records of closed alerts."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog

from bot.agents.templates import guide, incident
from bot.domain.knowledge import IncidentState
from bot.domain.posts import Post
from bot.errors import BackendError
from bot.handlers.clicks import ButtonPress, privately, turn_of
from bot.handlers.replies import Outcome, answer_post
from bot.services.guides import Decided, GuideDesk, IncidentAction, IncidentDesk

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
