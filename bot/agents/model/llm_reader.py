"""The second reader: a model reads what the first is unsure of, and all that is not plain.

It may say a message's requests, each an intent with a symbolic selection, and no ids.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.agents.model.port import Model, ModelFailure, Prompt, UsageKey
from bot.agents.model.untrusted_text import Marker, UntrustedText, fresh_marker, one_line
from bot.agents.reading.names import Names, queues_of
from bot.domain.conversation import (
    ANSWERED_BY,
    AgentName,
    DraftKind,
    Intent,
    Listing,
    Need,
    Query,
    ThreadView,
    Topic,
    Turn,
    Understanding,
    WatchFor,
    WatchKind,
    Wish,
)
from bot.domain.language import language_of
from bot.domain.listings import MAX_ROWS
from bot.domain.selections import (
    Both,
    Bottom,
    Either,
    Everything,
    Exactly,
    Having,
    Holding,
    LongerThan,
    Measure,
    Protected,
    Ranks,
    Selection,
    Top,
    Without,
)
from bot.domain.selections import Field as Attribute
from bot.texts.figures import GIB

MOST = 20
MOST_REQUESTS = 3
LONGEST_ABOUT = 300  # characters of a question put in words of its own
LONGEST_HOURS = 24 * 366
Rank = Annotated[int, Field(ge=1, le=MOST)]
Count = Annotated[int, Field(ge=0, le=MOST)]
Words = Annotated[list[str], Field(max_length=MOST)]
OF_THE_TALK = {Intent.NONE, Intent.USE_BUTTONS, Intent.CLARIFY}  # the Data Engineer's, as cards are
CHOOSING = {
    *(Intent.KILL, Intent.WHAT_IF, Intent.DETAIL, Intent.DRAFT, Intent.WATCH),
    *(Intent.UNSUPPORTED, Intent.CAPACITY),
}
Kind = TypeVar("Kind", bound=StrEnum)
LIMIT = re.compile(r"(cores|memory|minutes|percent)\s*([<>]=?)\s*(\d+(?:\.\d+)?)")


class Request(BaseModel):
    """One request of a message; zero, empty and "" mean not said.

    `limits` are comparisons such as `cores>=20`, or one of `waiting`, `protected`, `spare`;
    `without` are numbers of the list and words.
    """

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
        "capacity",
        "watch",
        "draft",
        "history",
        "how_to",
        "unsupported",
        "help",
        "smalltalk",
        "out_of_scope",
        "none",
        "clarify",
    ]
    kind: str = ""
    ranks: Annotated[list[Rank], Field(max_length=MOST)] = []
    words: Words = []
    limits: Words = []
    top: Count = 0
    bottom: Count = 0
    count: Count = 0
    everything: bool = False
    rest: bool = False
    by: Literal["", "cpu", "memory", "duration", "granted", "wasted"] = ""
    smallest: bool = False
    without: Words = []
    total: Literal["", "all", "user", "queue"] = ""
    hours_back: Annotated[int, Field(ge=0, le=LONGEST_HOURS)] = 0
    about: str = ""


class Reading(BaseModel):
    """A model's reading of one message: what is asked for, in order."""

    model_config = ConfigDict(extra="forbid")

    requests: Annotated[list[Request], Field(max_length=MOST)]

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, said: Any) -> Any:
        """Take one request that stands alone, as small models tell it."""
        return {"requests": [said]} if isinstance(said, dict) and "intent" in said else said


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message says, and what the words of a request may name: our own knowledge of both."""

    text: str
    view: ThreadView
    names: Names

    def said(self, word: str) -> bool:
        """Tell whether the message holds a word."""
        return word.casefold() in self.text.casefold()

    def known(self, word: str) -> bool:
        """Tell whether a word names something that runs or was listed."""
        return bool(self.names.hits(word).rows)

    def queue(self, word: str) -> str | None:
        """Return the queue a word names; the end of its path where several end so."""
        rows = self.view.running or self.view.rows
        queues = queues_of(self.names.hits(word), rows)
        return queues[0] if len(queues) == 1 else queues[0].rpartition(".")[2] if queues else None

    def named(self, word: str) -> Selection:
        """Return the rows a word means; a name written in Hangul is known by its sound."""
        rows = self.view.running or self.view.rows
        hits = self.names.hits(word)
        if word.isascii() or not hits.rows or hits.whole == "name":
            return Having(Attribute.ANY, word)
        if hits.whole == "user":
            return Having(Attribute.USER, rows[min(hits.rows)].user)
        if (queue := self.queue(word)) is not None:
            return Having(Attribute.QUEUE, queue)
        return _any_of([Having(Attribute.ID, rows[place].ref.id) for place in sorted(hits.rows)])


def understood(reading: Reading, text: str, view: ThreadView) -> Understanding | None:
    """Return the reading as ours; None when it is none, or orders what the message does not name.

    A kill that is not the first request is a question back that shows it.
    """
    heard = Heard(text, view, Names(view.running or view.rows))
    found = [_request(each, heard) for each in reading.requests[:MOST_REQUESTS]]
    read = [each for each in found if each is not None]
    if not read or len(read) < len(found):
        return None
    first, *others = read
    return replace(first, also=tuple(shown(each) for each in others))


def shown(reading: Understanding) -> Understanding:
    """Return a kill as a question back with a button; any other reading as it is."""
    if reading.intent is not Intent.KILL:
        return reading
    return replace(reading, intent=Intent.CLARIFY, selection=None, readings=(reading,))


def _request(request: Request, heard: Heard) -> Understanding | None:
    intent = Intent(request.intent)
    words = _words(request.words)
    named = (*words, *(each for each in _words(request.without) if not _is_rank(each)))
    if intent is Intent.KILL and not all(map(heard.said, named)):
        return None
    selection = selected(request, heard) if intent in CHOOSING else None
    if intent is Intent.KILL and selection is None:
        intent = Intent.CLARIFY
    speaker = AgentName.DATA_ENGINEER if intent in OF_THE_TALK else AgentName.NONE
    back = timedelta(hours=request.hours_back) if request.hours_back else None
    plain = Understanding(
        intent=intent,
        agent=ANSWERED_BY.get(intent, speaker),
        language=language_of(heard.text),
        selection=selection,
        topics=tuple(Topic(word) for word in map(str.casefold, words) if word in list(Topic)),
        ago=back,
        window=back,
        web=request.kind == "web",
        evidence=("model",),
        about=request.about.strip()[:LONGEST_ABOUT],
    )
    return _detailed(plain, request, heard)


def _detailed(plain: Understanding, request: Request, heard: Heard) -> Understanding:
    """Return the reading with what its intent needs beside the rows."""
    match plain.intent:
        case Intent.LIST:
            strange = [
                word
                for word in _words(request.words)
                if not (heard.said(word) or heard.known(word))
            ]
            return replace(plain, query=_query(request, heard), unapplied=tuple(strange))
        case Intent.CAPACITY:
            return replace(plain, need=_need(request, heard))
        case Intent.WATCH:
            kind = _one_of(WatchKind, request.kind) or WatchKind.CPU_BELOW
            watch = WatchFor(kind, _amounts(request).get("percent"), _need(request, heard))
            return replace(plain, watch=watch)
        case Intent.DRAFT:
            return replace(plain, draft=_one_of(DraftKind, request.kind) or DraftKind.SUMMARY)
        case Intent.UNSUPPORTED:
            return replace(plain, wish=_one_of(Wish, request.kind) or Wish.OTHER)
        case _:
            return plain


def _query(request: Request, heard: Heard) -> Query:
    filters = _filters(request, heard)
    ranked: list[Selection] = [Ranks(tuple(request.ranks))] if request.ranks else []
    ranked += [Bottom(request.bottom)] if request.bottom else []
    only = _without(_all_of([*ranked, *filters]), request, heard)
    asked = request.count or request.top or None
    whole = only is not None or request.everything or request.rest
    return Query(
        by=Measure(request.by) if request.by else Measure.CPU,
        count=asked or (MAX_ROWS if whole else None),
        ascending=request.smallest,
        only=only,
        waiting="waiting" in request.limits,
        spare="spare" in request.limits,
        after=heard.view.listed if request.rest else 0,
        per=Attribute(request.total) if request.total in {"user", "queue"} else None,
        total=request.total == "all",
    )


def _need(request: Request, heard: Heard) -> Need:
    amounts = _amounts(request)
    memory = amounts.get("memory")
    queues = (heard.queue(word) for word in _words(request.words))
    queue = next((each for each in queues if each is not None), None)
    return Need(amounts.get("cores"), None if memory is None else int(memory * GIB), queue)


def _amounts(request: Request) -> dict[str, float]:
    found = (LIMIT.fullmatch(limit.strip()) for limit in request.limits)
    return {each[1]: float(each[3]) for each in found if each is not None}


def selected(request: Request, heard: Heard) -> Selection | None:
    """Return the selection a request describes, or None when it chooses nothing."""
    parts: list[Selection] = _filters(request, heard)
    if request.ranks:
        parts.append(Ranks(tuple(request.ranks)))
    if request.top:
        by = Measure(request.by) if request.by else None
        parts.append(Top(request.top, by, request.smallest))
    elif request.bottom:
        parts.append(Bottom(request.bottom))
    elif request.everything:
        parts.append(Exactly(request.count) if request.count else Everything())
    return _without(_all_of(parts), request, heard)


def _filters(request: Request, heard: Heard) -> list[Selection]:
    """Return what narrows the rows: names, and limits; a queue's room is no filter of rows."""
    amounts = Intent(request.intent) in {Intent.CAPACITY, Intent.WATCH}
    words = _words(request.words)
    if amounts:
        words = [word for word in words if heard.queue(word) is None]
    named = [heard.named(word) for word in words if heard.said(word) or heard.known(word)]
    limits = [] if amounts else [_limit(limit) for limit in request.limits]
    return [*([_any_of(named)] if named else []), *(each for each in limits if each is not None)]


