"""`python -m bot.agents.reading.train`: makes the model file from the labelled sentences.

A tool of development: scikit-learn is not there in the product.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from bot.agents.reading.classifier import MODEL, softmax
from bot.agents.reading.features import (
    BINS,
    Embed,
    Floats,
    Hashed,
    flags_of,
    masked,
    state_of,
    words_of,
)
from bot.agents.reading.labelled import Sentence, sentences
from bot.agents.reading.linear import Linear

Arrays = dict[str, NDArray[np.generic]]
_FOLDS = 3
_TEMPERATURES = np.arange(0.4, 2.5, 0.05)


@dataclass(frozen=True)
class _Examples:
    """What is learnt from: a row of numbers, a label and the imagined platform for each sentence."""

    rows: csr_matrix
    labels: NDArray[np.str_]
    platforms: NDArray[np.str_]


def trained(rows: Sequence[Sentence], embed: Embed) -> Arrays:
    """Return the arrays of the model file; the same for the same sentences."""
    asked = [row for row in rows if row.intent is not None]
    meanings = embed([row.text for row in asked])
    examples = _Examples(
        matrix(
            [words_of(masked(row.text, row.view), state_of(row.view)) for row in asked],
            np.stack(
                [
                    np.concatenate([flags_of(row.view), m])
                    for row, m in zip(asked, meanings, strict=True)
                ]
            ),
        ),
        np.array([str(row.intent) for row in asked]),
        np.array([row.platform for row in asked]),
    )
    model = _fitted(examples.rows, examples.labels)
    return {
        "intents": model.classes_.astype(str),
        "temperature": np.array(_temperature(examples), dtype=np.float32),
        **Linear.of(model.coef_, model.intercept_).arrays("intent"),
    }


def matrix(letters: Sequence[Hashed], dense: Floats) -> csr_matrix:
    """Return one row a sentence: BINS places, then the dense numbers."""
    ends = np.cumsum([0, *(len(each.places) for each in letters)])
    places = np.concatenate([each.places for each in letters])
    values = np.concatenate([each.values for each in letters])
    sparse = csr_matrix((values, places, ends), shape=(len(letters), BINS))
    sparse.sum_duplicates()
    return hstack([sparse, csr_matrix(dense)]).tocsr()


def _fitted(rows: csr_matrix, labels: NDArray[np.str_]) -> LogisticRegression:
    return LogisticRegression(C=10, max_iter=300, tol=1e-3, class_weight="balanced").fit(
        rows, labels
    )


def _temperature(examples: _Examples) -> float:
    """Return what makes probabilities true on platforms whose sentences were not learnt from."""
    folds = GroupKFold(_FOLDS).split(examples.rows, groups=examples.platforms)
    scores, at = [], []
    for learnt, kept in folds:
        model = _fitted(examples.rows[learnt], examples.labels[learnt])
        scores.append(model.decision_function(examples.rows[kept]))
        at.append(np.searchsorted(model.classes_, examples.labels[kept]))
    all_scores, right = np.concatenate(scores), np.concatenate(at)
    losses = [
        -np.log(
            softmax((all_scores / one).astype(np.float32))[np.arange(len(right)), right] + 1e-9
        ).mean()
        for one in _TEMPERATURES
    ]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def main() -> None:
    """Train and write the file."""
    from bot.retrieval.embeddings import LocalEmbeddings  # noqa: PLC0415 - of a higher room: for this tool alone

    arrays = trained(list(sentences()), LocalEmbeddings().vectors)
    np.savez_compressed(MODEL, allow_pickle=False, **arrays)
    print(f"{MODEL.name}: {MODEL.stat().st_size / 1e6:.2f} MB")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
