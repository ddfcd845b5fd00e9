"""What a message asks for: probabilities of the intents, by a model trained from sentences."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bot.agents.reading.features import Embed, Floats, flags_of, masked, state_of, words_of
from bot.agents.reading.linear import Linear
from bot.domain.conversation import Intent, ThreadView

ANYWHERE = 0.35
"""How much of a reading is what the words mean in any thread: few sentences were learnt in each."""
MODEL = Path(__file__).with_name("model.npz")


@dataclass(frozen=True, slots=True)
class Classifier:
    """Reads intents; `embed` is called once a message, with its words as they were typed.

    Scores are divided by `temperature` before they become probabilities, so that of the readings
    told with 80 % eight in ten are right. From `sure` on the likeliest is right more often than not.
    """

    embed: Embed
    intents: tuple[Intent, ...]
    model: Linear
    temperature: float
    sure: float

    @classmethod
    def read(cls, embed: Embed, arrays: Mapping[str, NDArray[np.generic]]) -> Self:
        """Return the classifier of a model file's arrays."""
        intents = tuple(Intent(str(name)) for name in arrays["intents"])
        temperature, sure = (float(np.asarray(arrays[one])) for one in ("temperature", "sure"))
        return cls(embed, intents, Linear.read(arrays, "intent"), temperature, sure)

    def classify(self, text: str, view: ThreadView) -> tuple[tuple[Intent, float], ...]:
        """Return every intent with its probability, the likeliest first."""
        (meaning,) = self.embed([text])
        probabilities = (1 - ANYWHERE) * self.probabilities(text, view, meaning)
        probabilities += ANYWHERE * self.probabilities(text, without_thread(view), meaning)
        order = np.argsort(-probabilities, kind="stable")
        return tuple((self.intents[one], float(probabilities[one])) for one in order)

    def probabilities(self, text: str, view: ThreadView, meaning: Floats) -> Floats:
        """Return a probability for each of `intents`; `meaning` is the text's embedding."""
        letters = words_of(masked(text, view), state_of(view))
        dense = np.concatenate([flags_of(view), meaning])
        return softmax(self.model.scores(letters, dense) / self.temperature)


def without_thread(view: ThreadView) -> ThreadView:
    """Return the same knowledge of names in a thread where nothing was shown yet."""
    return replace(view, listed=0, open_card=False, on_card=(), kills_proved=False, looked_at=False)


def softmax(scores: Floats) -> Floats:
    """Return scores as probabilities, along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def load_model(path: Path = MODEL) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of the model file, 4 MB at most."""
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)
