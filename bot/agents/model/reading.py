"""What a model may say of a message: an intent and a symbolic selection, no application ids."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.agents.route import ANSWERED_BY
from bot.domain.conversation import AgentName, Intent, Query, Understanding
from bot.domain.language import Language
from bot.domain.selections import (
    Both,
    Bottom,
    Either,
    Everything,
    Exactly,
    Having,
    LongerThan,
    Measure,
    Ranks,
    Selection,
    Top,
    Without,
)
from bot.domain.selections import Field as Attribute

MOST = 20
LONGEST_MINUTES = 525_600
Rank = Annotated[int, Field(ge=1, le=MOST)]
Count = Annotated[int, Field(ge=0, le=MOST)]
OF_THE_TALK = {Intent.NONE, Intent.USE_BUTTONS, Intent.CLARIFY}  # the Data Engineer's, as cards are
CHOOSING = {Intent.KILL, Intent.WHAT_IF, Intent.DETAIL}


class Reading(BaseModel):
    """A model's reading of one message; zero, empty and "" mean not said."""

    model_config = ConfigDict(extra="forbid")

    intent: Literal[
        "status",
        "compare",
        "diagnose",
        "list",
        "detail",
        "what_if",
        "kill",
        "cancel",
        "use_buttons",
        "audit",
        "history",
        "how_to",
        "help",
        "smalltalk",
        "out_of_scope",
        "none",
        "clarify",
    ]
    ranks: Annotated[list[Rank], Field(max_length=MOST)] = []
    top: Count = 0
    bottom: Count = 0
    everything: bool = False
    words: Annotated[list[str], Field(max_length=MOST)] = []
    by: Literal["", "cpu", "memory", "duration"] = ""
    smallest: bool = False
    except_ranks: Annotated[list[Rank], Field(max_length=MOST)] = []
    longer_minutes: Annotated[int, Field(ge=0, le=LONGEST_MINUTES)] = 0
    count: Count = 0


def understood(reading: Reading, text: str, language: Language) -> Understanding | None:
    """Return the reading as ours; None when it names something the message does not say."""
    said = text.casefold()
    words = [word.strip() for word in reading.words if word.strip()]
    if any(word.casefold() not in said for word in words):
        return None
    intent = Intent(reading.intent)
    selection = selected(reading, words)
    chosen = selection if intent in CHOOSING else None
    if intent is Intent.KILL and chosen is None:
        intent = Intent.CLARIFY
    speaker = AgentName.DATA_ENGINEER if intent in OF_THE_TALK else AgentName.NONE
    query = Query(
        by=Measure(reading.by) if reading.by else Measure.CPU,
        count=reading.count or reading.top or None,
        ascending=reading.smallest,
        only=_within(words, reading) if intent is Intent.LIST else None,
    )
    return Understanding(
        intent=intent,
        agent=ANSWERED_BY.get(intent, speaker),
        language=language,
        selection=chosen,
        query=query,
        evidence=("model",),
    )


def selected(reading: Reading, words: list[str]) -> Selection | None:
    """Return the selection a reading describes, or None when it chooses nothing."""
    parts: list[Selection] = []
    within = _within(words, reading)
    if within is not None:
        parts.append(within)
    if reading.ranks:
        parts.append(Ranks(tuple(reading.ranks)))
    elif reading.top:
        by = Measure(reading.by) if reading.by else None
        parts.append(Top(reading.top, by, reading.smallest))
    elif reading.bottom:
        parts.append(Bottom(reading.bottom))
    elif reading.everything:
        parts.append(Exactly(reading.count) if reading.count else Everything())
    if not parts and not reading.except_ranks:
        return None
    whole: Selection = _joined(parts) if parts else Everything()
    if reading.except_ranks:
        return Without(whole, Ranks(tuple(reading.except_ranks)))
    return whole


def _within(words: list[str], reading: Reading) -> Selection | None:
    parts: list[Selection] = []
    if words:
        named = tuple(Having(Attribute.ANY, word) for word in words)
        parts.append(named[0] if len(named) == 1 else Either(named))
    if reading.longer_minutes:
        parts.append(LongerThan(timedelta(minutes=reading.longer_minutes)))
    return _joined(parts) if parts else None


def _joined(parts: list[Selection]) -> Selection:
    return parts[0] if len(parts) == 1 else Both(tuple(parts))
