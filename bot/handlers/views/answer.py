"""An Answer as Slack blocks, and what is said as posts with the metadata the contract names."""

import unicodedata
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

from bot.agents.templates.wording import Wording
from bot.domain.alerts import Alert
from bot.domain.answers import (
    Answer,
    Bullets,
    Buttons,
    Code,
    Extract,
    Facts,
    Heading,
    Note,
    Notice,
    Paragraph,
    Part,
    Quote,
    Span,
    Table,
    Tone,
)
from bot.domain.conversation import Turn, Watch
from bot.domain.language import Language
from bot.domain.posts import Post
from bot.handlers.message_text import Json
from bot.handlers.views import blocks as kit
from bot.handlers.views.blocks import (
    button_rows,
    copyable,
    escaped,
    inert_lines,
    plain_text,
    sanitize_line,
)
from bot.ports import Outbox
from bot.texts import slack as texts

# Tables: Slack's table block, and text aligned by how wide letters are drawn.


_MAX_CELL = 120
_WIDE = frozenset("WF")


def table_block(table: Table, room: int, language: Language) -> kit.Block:
    """Return a table block of at most 100 rows, 20 columns and `room` characters."""
    rows = _fitting(table, room, language)
    width = max(len(row) for row in rows)
    return {
        "type": "table",
        "column_settings": [
            {
                "align": "right" if column in table.right else "left",
                "is_wrapped": column not in table.right,
            }
            for column in range(width)
        ],
        "rows": [
            [{"type": "raw_text", "text": cell} for cell in _padded(row, width)] for row in rows
        ],
    }


