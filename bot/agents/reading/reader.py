"""From a message and what is known of the thread to one reading.

Questions are read by the classifier and the extractor. An order to kill, or to change the open
card, is carried on only when `kill_order` accounts for every word of it; else the asker is asked,
with what was understood on a button.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.agents.reading.attention import Attention
from bot.agents.reading.classifier import Classifier, load_model
from bot.agents.reading.extractor import Extractor
from bot.agents.reading.features import Embed
from bot.agents.reading.kill_order import Act, Order, order_of, read_clauses, reduced
from bot.agents.reading.labelled import OVERHEARD, Sentence, sentences
from bot.agents.reading.names import Names
from bot.agents.reading.words import Morphemes, Words, load_morphemes
from bot.domain.conversation import (
    ANSWERED_BY,
    OF_THE_PRESENT,
    WORDS_ALONE,
    AgentName,
    Intent,
    ListingRow,
    OverheardLine,
    ThreadView,
    Understanding,
)
from bot.domain.language import Language, language_of
from bot.domain.selections import Either, Field, Having, Ranks, Selection

KILLS = 0.01
"""So much of the classifier's belief must be in a kill before a covered order is carried on."""
OTHERWISE = 0.14
"""So much belief lets a question be answered that sounds like an order, and has no word of one."""
WITHDRAWS = 0.5
"""So much belief must be in a withdrawal before a card is taken back."""
READINGS = 2
LONGEST = 1_000
"""Characters that are looked through for names and orders; the time it takes grows with their square."""
_ORDERS = {Intent.KILL, Intent.CLARIFY}
_QUESTIONS = set(ANSWERED_BY) - {Intent.KILL, Intent.CANCEL}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one message at a time; the same words in the same thread read the same always."""

    classifier: Classifier
    kiwi: Morphemes
    attention: Attention

    def understand(self, text: str, view: ThreadView) -> Understanding:
        """Return the reading; `sure` is False when it is only the likeliest one."""
        likely = self.classifier.classify(text, view)
        names = Names(view.running or view.rows)
        seen = text[:LONGEST]
        words = Words(reduced(seen), self.kiwi)
        clauses = read_clauses(words, names)
        extractor = Extractor.of(Words(seen, self.kiwi), view, names, clauses)
        order = order_of(clauses, view, quotes=words.quotes)
        if order is not None and seen != text:
            order = replace(order, whole=False, why="too long")  # what follows may take it back
        language = language_of(text)
        belief = dict(likely)
        in_orders = sum(belief.get(intent, 0.0) for intent in _ORDERS)
        if order is not None and order.whole and in_orders >= KILLS:
            return _kill(order, view, language)
        best, probability = _answerable(likely[0][0]), likely[0][1]
        if extractor.speaks_of_jobs(best):
            best = Intent.LIST
        if order is None and extractor.goes_on():
            return extractor.details(_reading(Intent.LIST, language))
        if best is Intent.KILL and order is None:  # no word orders anything: what else is it?
            likely = tuple(one for one in likely if one[0] not in _ORDERS)
            question = likely[0][0] in _QUESTIONS and likely[0][1] >= OTHERWISE
            best, probability = likely[0] if question else (best, probability)
        if best in _ORDERS or (best is Intent.UNSUPPORTED and _kills_some(order)):
            return _asked(order, view, language)
        if best is Intent.CANCEL and probability < WITHDRAWS:  # nothing is done on a guess
            taken = [one for one, _ in likely if one in _QUESTIONS - {Intent.UNSUPPORTED}]
            guesses = (Intent.CANCEL, *taken[: READINGS - 1])
            meant = tuple(extractor.details(_reading(each, language)) for each in guesses)
            return replace(_asked(None, view, language), question="which_reading", readings=meant)
        sure = probability >= self.classifier.sure
        alike = OF_THE_PRESENT if best in OF_THE_PRESENT else {likely[0][0]}
        plain = replace(
            _reading(best, language, sure=sure), belief=sum(belief.get(each, 0.0) for each in alike)
        )
        reading = extractor.details(plain)
        if sure:
            return reading
        others = [
            extractor.details(_reading(_answerable(intent), language))
            for intent, _ in likely[:READINGS]
        ]
        return replace(reading, readings=tuple(others))


def assembled(embed: Embed) -> Reader:
    """Return the reader of the model file; some seconds of work, and 400 MB."""
    embed([""])  # reads its weights now, and not while the first question waits
    arrays = load_model()
    classifier = Classifier.read(embed, arrays)
    return Reader(classifier, load_morphemes(), Attention.read(classifier, arrays))


def _answerable(intent: Intent) -> Intent:
    """Return an intent somebody answers: what nobody does is a wish that is told honestly."""
    return (
        intent
        if intent in ANSWERED_BY or intent in WORDS_ALONE or intent in _ORDERS
        else Intent.UNSUPPORTED
    )


def _kills_some(order: Order | None) -> bool:
    """Tell whether rows are to be killed beside something nobody does: "kill 1 and restart 2"."""
    return order is not None and Act.KILL in order.acts and bool(order.rows)


def _reading(intent: Intent, language: Language, *, sure: bool = True) -> Understanding:
    return Understanding(intent, ANSWERED_BY.get(intent, AgentName.NONE), language, sure=sure)


def _kill(order: Order, view: ThreadView, language: Language) -> Understanding:
    named = tuple(Having(Field.ID, one) for one in order.ids)
    selection = _either(named) if named else rows_selection(order.rows, view)
    return Understanding(
        Intent.KILL, AgentName.DATA_ENGINEER, language, selection=selection, evidence=("order",)
    )


def _asked(order: Order | None, view: ThreadView, language: Language) -> Understanding:
    """Ask, with the understood order as a button where rows were understood."""
    asked = Understanding(Intent.CLARIFY, AgentName.DATA_ENGINEER, language, question="which_one")
    if order is None or not order.rows or order.acts == {Act.SPARE}:
        return asked
    return replace(asked, readings=(_kill(order, view, language),))


def rows_selection(rows: Sequence[ListingRow], view: ThreadView) -> Selection:
    """Return what stands for exactly these rows: their ranks where they are listed, else ids."""
    listed = {row.ref: row.rank for row in view.rows}
    if all(row.ref in listed for row in rows):
        return Ranks(tuple(sorted(listed[row.ref] for row in rows)))
    return _either(tuple(Having(Field.ID, row.ref.id) for row in rows))


def _either(named: tuple[Having, ...]) -> Selection:
    return named[0] if len(named) == 1 else Either(named)


# Why a message is read as it is: who is spoken to, the intents, and the nearest labelled sentences.
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
