"""Putting meaning and words together, and saying when nothing fits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DENSE_SHARE = 0.5
# Below this nothing fits; calibrated on 90 questions of the trade and 105 off-topic ones
# (docs/knowledge.md).
ENOUGH = 0.325
# Pairs of letters cover less of a question: with the limit above 18 of the 90 were lost.
ENOUGH_IN_PAIRS = 0.26
# So near in meaning, it fits whatever words are used; no off-topic question more got through.
SURE_COSINE = 0.4
# A question that speaks the trade's language is believed sooner: by this much for each notion of
# it, up to two, and once more for a word that nobody else uses.
SOONER = 0.05
MOST_NOTIONS = 2
FLAT = 1e-9


@dataclass(frozen=True, slots=True)
class MatchScores:
    """What speaks for the best passages.

    `cosine` is the highest one in the local space, `coverage` the part of the asked words (by
    rarity) in one passage, `notions` how many notions of the trade the question speaks of,
    `trade` whether it names anything that only people of a data platform say,
    `analysed` whether words were compared, not pairs of letters.
    """

    cosine: float
    coverage: float
    notions: int
    trade: bool
    analysed: bool = True

    @property
    def strength(self) -> float:
        """Return how much it all says, 0 to 1; comparable between collections."""
        return DENSE_SHARE * max(0.0, self.cosine) + (1 - DENSE_SHARE) * self.coverage

    @property
    def fits(self) -> bool:
        """Return False when it is better to say that nothing was found."""
        familiar = min(self.notions, MOST_NOTIONS) + self.trade
        enough = ENOUGH if self.analysed else ENOUGH_IN_PAIRS
        return self.cosine >= SURE_COSINE or self.strength >= enough - SOONER * familiar


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
