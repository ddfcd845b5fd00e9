"""Reading Korean and English questions without a model."""

from functools import cache

from bot.agents.understanding.lexicon import Lexicon, load
from bot.agents.understanding.reader import Nearest, Reader
from bot.domain.conversation import ThreadView, Understanding


@cache
def lexicon() -> Lexicon:
    """Return the lexicon, read from its files once."""
    return load()


def understand(text: str, view: ThreadView) -> Understanding:
    """Return the reading of a message, without examples to fall back on."""
    return Reader(lexicon()).understand(text, view)


__all__ = ["Nearest", "Reader", "lexicon", "understand"]