def _limit(said: str) -> Selection | None:
    if said == "protected":
        return Protected()
    found = LIMIT.fullmatch(said.strip())
    if found is None or found[1] == "percent":
        return None
    less, beyond, amount = found[2][0] == "<", len(found[2]) == 1, float(found[3])
    if found[1] == "minutes":
        return LongerThan(timedelta(minutes=amount), shorter=less)
    by = Measure.CPU if found[1] == "cores" else Measure.MEMORY
    return Holding(by, amount if by is Measure.CPU else amount * GIB, less=less, beyond=beyond)


def _without(chosen: Selection | None, request: Request, heard: Heard) -> Selection | None:
    out = _words(request.without)
    minus: list[Selection] = [heard.named(each) for each in out if not _is_rank(each)]
    if ranks := tuple(int(each) for each in out if _is_rank(each)):
        minus.append(Ranks(ranks))
    return Without(chosen or Everything(), _any_of(minus)) if minus else chosen


def _is_rank(said: str) -> bool:
    return said.isdecimal() and not said.startswith("0") and int(said) <= MOST


def _words(words: list[str]) -> list[str]:
    return [word.strip() for word in words if word.strip()]


def _one_of(kinds: type[Kind], said: str) -> Kind | None:
    return kinds(said) if said in list(kinds) else None


