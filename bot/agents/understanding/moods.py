"""Whether a verb orders, forbids, asks, supposes or tells: the mood of every action named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.agents.understanding.lexicon import ENDING
from bot.agents.understanding.segment import UNKNOWN, WORD, Piece

ACTIONS = frozenset(
    {
        "kill",
        "stop",
        "remove",
        "killing",
        "killed",
        "die",
        "show",
        "cancel",
        "leave",
        "change",
        "approve",
        "add",
        "tell",
        "check",
        "go",
    }
)


class Mood(StrEnum):
    """How an action is spoken of."""

    ORDER = "order"
    NEGATED = "negated"
    CONDITIONAL = "conditional"
    DOUBTFUL = "doubtful"
    PAST = "past"
    QUOTED = "quoted"
    NAMED = "named"
    SCHEDULED = "scheduled"


@dataclass(frozen=True, slots=True)
class Act:
    """An action at piece `at`, its endings up to `end`, and its mood."""

    concept: str
    at: int
    end: int
    mood: Mood
    korean: bool
    sequel: bool = False


_BY_ENDING = (
    ("negated", Mood.NEGATED),
    ("quoted", Mood.QUOTED),
    ("did", Mood.PAST),
    ("passive", Mood.PAST),
    ("since", Mood.PAST),
    ("conditional", Mood.CONDITIONAL),
    ("doubtful", Mood.DOUBTFUL),
    ("purpose", Mood.NAMED),
    ("before_doing", Mood.NAMED),
    ("intending", Mood.DOUBTFUL),
    ("adnominal", Mood.NAMED),
    ("whether", Mood.DOUBTFUL),
    ("aside", Mood.PAST),
)
_BY_WORD_BEFORE = (
    ("negation", Mood.NEGATED),
    ("reported", Mood.QUOTED),
    ("asked_past", Mood.PAST),
    ("how", Mood.NAMED),
    ("scheduled", Mood.SCHEDULED),
    ("polite_if", Mood.ORDER),
    ("suppose", Mood.CONDITIONAL),
    ("effect", Mood.CONDITIONAL),
    ("hesitate", Mood.DOUBTFUL),
    ("why", Mood.NAMED),
    ("who", Mood.PAST),
)
_JUST_BEFORE = {"except_before": Mood.NEGATED, "after": Mood.PAST}
_NAMING = frozenset(
    {"help", "how", "audit", "card", "approve", "why", "past", "who", "state", "effect"}
)
_BREAKS = frozenset(".!?;,\n") | {"…"}
_STRANGE_WORDS = 2


def acts(pieces: Sequence[Piece]) -> list[Act]:
    """Return every action in the message, in order."""
    return list(_acts(pieces))


def _acts(pieces: Sequence[Piece]) -> Iterator[Act]:
    start = 0
    for index, piece in enumerate(pieces):
        if piece.concept not in ACTIONS:
            continue
        end = _after_endings(pieces, index + 1)
        endings = [item.concept for item in pieces[index + 1 : end]]
        mood = _mood(pieces, start, index, end)
        yield Act(piece.concept, index, end, mood, piece.korean, "sequel" in endings)
        start = end


def _after_endings(pieces: Sequence[Piece], index: int) -> int:
    while index < len(pieces) and (pieces[index].kind == ENDING or _light(pieces, index)):
        index += 1
    return index


def _light(pieces: Sequence[Piece], index: int) -> bool:
    """`kill 좀 해줘`: a small word, or 하다, between a verb and its endings."""
    piece = pieces[index]
    if piece.concept == "do":
        return True
    after = pieces[index + 1] if index + 1 < len(pieces) else None
    small = piece.text in {"를", "을", "좀", "도", "안", "못"} or piece.concept == "object"
    return bool(small and after and (after.concept in {"do", "light"}))


def _mood(pieces: Sequence[Piece], start: int, index: int, end: int) -> Mood:
    piece = pieces[index]
    before = _clause(pieces[start:index])
    after = _asked_kindly(pieces[index + 1 : end])
    if piece.concept in {"killed", "die"}:
        return Mood.PAST
    if "negation" in after or (before and before[-1].concept == "negation"):
        return Mood.NEGATED
    if after[-1:] == ["sequel"] and pieces[end - 1].text.endswith("서"):
        after = [*after, *_endings_after(pieces, end)]
    if piece.korean and pieces[end:] and pieces[end].text.startswith("되면"):
        return Mood.CONDITIONAL
    said = _mood_of_endings(after, _endings_after(pieces, end))
    if said is None and end < len(pieces):
        said = _mood_by_next(piece, after, pieces[end])
    return said or _mood_before(piece, before)


def _asked_kindly(endings: Sequence[Piece]) -> list[str]:
    """Return the endings; `죽여주실 수 있을까요` is a request, and doubts nothing."""
    asks = [at for at, piece in enumerate(endings) if piece.concept == "request" and _able(piece)]
    kept = endings[: asks[0] + 1] if asks else endings
    return [piece.concept for piece in kept]


def _able(piece: Piece) -> bool:
    return piece.text.replace(" ", "").endswith("수있")


def _mood_by_next(piece: Piece, after: list[str], following: Piece) -> Mood | None:
    """Tell the mood from the word after the verb: `kill 방법`, `kill 말고`, `kill 전이랑`."""
    if _doubt_follows(following, after):
        return Mood.NEGATED
    if after or piece.concept not in {"kill", "stop", "remove"}:
        return None
    if following.concept == "except_after" and following.text.startswith("말"):
        return Mood.NEGATED
    if following.concept == "after":
        return Mood.PAST
    return Mood.NAMED if following.concept in _NAMING else None


def _mood_of_endings(after: list[str], later: list[str]) -> Mood | None:
    """`죽였을 때` supposes, unless what came of it is told: 죽였을 때 얼마나 떨어졌어."""
    if {"did", "conditional"} <= set(after) and "did" not in later:
        return Mood.CONDITIONAL
    return next((mood for concept, mood in _BY_ENDING if concept in after), None)


def _endings_after(pieces: Sequence[Piece], index: int) -> list[str]:
    """Return the endings up to the next break: `죽여서 해결한 적` tells, as its last verb does."""
    found: list[str] = []
    for piece in pieces[index:]:
        if piece.text in _BREAKS or piece.concept in ACTIONS:
            break
        if piece.kind == ENDING:
            found.append(piece.concept)
        elif piece.concept == "past":
            found.append("did")
    return found


def _doubt_follows(following: Piece, after: list[str]) -> bool:
    """죽이지 and then something unknown: most likely a mistyped 죽이지 마."""
    return (
        bool(after) and after[-1] == "plain" and following.concept == UNKNOWN and following.korean
    )


def _clause(before: Sequence[Piece]) -> list[Piece]:
    """Return what stands between the last break and the verb."""
    clause: list[Piece] = []
    for piece in before:
        if piece.text in _BREAKS:
            clause = []
        else:
            clause.append(piece)
    return clause


def _mood_before(piece: Piece, before: list[Piece]) -> Mood:
    words = {item.concept for item in before}
    denied = [item for item in before if item.concept not in {"filler", "only_word"}][-1:]
    if denied and denied[0].concept in _JUST_BEFORE:
        return _JUST_BEFORE[denied[0].concept]
    if denied and denied[0].concept == "no" and piece.concept in {"kill", "stop", "killing"}:
        return Mood.NEGATED
    if piece.concept in {"show", "tell", "check"}:
        words -= {"who"}
    if piece.concept == "cancel" and any(item.concept == "do" for item in before):
        words -= {"negation"}
    said = next((mood for concept, mood in _BY_WORD_BEFORE if concept in words), None)
    if said is not None:
        return said
    if piece.concept == "killing":
        return Mood.CONDITIONAL
    strange = sum(item.concept == WORD and item.text.isalpha() for item in before)
    return Mood.QUOTED if not piece.korean and strange >= _STRANGE_WORDS else Mood.ORDER
