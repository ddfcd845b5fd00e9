"""Whether a line in a thread is for the bot, or people speak to each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bot.agents.reading.classifier import Classifier
from bot.agents.reading.features import Floats, flags_of, line_of, masked
from bot.agents.reading.linear import Linear
from bot.domain.conversation import Hearing, OverheardLine


@dataclass(frozen=True, slots=True)
class Attention:
    """Judges lines; a score above `threshold` is nearly never that of talk between people."""

    classifier: Classifier
    model: Linear
    threshold: float

    @classmethod
    def read(cls, classifier: Classifier, arrays: Mapping[str, NDArray[np.generic]]) -> Self:
        """Return the attention of a model file's arrays."""
        threshold = float(np.asarray(arrays["threshold"], dtype=np.float32))
        return cls(classifier, Linear.read(arrays, "attention"), threshold)

    def addressed(self, line: OverheardLine) -> Hearing:
        """Return whether a line is for us; one that mentions somebody is for them."""
        if line.to_person or not line.text.strip():
            return Hearing(addressed=False, score=-np.inf)
        meanings = self.classifier.embed([line.text, line.before or " "])
        intents = self.classifier.probabilities(line.text, line.view, meanings[0])
        letters = line_of(masked(line.text, line.view), masked(line.before, line.view))
        score = float(self.model.scores(letters, signs_of(line, meanings, intents))[0])
        return Hearing(score > self.threshold, score - self.threshold)


def signs_of(line: OverheardLine, meanings: Floats, intents: Floats) -> Floats:
    """Return the dense numbers of a line.

    `meanings` are the embeddings of the line and of the one before; `intents` what it would ask
    for if it were for us.
    """
    meaning, before = meanings if line.before else (meanings[0], np.zeros_like(meanings[0]))
    doubt = -float(intents @ np.log(intents + 1e-9))
    own = [bool(line.before), float(meaning @ before), np.log1p(len(line.text)) / 4]
    asked = [*(2 * intents), float(intents.max()), doubt / 3]
    signs = [flags_of(line.view), own, meaning, before / 2, asked]
    return np.concatenate(signs).astype(np.float32)
