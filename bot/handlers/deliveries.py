"""What a delivery of Slack is, read once: the inbox's row has the body, the typed value is beside it."""

from collections import OrderedDict
from datetime import datetime

from bot.domain.posts import InboxItem, Incoming
from bot.handlers.clicks import ButtonPress, read_press
from bot.handlers.events import AlertPost, Ignored, Outsider, Parser, Question, work_key
from bot.handlers.message_text import Json
from bot.handlers.modals import Submission, read_submission
from bot.handlers.shortcuts import Shortcut, read_shortcut

Work = Question | AlertPost | Outsider | ButtonPress | Submission | Shortcut
KEPT = 500


class Deliveries:
    """Reads bodies; what was taken in is remembered until so many more have come."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser
        self._read: OrderedDict[str, Work] = OrderedDict()

    def take(self, body: Json, at: datetime) -> InboxItem | None:
        """Return a body as the piece of work it is; None when it is none of ours."""
        found = self._work(body)
        if found is None:
            return None
        kind, key, work = found
        self._read.setdefault(key, work)
        while len(self._read) > KEPT:
            self._read.popitem(last=False)
        return InboxItem(key, kind, body, at)

    def of(self, item: InboxItem) -> Work | None:
        """Return what an item of the inbox is; one of an earlier run is read anew."""
        known = self._read.get(item.key)
        if known is not None:
            return known
        found = self._work(item.payload)
        return None if found is None else found[2]

    def _work(self, body: Json) -> tuple[Incoming, str, Work] | None:
        match body.get("type"):
            case "block_actions":
                press = read_press(body)
                return (Incoming.CLICK, press.key, press) if press else None
            case "view_submission":
                ticked = read_submission(body)
                return (Incoming.VIEW, ticked.key, ticked) if ticked else None
            case "message_action" | "shortcut":
                used = read_shortcut(body)
                return (Incoming.SHORTCUT, used.key, used) if used else None
            case "event_callback":
                heard = self.parser.read(body)
                if not isinstance(heard, Ignored):
                    return Incoming.EVENT, work_key(body), heard
        return None
