"""Reading Korean and English questions without a model."""

from functools import cache

from bot.agents.understanding.lexicon import Lexicon, load
from bot.agents.understanding.overlap import load_examples
from bot.agents.understanding.reader import Nearest, Reader
from bot.domain.conversation import ThreadView, Understanding


@cache
def lexicon() -> Lexicon:
    """Return the lexicon, read from its files once."""
    return load()


@cache
def reader() -> Reader:
    """Return the reader that falls back on the nearest example by shared letters."""
    return Reader(lexicon(), load_examples())


def understand(text: str, view: ThreadView) -> Understanding:
    """Return the reading of a message; `sure` is False when the grammar only guessed."""
    return reader().understand(text, view)


__all__ = ["Nearest", "Reader", "lexicon", "reader", "understand"]
