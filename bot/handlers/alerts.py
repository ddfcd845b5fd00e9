"""Alert posts: the first one opens an investigation, repeats fold into it, a resolved one ends it."""

import asyncio
from dataclasses import replace

from bot.domain.alerts import Alert, AlertStatus
from bot.handlers.outcome import NOTHING, Outcome
from bot.handlers.replies import investigation_post
from bot.handlers.turns import Talk
from bot.ports import Investigations


class Alerts:
    """Answers in the alert's thread."""

    def __init__(self, talk: Talk, investigations: Investigations) -> None:
        self._talk = talk
        self._investigations = investigations

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
        return NOTHING if answer is None else Outcome((investigation_post(key, here, answer),))
