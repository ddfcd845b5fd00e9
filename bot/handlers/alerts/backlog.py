"""Sorts what was posted meanwhile: which alerts still stand, and which are over already."""

from collections.abc import Iterator

from bot.domain.alerts import Alert, AlertStatus, Identity, fitting
from bot.handlers.events import AlertPost, Parser
from bot.handlers.message_text import Json


class Backlog:
    """One channel's missed messages, page by page, the newest page first.

    An alert's newest post decides: one that fires is answered, and older posts of it are folded
    into it; one that is over is named in `ended`, unless an investigation of it is open.
    """

    def __init__(self, parser: Parser, channel: str) -> None:
        self._parser = parser
        self._channel = channel
        self._newest: dict[str, tuple[Identity, Alert]] = {}
        self.ended: dict[str, str] = {}

    def sorted_out(self, page: list[Json]) -> list[Json]:
        """Return a page (newest first) in the order things happened, folded posts marked."""
        return list(reversed(list(self._marked(page))))

    def _marked(self, page: list[Json]) -> Iterator[Json]:
        for message in page:
            event = {"type": "message", **message, "channel": self._channel}
            heard = self._parser.read({"team_id": self._parser.who.team, "event": event})
            folded = isinstance(heard, AlertPost) and self._older(heard.alert)
            yield {**message, "folded": folded}

    def _older(self, alert: Alert) -> bool:
        """Tell whether a newer post of the alert was seen; note what is over."""
        known = ((id_, identity) for id_, (identity, _) in self._newest.items())
        found = fitting(alert, known)
        if found is None:
            self._newest[alert.ts] = (alert.identity, alert)
            return False
        newest = self._newest[found][1]
        if newest.status is AlertStatus.RESOLVED and alert.status is AlertStatus.FIRING:
            self.ended[found] = newest.title
        return True