def _any_of(parts: Sequence[Selection]) -> Selection:
    return parts[0] if len(parts) == 1 else Either(tuple(parts))


def _all_of(parts: Sequence[Selection]) -> Selection | None:
    return Both(tuple(parts)) if len(parts) > 1 else next(iter(parts), None)


# What a model is shown of a thread, and asked.
MESSAGES_SHOWN = 6
MESSAGE_LENGTH = 200
OWN_LENGTH = 60  # of our own messages: what they were about, not their figures
QUESTION_LENGTH = 1_000
ROWS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Thread:
    """What the second reader may know: the last messages, the list shown, an open card.

    `spoken` are the ranks of the rows that were spoken of last, the latest first.
    """

    messages: Sequence[dict[str, str]]
    listing: Listing | None
    view: ThreadView
    spoken: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SecondReading:
    """The model's reading; None when it gave none, with the trouble where there was one.

    `second` when the fallback model gave it.
    """

    reading: Understanding | None
    trouble: ModelFailure | None = None
    second: bool = False


class LlmReader:
    """Asks the model for a typed reading; whatever is not typed, or not said, is no reading."""

    def __init__(self, model: Model, marker: Marker = fresh_marker) -> None:
        self._model = model
        self._marker = marker

    async def read(self, turn: Turn, thread: Thread) -> SecondReading:
        """Return the model's reading of a turn."""
        bill = bill_of(turn)
        reply = await self._model.fill(reading_prompt(turn, thread, self._marker), Reading, bill)
        if reply.value is None:
            return SecondReading(None, reply.trouble)
        reading = understood(reply.value, turn.text, thread.view)
        return SecondReading(reading, second=reply.second)


