"""The second reader: a model reads what the first is unsure of, and all that is not plain."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.agents.model.port import Model, ModelFailure, Prompt, UsageKey
from bot.agents.model.reading import Reading, understood
from bot.agents.model.untrusted_text import Marker, UntrustedText, fresh_marker, one_line
from bot.domain.conversation import Listing, ThreadView, Turn, Understanding

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
