"""`python -m tests.training.remainder`: makes the file that tells what a sentence asserts.

A line of `data/remainder.*.tsv` is a kind and a form; `[a|b]` in a form is one of several wordings,
and `@j`, `@u`, `@q` stand for a job, a person, a queue. A tool of development: scikit-learn is not
there in the product.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.agents.model.remainder import JOB, MODEL, PERSON, QUEUE, Assertion, masked, signs_of
from bot.agents.reading.features import BINS
from bot.agents.reading.linear import Linear

DATA = MODEL.with_name("data")
CHOICE = re.compile(r"\[([^\[\]]*)\]")
MARKS = {"@j": JOB, "@u": PERSON, "@q": QUEUE}
WORDINGS = 8  # of each form, so that a form of many choices does not drown the others


@dataclass(frozen=True, slots=True)
class Written:
    """A masked sentence of a kind; `form` tells which line it was made from."""

    kind: Assertion
    form: str
    text: str


def written() -> Iterator[Written]:
    """Yield the sentences of all forms, the same each time."""
    for path in sorted(DATA.glob("remainder.*.tsv")):
        for at, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            kind, form = line.split("\t")
            for text in wordings(form, random.Random(at)):
                yield Written(Assertion(kind), f"{path.stem} {at}", text)


def wordings(form: str, dice: random.Random) -> list[str]:
    """Return so many different wordings of a form, masked."""
    found: set[str] = set()
    for _ in range(3 * WORDINGS):
        text = form
        while CHOICE.search(text):
            text = CHOICE.sub(lambda match: dice.choice(match[1].split("|")), text)
        for mark, sign in MARKS.items():
            text = text.replace(mark, sign)
        found.add(masked(text, ()))
    return sorted(found)[:: max(1, len(found) // WORDINGS)][:WORDINGS]


def trained(rows: Sequence[Written]) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of the model file; the same for the same sentences."""
    signs = [signs_of(row.text) for row in rows]
    places = np.concatenate([each.places for each in signs])
    values = np.concatenate([each.values for each in signs])
    ends = np.cumsum([0, *(len(each.places) for each in signs)])
    matrix = csr_matrix((values, places, ends), shape=(len(rows), BINS))
    matrix.sum_duplicates()
    learning = LogisticRegression(C=3, max_iter=300, tol=1e-3, class_weight="balanced")
    learning.fit(matrix, [row.kind.value for row in rows])
    linear = Linear.of(learning.coef_, learning.intercept_)
    return {"kinds": learning.classes_.astype(str), **linear.arrays("kind")}


def main() -> None:
    """Train and write the file."""
    rows = list(written())
    np.savez_compressed(MODEL, allow_pickle=False, **trained(rows))
    print(f"{MODEL.name}: {len(rows)} sentences, {MODEL.stat().st_size / 1e6:.2f} MB")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
