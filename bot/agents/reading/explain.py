"""Why a message is read as it is: who is spoken to, the intents, and the nearest labelled sentences."""

from collections.abc import Iterator, Sequence

import numpy as np

from bot.agents.reading.labelled import OVERHEARD, Sentence, sentences
from bot.agents.reading.reader import Reader
from bot.domain.conversation import OverheardLine, ThreadView
from bot.domain.language import language_of

INTENTS_SHOWN = 4
SENTENCES_SHOWN = 5


def explained(text: str, view: ThreadView, reader: Reader, before: str = "") -> Iterator[str]:
    """Yield a line each; the score of attention is above 0 when the line is for the bot."""
    heard = reader.attention.addressed(OverheardLine(text, view, before))
    name = "addressed" if heard.addressed else OVERHEARD
    yield f"{name} {heard.score:+.2f}"
    for intent, share in reader.classifier.classify(text, view)[:INTENTS_SHOWN]:
        yield f"{share:4.0%} {intent}"
    for near, row in _nearest(text, reader):
        yield f"{near:.2f} {row.intent or OVERHEARD} [{row.context}] {row.text}"


def _nearest(text: str, reader: Reader) -> Sequence[tuple[float, Sentence]]:
    rows = [row for row in sentences() if row.language is language_of(text)]
    meanings = reader.classifier.embed([text, *(row.text for row in rows)])
    nearness = meanings[1:] @ meanings[0]
    best = np.argsort(-nearness, kind="stable")[:SENTENCES_SHOWN]
    return [(float(nearness[one]), rows[one]) for one in best]
