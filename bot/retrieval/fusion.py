"""Putting meaning and words together, and saying when nothing fits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DENSE_SHARE = 0.5
# A cosine of .4 in the local space is as sure as every asked word being found.
SURE_COSINE = 0.4
# Below these nothing fits; calibrated on questions of the trade and off-topic ones
# (tests/unit/retrieval). A question that speaks the trade's language is believed sooner.
ENOUGH = 0.35
ENOUGH_OF_THE_TRADE = 0.16
FLAT = 1e-9


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for the best passages.

    `cosine` is the highest one in the local space, `coverage` the part of the asked words (by
    rarity) in one passage, `trade` whether the question names anything of a data platform.
    """

    cosine: float
    coverage: float
    trade: bool

    @property
    def strength(self) -> float:
        """Return how much it all says, 0 to 1; comparable between collections."""
        dense = min(1.0, max(0.0, self.cosine) / SURE_COSINE)
        return DENSE_SHARE * dense + (1 - DENSE_SHARE) * self.coverage

    @property
    def fits(self) -> bool:
        """Return False when it is better to say that nothing was found."""
        return self.strength >= (ENOUGH_OF_THE_TRADE if self.trade else ENOUGH)


def fused(
    ids: Sequence[str], cosines: Mapping[str, float], words: Mapping[str, float]
) -> list[tuple[str, float]]:
    """Return the candidates with their score (0 to 1), best first.

    Both scores are stretched to 0..1 over the candidates and averaged.
    """
    dense = _stretched({id_: cosines.get(id_, 0.0) for id_ in ids})
    lexical = _stretched({id_: words.get(id_, 0.0) for id_ in ids})
    scores = {id_: DENSE_SHARE * dense[id_] + (1 - DENSE_SHARE) * lexical[id_] for id_ in ids}
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def _stretched(values: Mapping[str, float]) -> dict[str, float]:
    low, high = min(values.values(), default=0.0), max(values.values(), default=0.0)
    if high - low < FLAT:
        return dict.fromkeys(values, 0.0)
    return {id_: (value - low) / (high - low) for id_, value in values.items()}
