"""The models come from the labelled sentences: whoever trains anew finds the same readings."""

import numpy as np
import pytest

from bot.agents.reading.classifier import MODEL, Classifier, load_model
from bot.agents.reading.labelled import Sentence, sentences
from bot.agents.reading.linear import Linear
from bot.domain.conversation import Intent
from bot.retrieval.knowledge import LocalEmbeddings
from tests.training.reader import Arrays, _asked_matrix, _fitted, trained

LARGEST = 4_000_000  # bytes
SAME = 0.995  # of the readings; the last bits of a fit differ from processor to processor


@pytest.fixture(scope="module")
def rows() -> list[Sentence]:
    return list(sentences())


def read_alike(rows: list[Sentence], anew: Arrays) -> float:
    """Return how many of the readings are the same by the kept model and by this one."""
    embed = LocalEmbeddings().vectors
    asked = [row for row in rows if row.intent is not None][::7]
    meanings = embed([row.text for row in asked])
    kept, made = (Classifier.read(embed, arrays) for arrays in (load_model(), anew))
    same = [
        np.argmax(kept.probabilities(row.text, row.view, meaning))
        == np.argmax(made.probabilities(row.text, row.view, meaning))
        for row, meaning in zip(asked, meanings, strict=True)
    ]
    return float(np.mean(same))


def test_what_is_asked_is_learnt_anew_as_it_is_kept(rows: list[Sentence]) -> None:
    """The checked-in weights of the intents are what the sentences make of them."""
    asked = [row for row in rows if row.intent is not None]
    matrix = _asked_matrix(asked, LocalEmbeddings().vectors([row.text for row in asked]))
    model = _fitted(matrix, np.array([str(row.intent) for row in asked]))
    weights = Linear.of(model.coef_, model.intercept_).arrays("intent")
    assert read_alike(rows, {**load_model(), **weights}) >= SAME


@pytest.mark.long
def test_training_anew_finds_the_same_readings(rows: list[Sentence]) -> None:
    """The whole file, with what is held against writers who were not learnt from."""
    assert read_alike(rows, trained(rows, LocalEmbeddings().vectors)) >= SAME


def test_the_models_are_small() -> None:
    """They are checked in."""
    assert MODEL.stat().st_size <= LARGEST


def test_there_are_sentences_for_every_intent(rows: list[Sentence]) -> None:
    """Each intent, in both languages, and talk between people."""
    told = {(row.intent, row.language) for row in rows}
    assert len(rows) >= 5000
    assert told == {(one, row.language) for one in [*Intent, None] for row in rows}


def test_no_sentence_is_there_twice(rows: list[Sentence]) -> None:
    """A sentence said twice would count twice."""
    keys = [(row.intent, row.text, row.context, row.before) for row in rows]
    assert len(set(keys)) == len(keys)


def test_readings_are_probabilities_with_the_likeliest_first() -> None:
    """Whoever asks back takes the first two."""
    classifier = Classifier.read(LocalEmbeddings().vectors, load_model())
    found = classifier.classify("지금 CPU 몇 프로야?", next(sentences()).view)
    shares = [share for _, share in found]
    assert found[0][0] is Intent.STATUS
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1, abs=1e-4)