def bill_of(turn: Turn) -> UsageKey:
    """Return whom to book a turn's tokens on."""
    return UsageKey(turn.id, f"{turn.channel}:{turn.thread_ts}")


def reading_prompt(turn: Turn, thread: Thread, marker: Marker = fresh_marker) -> Prompt:
    """Return the prompt: the list by number and name, the last messages, the message itself."""
    fence = UntrustedText(marker)
    parts = []
    if thread.listing is not None and thread.listing.rows:
        parts.append(fence("List shown (number, name, owner, queue)", _rows(thread.listing)))
    if thread.messages:
        parts.append(fence("Earlier messages", thread_text(thread.messages, OWN_LENGTH)))
    running = {row.ref for row in thread.view.running}
    over = tuple(row.rank for row in thread.view.rows if running and row.ref not in running)
    if thread.spoken:
        parts.append(f"Spoken of last, by number: {_numbers(thread.spoken)}.")
    if over:
        parts.append(f"Of the list no longer running: {_numbers(over)}.")
    if thread.view.open_card:
        on_it = thread.view.on_card
        parts.append(f"A kill card is open{f' for {_numbers(on_it)}' if on_it else ''}, undecided.")
    parts.append(fence("Message to read", turn.text[:QUESTION_LENGTH]))
    return Prompt(f"{prompt_text('understand')}\n\n{fence.rule}", "\n\n".join(parts))


def _numbers(ranks: Sequence[int]) -> str:
    return ", ".join(map(str, ranks))


def thread_text(messages: Sequence[dict[str, str]], own: int = 2 * MESSAGE_LENGTH) -> str:
    """Return the last messages of a thread, one a line; ours are cut to `own` characters."""
    return "\n".join(
        f"{item['by']}: {one_line(item['text'], own if item['by'] == 'bot' else MESSAGE_LENGTH)}"
        for item in list(messages)[-MESSAGES_SHOWN:]
    )


def _rows(listing: Listing) -> str:
    return "\n".join(
        f"{row.rank}. {one_line(row.name)}, {one_line(row.user)}, {one_line(row.queue)}"
        for row in listing.rows[:ROWS_SHOWN]
    )


@cache
def prompt_text(name: str) -> str:
    """Return the text of `bot/agents/prompts/<name>.md` without its heading."""
    text = (files("bot.agents") / "prompts" / f"{name}.md").read_text(encoding="utf-8")
    return text.partition("\n")[2].strip() if text.startswith("# ") else text.strip()
