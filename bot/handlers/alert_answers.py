"""Alert posts: the first one opens an investigation, repeats fold into it, a resolved one ends it."""

import asyncio
from dataclasses import replace

import structlog

from bot.domain.alerts import Alert, AlertStatus, Investigation
from bot.domain.language import Language
from bot.domain.posts import Post
from bot.errors import DangjikError
from bot.handlers.channels import Channels
from bot.handlers.guide_actions import Incidents
from bot.handlers.outcome import NOTHING, Outcome
from bot.handlers.replies import investigation_post, record_post
from bot.handlers.turns import Talk
from bot.ports import Investigations

_LOG = structlog.get_logger(__name__)


class Alerts:
    """Answers in the alert's thread."""

    def __init__(
        self,
        talk: Talk,
        investigations: Investigations,
        incidents: Incidents | None = None,
        rooms: Channels | None = None,
    ) -> None:
        self._talk = talk
        self._investigations = investigations
        self._incidents = incidents
        self._rooms = rooms

    async def handle(self, key: str, alert: Alert) -> Outcome:
        """Return the first reply, the last one, or nothing for a repeat."""
        if alert.status is AlertStatus.RESOLVED:
            return await self._resolved(key, alert)
        _, new = await self._investigations.open(alert)
        if not new:
            return NOTHING
        joined = self._investigations.join(alert.channel, alert.thread_ts)
        _, answer = await asyncio.gather(joined, self._talk.investigate(alert))
        return Outcome((investigation_post(key, alert, answer),))

    async def _resolved(self, key: str, alert: Alert) -> Outcome:
        investigation = await self._investigations.close(alert)
        if investigation is None:
            return NOTHING
        here = replace(alert, thread_ts=investigation.thread_ts)
        answer = await self._talk.conclude(here)
        if answer is None:
            return NOTHING
        record = await self._record(key, investigation, here, answer.language)
        return Outcome((investigation_post(key, here, answer), *record))

    async def _record(
        self, key: str, investigation: Investigation, alert: Alert, language: Language
    ) -> tuple[Post, ...]:
        """Return the record of the investigation, to be kept or discarded by a click."""
        if self._incidents is None or self._rooms is None:
            return ()
        private = await self._rooms.private(alert.channel)
        try:
            record = await self._incidents.offer(investigation, alert, language, private=private)
        except DangjikError as error:  # the alert's end is told all the same
            _LOG.error("incident_not_offered", alert=alert.key[:80], error=str(error))
            return ()
        return (record_post(key, alert, record),)
