"""`python -m tests.evals.reading FILE...`: how the models alone read rows of the talk or room format.

A row says `context`, `before` (pairs of who and words), `text`, `mention`, `intent` (`silent`: not
for the bot) and what is equally right (`also`). Names are those of the evaluation platform, or of the
`platform` that a row names among those the labelled sentences imagine.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.agents.reading.attention import Attention
from bot.agents.reading.classifier import Classifier, load_model
from bot.agents.reading.labelled import view_of
from bot.domain.conversation import OverheardLine
from bot.retrieval.knowledge import LocalEmbeddings

PLATFORM = "prod-dw"
SILENT = "silent"
Json = dict[str, Any]


@dataclass(frozen=True)
class Scored:
    """One row: whether it was taken to be for the bot, what was read, and whether that is right."""

    row: Json
    addressed: bool
    intent: str
    right: bool

    @property
    def overheard(self) -> bool:
        """True when the row is talk between people."""
        return bool(self.row["intent"] == SILENT)


def scored(rows: Sequence[Json], attention: Attention) -> Iterator[Scored]:
    """Yield each row's verdict; a row that mentions the bot, or is no thread's, is for it."""
    for row in rows:
        view = view_of(row["context"], row.get("platform", PLATFORM))
        before = row["before"][-1][1] if row["before"] else ""
        line = OverheardLine(row["text"], view, before, to_person="<@" in row["text"])
        spoken_to = row["mention"] or row["context"] == "none"
        intent = attention.classifier.classify(row["text"], view)[0][0].value
        yield Scored(
            row,
            spoken_to or attention.addressed(line).addressed,
            intent,
            intent in {row["intent"], *row["also"]},
        )


def figures(found: Sequence[Scored]) -> dict[str, float]:
    """Return the shares, each over the rows it is about."""
    talk = [each for each in found if each.overheard]
    asked = [each for each in found if not each.overheard]
    told = {
        "overheard_answered": [each.addressed for each in talk],
        "addressed_heard": [each.addressed for each in asked],
        "intent_right": [each.right for each in asked],
        "heard_and_right": [each.addressed and each.right for each in asked],
    }
    return {name: sum(each) / len(each) for name, each in told.items() if each}


def main(paths: Sequence[str]) -> None:
    """Print the figures of each file, and every row that went wrong."""
    arrays = load_model()
    attention = Attention.read(Classifier.read(LocalEmbeddings().vectors, arrays), arrays)
    for path in map(Path, paths):
        lines = path.read_text(encoding="utf-8").splitlines()
        found = list(scored([json.loads(line) for line in lines if line], attention))
        for each in found:
            if each.addressed is each.overheard or not (each.overheard or each.right):
                row = each.row
                print(row["id"], row["context"], row["intent"], "->", each.intent, row["text"])  # noqa: T201 - a report
        print(path.name, len(found), figures(found))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
