"""`python -m tests.training.reader`: makes the model file from the labelled sentences.

A tool of development: scikit-learn is not there in the product.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from bot.agents.reading.attention import signs_of
from bot.agents.reading.classifier import ANYWHERE, MODEL, softmax, without_thread
from bot.agents.reading.features import (
    BINS,
    Embed,
    Floats,
    Hashed,
    flags_of,
    line_of,
    masked,
    state_of,
    words_of,
)
from bot.agents.reading.labelled import Sentence, sentences
from bot.agents.reading.linear import Linear
from bot.domain.conversation import OverheardLine, ThreadView

Arrays = dict[str, NDArray[np.generic]]
Labels = NDArray[np.str_]
_FOLDS = 4
_TEMPERATURES = np.arange(0.4, 2.5, 0.05)
_SURE, _NEAR, _OFTENER = np.arange(0.2, 0.6, 0.02), 0.05, 0.5
_ANSWERED = 0.022  # so much of the talk of people who were not learnt from may pass for ours
# Orders with nothing before them say little of a room, where their writer wrote hardly any talk.
_ORDERS_ONLY, _HARDLY = 0.1, 0.2


def trained(rows: Sequence[Sentence], embed: Embed) -> Arrays:
    """Return the arrays of the model file; the same for the same sentences."""
    meanings = embed([row.text for row in rows])
    before = embed([row.before or " " for row in rows])
    read = _asked_matrix(rows, meanings)
    labels = np.array([str(row.intent) for row in rows])
    asked = np.array([row.intent is not None for row in rows])
    model = _fitted(read[asked], labels[asked])
    anywhere = _asked_matrix(rows, meanings, without_thread)
    unseen, alone = _unseen_scores((read, anywhere), labels, [row.platform for row in rows])
    right = np.searchsorted(model.classes_, labels[asked])
    temperature = _temperature(unseen[asked], right)
    intents = softmax(unseen / np.float32(temperature))
    told = (1 - ANYWHERE) * intents + ANYWHERE * softmax(alone / np.float32(temperature))
    lines = _line_matrix(rows, np.stack([meanings, before], axis=1), intents)
    room = np.array([row.context != "none" for row in rows])
    attention, threshold = _attention(
        lines[room], asked[room], [row for row in rows if row.context != "none"]
    )
    return {
        "intents": model.classes_.astype(str),
        "temperature": np.array(temperature, dtype=np.float32),
        "sure": np.array(_sure(told[asked], right), dtype=np.float32),
        "threshold": np.array(threshold, dtype=np.float32),
        **Linear.of(model.coef_, model.intercept_).arrays("intent"),
        **Linear.of(attention.coef_, attention.intercept_).arrays("attention"),
    }


def _asked_matrix(
    rows: Sequence[Sentence],
    meanings: Floats,
    seen: Callable[[ThreadView], ThreadView] = lambda view: view,
) -> csr_matrix:
    views = [seen(row.view) for row in rows]
    letters = [
        words_of(masked(row.text, view), state_of(view))
        for row, view in zip(rows, views, strict=True)
    ]
    flags = np.stack(list(map(flags_of, views)))
    return _matrix(letters, np.concatenate([flags, meanings], axis=1))


def _line_matrix(rows: Sequence[Sentence], meanings: Floats, intents: Floats) -> csr_matrix:
    """Return the rows for attention; `meanings` is (rows, 2, DIMENSION)."""
    letters = [line_of(masked(row.text, row.view), masked(row.before, row.view)) for row in rows]
    lines = [OverheardLine(row.text, row.view, row.before) for row in rows]
    return _matrix(letters, np.stack(list(map(signs_of, lines, meanings, intents))))


def _matrix(letters: Sequence[Hashed], dense: Floats) -> csr_matrix:
    """Return one row a sentence: BINS places, then the dense numbers."""
    ends = np.cumsum([0, *(len(each.places) for each in letters)])
    places = np.concatenate([each.places for each in letters])
    values = np.concatenate([each.values for each in letters])
    sparse = csr_matrix((values, places, ends), shape=(len(letters), BINS))
    sparse.sum_duplicates()
    return hstack([sparse, csr_matrix(dense)]).tocsr()


def _fitted(rows: csr_matrix, labels: Labels) -> LogisticRegression:
    learning = LogisticRegression(C=3, max_iter=300, tol=1e-3, class_weight="balanced")
    return learning.fit(rows, labels)


def _unseen_scores(
    read: Sequence[csr_matrix], labels: Labels, writers: Sequence[str]
) -> list[Floats]:
    """Return the rows' scores by models that learnt nothing from their writers, for each matrix.

    They learn from the first.
    """
    asked = labels != str(None)
    scores = [np.zeros((len(labels), len(set(labels[asked]))), dtype=np.float32) for _ in read]
    for learnt, kept in GroupKFold(_FOLDS).split(labels, labels, writers):
        known = learnt[asked[learnt]]
        model = _fitted(read[0][known], labels[known])
        for each, rows in zip(scores, read, strict=True):
            each[kept] = model.decision_function(rows[kept])
    return scores


def _temperature(scores: Floats, right: NDArray[np.int64]) -> float:
    """Return what makes the probabilities of these scores true."""
    at = np.arange(len(right))
    losses = [
        -np.log(softmax(scores / np.float32(one))[at, right] + 1e-9).mean() for one in _TEMPERATURES
    ]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _sure(intents: Floats, right: NDArray[np.int64]) -> float:
    """Return the probability from which on the likeliest reading is right more often than not."""
    likeliest = intents.max(axis=1)
    hit = intents.argmax(axis=1) == right
    for least in _SURE:
        near = np.abs(likeliest - least) < _NEAR
        if hit[near].mean() >= _OFTENER:
            return float(least)
    return float(_SURE[-1])


def _attention(
    lines: csr_matrix, asked: NDArray[np.bool_], rows: Sequence[Sentence]
) -> tuple[LogisticRegression, float]:
    """Return the model, and the score above which a line is taken to be for us."""
    platforms = np.array([row.platform for row in rows])
    talkative = set(platforms[~asked])
    shares = {one: (~asked[platforms == one]).mean() for one in set(platforms)}
    weights = np.array([_weight(row, shares[row.platform]) for row in rows])
    scores = []
    for writer in sorted(talkative):
        others, talk = platforms != writer, (platforms == writer) & ~asked
        model = _heard(lines[others], asked[others], weights[others])
        scores.append(model.decision_function(lines[talk]))
    threshold = float(np.quantile(np.concatenate(scores), 1 - _ANSWERED))
    return _heard(lines, asked, weights), threshold


def _weight(row: Sentence, talk: float) -> float:
    """Return how much a line counts whose writer wrote so large a share of talk."""
    in_talk = talk > 0 and (row.intent is None or row.before)
    return 1.0 if talk >= _HARDLY or in_talk else _ORDERS_ONLY


def _heard(
    lines: csr_matrix, asked: NDArray[np.bool_], weights: NDArray[np.float64]
) -> LogisticRegression:
    learning = LogisticRegression(C=3, max_iter=300, tol=1e-3)
    return learning.fit(lines, asked, sample_weight=weights)


def main() -> None:
    """Train and write the file."""
    from bot.retrieval.knowledge import LocalEmbeddings  # noqa: PLC0415 - of a higher room: for this tool alone

    arrays = trained(list(sentences()), LocalEmbeddings().vectors)
    np.savez_compressed(MODEL, allow_pickle=False, **arrays)
    print(f"{MODEL.name}: {MODEL.stat().st_size / 1e6:.2f} MB")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
