"""`python -m tests.training.judge`: makes the judge's file from labelled questions.

What is on our subject comes from `data/on_topic.tsv` and the reader's sentences, what is not from
`data/off_topic.tsv` and its other subjects; each line names a field, so that whole fields can be
left out to see what the judge makes of them. A tool of development: scikit-learn is not there in
the product.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.agents.reading.labelled import sentences
from bot.domain.conversation import Intent
from bot.retrieval.documents import FOLDERS
from bot.retrieval.knowledge import Knowledge, LocalEmbeddings, default_source, local_space
from bot.retrieval.library import MODEL, Floats, Judge, Library, open_library

DATA = MODEL.with_name("data")
ON_TOPIC = (Intent.HOW_TO, Intent.HISTORY, Intent.DIAGNOSE)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question of one field, and whether that field is ours."""

    ours: bool
    field: str
    text: str


def questions() -> Iterator[Labelled]:
    """Yield the labelled questions."""
    for name in ("on_topic", "off_topic"):
        for line in (DATA / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
            field, text = line.split("\t")
            yield Labelled(name == "on_topic", f"{name} {field}", text.replace("\\n", "\n"))
    for row in sentences():
        if row.intent in ON_TOPIC or row.intent is Intent.OUT_OF_SCOPE:
            yield Labelled(row.intent in ON_TOPIC, f"{row.intent} {row.platform}", row.text)


def signs_of(library: Library, text: str) -> Floats:
    """Return what a search tells, of the collection that has more to say."""
    told = (library.signed(each, text, "", 1)[0].numbers for each in FOLDERS)
    return max(told, key=lambda signs: float(signs[0] + signs[1]))


def seen(rows: Sequence[Labelled]) -> tuple[Floats, Floats]:
    """Return the signs, over the pages the product ships, and the meanings of every question."""
    texts = [row.text for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        knowledge = Knowledge(Path(folder), local_space(), source=default_source())
        library = open_library(knowledge, lambda _done, _total: None)
        signs = np.stack([signs_of(library, text) for text in texts])
        library.close()
    return signs, LocalEmbeddings().vectors(texts)


def trained(rows: Sequence[Labelled], signs: Floats, meanings: Floats) -> Judge:
    """Return the judge; the same for the same questions."""
    scale = Judge(signs.mean(axis=0), signs.std(axis=0), np.zeros(0, np.float32), 0.0)
    model = LogisticRegression(C=1.0, max_iter=1000, class_weight="balanced")
    model.fit(scale.seen(signs, meanings), [row.ours for row in rows])
    weights = model.coef_[0].astype(np.float32)
    return Judge(scale.mean, scale.spread, weights, float(model.intercept_[0]))


def main() -> None:
    """Train and write the file."""
    rows = list(questions())
    judge = trained(rows, *seen(rows))
    arrays = {"mean": judge.mean, "spread": judge.spread, "weights": judge.weights}
    np.savez_compressed(MODEL, allow_pickle=False, bias=np.float32(judge.bias), **arrays)
    print(f"{MODEL.name}: {len(rows)} questions")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