def preformatted(table: Table, room: int, language: Language) -> kit.Block:
    """Return the table as fixed-width text; Korean letters are two columns wide."""
    rows = _fitting(table, room // 3, language)
    width = max(len(row) for row in rows)
    rows = [_padded(row, width) for row in rows]
    widths = [max(_drawn(row[column]) for row in rows) for column in range(width)]
    lines = [
        "  ".join(
            _aligned(cell, widths[column], right=column in table.right)
            for column, cell in enumerate(row)
        ).rstrip()
        for row in rows
    ]
    text = "\n".join(lines)[: max(room - 1, 1)]
    return kit.rich({"type": "rich_text_preformatted", "elements": [kit.words(text)]})


def _fitting(table: Table, room: int, language: Language) -> list[list[str]]:
    """Return the rows that fit; the last one then tells how many do not."""
    rows = [
        [sanitize_line(cell, _MAX_CELL, language) or kit.EMPTY for cell in row[: kit.MAX_COLUMNS]]
        for row in table.rows
        if row
    ] or [[kit.EMPTY]]
    kept: list[list[str]] = []
    used = 30
    for row in rows[: kit.MAX_ROWS - 1]:
        used += sum(len(cell) for cell in row)
        if used > room:
            break
        kept.append(row)
    if left := len(rows) - len(kept):
        kept.append([texts.LEFT_OUT(language, n=left)])
    return kept


def _padded(row: list[str], width: int) -> list[str]:
    return row + [kit.EMPTY] * (width - len(row))


def _drawn(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in _WIDE else 1 for letter in text)


def _aligned(cell: str, width: int, *, right: bool) -> str:
    gap = " " * (width - _drawn(cell))
    return gap + cell if right else cell + gap


SIGNS = {
    Tone.INFO: "information_source",
    Tone.GOOD: "white_check_mark",
    Tone.WARNING: "warning",
    Tone.BAD: "rotating_light",
}
_MAX_SPAN = 2_000
_MAX_BULLETS = 30
_MAX_BULLET = 300


def render(said: Answer | Wording, language: Language) -> kit.Rendered:
    """Return what is said as blocks, at most 50 and 9,500 characters; what is left out is counted."""
    blocks = _Page(language).fill(said.parts)
    text = escaped(sanitize_line(said.summary, kit.MAX_FALLBACK // 5, language))
    return kit.Rendered(text or kit.EMPTY, tuple(blocks))


@dataclass(slots=True)
class _Page:
    """Fills one message; buttons are never left out, for they are the way on."""

    _language: Language
    _tables: int = 0

    def fill(self, parts: tuple[Part, ...]) -> list[kit.Block]:
        buttons = (part.buttons for part in parts if isinstance(part, Buttons))
        rows = [row for each in buttons for row in button_rows(each, self._language)]
        room = kit.MAX_CHARACTERS - kit.size(rows) - 100
        places = kit.MAX_BLOCKS - len(rows[:10]) - 1
        blocks: list[kit.Block] = []
        shown = [part for part in parts if _says_something(part)]
        for done, part in enumerate(shown):
            block = self._block(part, room)
            if kit.size(block) > room or len(blocks) == places:
                left = len(shown) - done
                blocks.append(kit.note(texts.LEFT_OUT(self._language, n=left)))
                break
            room -= kit.size(block)
            blocks.append(block)
        return blocks + rows[:10]

    def _block(self, part: Part, room: int) -> kit.Block:  # noqa: C901, PLR0911 - one return per kind of part
        match part:
            case Heading(text):
                return kit.header(sanitize_line(text, kit.MAX_HEADER, self._language))
            case Paragraph(spans):
                return kit.paragraph(*self._runs(spans))
            case Bullets(items, numbered):
                return self._list(items, numbered)
            case Facts(pairs):
                return kit.facts([(self._line(a, 200), self._line(b, 400)) for a, b in pairs])
            case Table():  # Slack allows one a message: later ones are aligned text
                self._tables += 1
                make = table_block if self._tables == 1 else preformatted
                return make(part, room, self._language)
            case Notice(text, tone):
                said = kit.words(" " + self._line(text, 2_900), bold=tone is not Tone.INFO)
                return kit.paragraph(kit.emoji(SIGNS[tone]), said)
            case Quote():
                return self._quote(part)
            case Extract():
                return self._extract(part)
            case Note(text):
                return kit.note(self._line(text, 2_900))
            case Buttons():
                raise TypeError("buttons are placed last")

    def _line(self, text: str, limit: int) -> str:
        return sanitize_line(text, limit, self._language)

    def _runs(self, spans: Iterable[Span], limit: int = _MAX_SPAN) -> list[kit.Block]:
        return [
            kit.person(span.user)
            if span.user
            else kit.channel(span.channel)
            if span.channel
            else kit.words(copyable(span.text, limit, self._language), code=True)
            if span.code
            else kit.words(self._run(span.text, limit), bold=span.bold)
            for span in spans
            if span.text
        ] or [kit.words("")]

    def _run(self, text: str, limit: int) -> str:
        """Return the run cleaned, with the one space at either end that cleaning takes away."""
        line = self._line(text, limit)
        before = " " if text[:1].isspace() and line else ""
        after = " " if text[-1:].isspace() else ""
        return before + line + after

    def _list(
        self, items: tuple[tuple[Span, ...], ...], numbered: bool, longest: int = _MAX_BULLET
    ) -> kit.Block:
        shown = [kit.section(*self._runs(item, longest)) for item in items[:_MAX_BULLETS]]
        if (left := len(items) - _MAX_BULLETS) > 0:
            shown.append(kit.section(kit.words(texts.LEFT_OUT(self._language, n=left))))
        style = "ordered" if numbered else "bullet"
        return kit.rich({"type": "rich_text_list", "style": style, "elements": shown})

    def _quote(self, quote: Quote) -> kit.Block:
        text = inert_lines(quote.text, kit.MAX_TEXT, self._language)
        quoted = {"type": "rich_text_quote", "elements": [kit.words(text)]}
        source = self._line(quote.source, 300)
        if not quote.title:
            return kit.rich(quoted, kit.section(kit.words("— " + source)))
        return kit.rich(self._title(quote.title, source), quoted)

    def _title(self, title: str, source: str, url: str = "") -> kit.Block:
        words = self._line(title, 300)
        run = kit.link(url, words) if url else kit.words(words, bold=True)
        return kit.section(run, *([kit.words(" · " + source)] if source else []))

    def _extract(self, extract: Extract) -> kit.Block:
        """Return one block whose every element bears the bar of a quote."""
        elements = [self._title(extract.title, self._line(extract.source, 300), extract.url)]
        for part in extract.parts:
            match part:
                case Paragraph(spans):
                    runs = self._runs(spans)
                    elements.append({"type": "rich_text_quote", "elements": runs})
                case Bullets(items, numbered):
                    lists = self._list(items, numbered, _MAX_SPAN)["elements"]
                    elements += [{**element, "border": 1} for element in lists]
                case Code(text):
                    code = kit.words(copyable(text, kit.MAX_TEXT, self._language))
                    framed = {"type": "rich_text_preformatted", "elements": [code], "border": 1}
                    elements.append(framed)
        return kit.rich(*elements)


def _says_something(part: Part) -> bool:
    """Tell whether a part makes a block of its own; Slack refuses empty ones."""
    match part:
        case Facts(pairs):
            return bool(pairs)
        case Bullets(items, _):
            return bool(items)
        case Table(rows, _):
            return bool(rows)
        case Buttons():
            return False
        case _:
            return True


_MAX_LISTED = 20  # ids in metadata: Slack keeps metadata small


def answer_post(key: str, turn: Turn, answer: Answer) -> Post:
    """Return the post answering a turn, in the thread of its message."""
    return _answer(f"{key}:answer", turn.channel, turn.thread_ts, answer)


def draft_post(key: str, turn: Turn, answer: Answer) -> Post:
    """Return the post of an answer as far as it stands; `answer_post` of the same key ends it."""
    return replace(answer_post(key, turn, answer), draft=True)


def investigation_post(key: str, alert: Alert, answer: Answer) -> Post:
    """Return the post under an alert: the first facts, or that it is over."""
    subject = {
        "metric": alert.subject.metric.value,
        "hosts": list(alert.subject.hosts[:_MAX_LISTED]),
        "cluster": alert.subject.cluster,
    }
    payload: Json = {
        "alert_key": alert.key,
        "status": alert.status.value,
        "subject": subject,
        "applications": list(answer.applications[:_MAX_LISTED]),
    }
    post = _answer(f"{key}:answer", alert.channel, alert.thread_ts, answer)
    return replace(post, event_type="alert_investigation", event_payload=payload)


def foreign_post(key: str, alert: Alert, answer: Answer) -> Post:
    """Return the line under an alert of another cluster."""
    post = _answer(f"{key}:answer", alert.channel, alert.thread_ts, answer)
    return noticed(post, "foreign")


def channel_notice(id_: str, channel: str, kind: str, text: str) -> Post:
    """Return a line that nobody asked for, told in the channel itself. `text` is ours."""
    return noticed(Post(id_, channel, None, escaped(text), ()), kind)


def private_post(key: str, channel: str, thread_ts: str, user: str, text: str) -> Post:
    """Return a line only `user` sees. `text` is ours."""
    return Post(f"{key}:private", channel, thread_ts, escaped(text), (), ephemeral_to=user)


def notice_post(key: str, turn: Turn, kind: str, text: str) -> Post:
    """Return a line that nobody asked for, told in the thread of a turn. `text` is ours."""
    post = Post(f"{key}:notice", turn.channel, turn.thread_ts, escaped(text), ())
    return noticed(post, kind)


def line_post(key: str, channel: str, thread_ts: str, text: str) -> Post:
    """Return a line everybody in the thread sees. `text` is ours."""
    return Post(f"{key}:line", channel, thread_ts, escaped(text), (), event_payload=_of_nobody())


def direct_post(key: str, user: str, text: str, blocks: tuple[Json, ...]) -> Post:
    """Return a direct message; Slack opens the conversation for a user's id. `text` is ours."""
    return Post(f"{key}:private", user, None, escaped(text), blocks, event_payload=_of_nobody())


def noticed(post: Post, kind: str, applications: tuple[str, ...] = ()) -> Post:
    """Return a post as one that nobody asked for."""
    payload: Json = {"kind": kind, "applications": list(applications)}
    return replace(post, event_type="oncall_notice", event_payload=payload)


def _of_nobody() -> Json:
    return {"agent": "none", "intent": "none", "applications": [], "sources": [], "llm": False}


def _answer(id_: str, channel: str, thread_ts: str, answer: Answer) -> Post:
    view = render(answer, answer.language)
    payload: Json = {
        "agent": answer.agent.value,
        "intent": answer.intent.value,
        "applications": list(answer.applications[:_MAX_LISTED]),
        "sources": list(answer.sources[:_MAX_LISTED]),
        "llm": answer.llm,
    }
    if len(answer.intents) > 1:
        payload["intents"] = [intent.value for intent in answer.intents]
    return Post(id_, channel, thread_ts, view.text, view.blocks, event_payload=payload)


# What working on one delivery comes to: posts to be queued, and work to follow.


@dataclass(frozen=True, slots=True)
class Outcome:
    """The posts are queued in the transaction that ends the delivery; `then` runs after it."""

    posts: tuple[Post, ...] = ()
    then: Callable[[], Awaitable[object]] | None = None


NOTHING = Outcome()


def printed(language: Language, words: Wording) -> str:
    """Return the digest as plain text, for a terminal."""
    return plain_text(render(words, language).blocks)


async def put_digest(
    outbox: Outbox, channel: str, slot: str, language: Language, words: Wording
) -> None:
    """Queue the digest of a slot for a channel; the same slot leaves one post."""
    view = render(words, language)
    post = Post(f"digest:{slot}", channel, None, view.text, view.blocks)
    await outbox.add((replace(post, event_type="health_digest", event_payload={"slot": slot}),))


async def put_watch(outbox: Outbox, watch: Watch, words: Wording) -> None:
    """Queue what a watch was for; the same watch leaves one post, however often it is put."""
    view = render(words, watch.language)
    post = Post(f"watch:{watch.id}", watch.channel, watch.thread_ts, view.text, view.blocks)
    await outbox.add((noticed(post, "watch", words.applications),))
