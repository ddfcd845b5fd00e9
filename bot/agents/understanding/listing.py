"""What a list should hold: the order, how many, and which applications only."""

from bot.agents.understanding.frames import Frame, frame
from bot.agents.understanding.message import Message
from bot.domain.conversation import Query
from bot.domain.selections import Both, Everything, Field, Having, LongerThan, Measure, Selection

LONGEST = 20
MORE = 5


def query_of(message: Message) -> Query:
    """Return the query a list question asks; unknown words are left out of it."""
    said = frame(message.items)
    return Query(
        by=_measure(said),
        count=_count(message, said),
        ascending=bool(said.words & {"least", "newest"}),
        only=_only(said),
        waiting="waiting" in message.concepts,
    )


def _measure(said: Frame) -> Measure:
    if said.words & {"oldest", "long", "newest"}:
        return Measure.DURATION
    return said.measures[-1] if said.measures else Measure.CPU


def _count(message: Message, said: Frame) -> int | None:
    if message.has("next") and message.view.listed:
        more = said.counts[0] if said.counts else MORE
        return min(message.view.listed + more, LONGEST)
    if said.bare and len(said.ranks) == 1:
        return min(said.ranks[0], LONGEST)
    if said.counts:
        return max(1, min(said.counts[0], LONGEST))
    return 1 if "most" in said.words and "one_job" in said.words else None


def _only(said: Frame) -> Selection | None:
    parts = tuple(dict.fromkeys(map(_plural, filter(_wanted, said.filters))))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Both(parts)


def _wanted(condition: Having | LongerThan) -> bool:
    """Leave out waiting, which has a field of its own in the query."""
    return not (isinstance(condition, Having) and condition.value == "waiting")


def _plural(condition: Having | LongerThan) -> Selection:
    """Show every match of a piece of a name, where a kill would ask."""
    if isinstance(condition, Having) and condition.field in {Field.NAME, Field.ANY, Field.ID}:
        return Both((condition, Everything()))
    return condition
