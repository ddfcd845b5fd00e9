"""What an agent answers, as typed parts; handlers turn parts into Slack blocks.

Every string is plain text and is shown as such: no part carries markup, so text from outside
stays inert wherever it stands. `kind` tells parts apart where they are JSON.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from bot.domain.conversation import AgentName, Intent
from bot.domain.language import Language


class Tone(StrEnum):
    """How loudly a notice speaks."""

    INFO = "info"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of plain text; `code` for identifiers; `user` and `channel` show that one by name instead."""

    text: str
    bold: bool = False
    code: bool = False
    user: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A short title line."""

    text: str
    kind: Literal["heading"] = field(default="heading", init=False)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Prose made of spans."""

    spans: tuple[Span, ...]
    kind: Literal["paragraph"] = field(default="paragraph", init=False)


@dataclass(frozen=True, slots=True)
class Bullets:
    """Short points; numbered when order matters."""

    items: tuple[tuple[Span, ...], ...]
    numbered: bool = False
    kind: Literal["bullets"] = field(default="bullets", init=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """Label and value pairs people scan, at most 10."""

    pairs: tuple[tuple[str, str], ...]
    kind: Literal["facts"] = field(default="facts", init=False)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to compare; the first row holds the headings. `right` are the right-aligned columns."""

    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    kind: Literal["table"] = field(default="table", init=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """One line that must not be overlooked."""

    text: str
    tone: Tone = Tone.INFO
    kind: Literal["notice"] = field(default="notice", init=False)


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage quoted from a document or a web page, and where it comes from.

    With a `title` it stands above the quote, bold, with the source behind it.
    """

    text: str
    source: str
    title: str = ""
    kind: Literal["quote"] = field(default="quote", init=False)


@dataclass(frozen=True, slots=True)
class Code:
    """Text in a frame of its own, to be copied as it is."""

    text: str
    kind: Literal["code"] = field(default="code", init=False)


@dataclass(frozen=True, slots=True)
class Extract:
    """A part of a document with its lists and commands, marked as quoted.

    The `title` stands above, bold, the source behind it; a `url` makes it a link.
    """

    title: str
    source: str
    parts: tuple[Paragraph | Bullets | Code, ...]
    url: str = ""
    kind: Literal["extract"] = field(default="extract", init=False)


@dataclass(frozen=True, slots=True)
class Note:
    """One quiet line: the time figures were taken, what is missing, how the question was read."""

    text: str
    kind: Literal["note"] = field(default="note", init=False)


@dataclass(frozen=True, slots=True)
class Button:
    """A button; `action` is its action id, `value` opaque and at most 2,000 characters.

    `confirm` asks before acting: (title, text, yes, no).
    """

    action: str
    label: str
    value: str = ""
    style: str = ""
    confirm: tuple[str, str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Buttons:
    """A row of buttons."""

    buttons: tuple[Button, ...]
    kind: Literal["buttons"] = field(default="buttons", init=False)


Part = Heading | Paragraph | Bullets | Facts | Table | Notice | Quote | Extract | Note | Buttons


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply to one turn.

    `applications` are ids in the order shown; `sources` are `collection/file#heading` or a web
    domain. `summary` is the one-line plain text for notifications and screen readers.
    `proposal_id` is set when a kill card goes with it. `intents` are those of all requests of the
    message, in order, the first one being `intent`. `checked` is what came of each sentence of a
    model: `kept`, or why it was dropped.
    """

    language: Language
    intent: Intent
    agent: AgentName
    summary: str
    parts: tuple[Part, ...] = field(default=())
    applications: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    llm: bool = False
    proposal_id: str | None = None
    intents: tuple[Intent, ...] = ()
    checked: tuple[str, ...] = ()


Show = Callable[[Answer], None]  # takes an answer as far as it stands


def plain(text: str) -> Paragraph:
    """Return a paragraph of one unstyled span."""
    return Paragraph((Span(text),))
