"""What a health digest is made of."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.alerts import Investigation
from bot.domain.cluster import ClusterMetrics, Window
from bot.domain.conversation import Listing
from bot.domain.knowledge import GuideFigures
from bot.domain.proposals import Proposal


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """The cluster now and since `since`; `heaviest` is a list of what runs now."""

    since: datetime
    metrics: ClusterMetrics
    window: Window | None
    heaviest: Listing
    investigations: tuple[Investigation, ...]
    proposals: tuple[Proposal, ...]
    guides: GuideFigures = field(default_factory=GuideFigures)

    @property
    def eventful(self) -> bool:
        """True when there is more to say than that all is well."""
        return bool(self.investigations or self.proposals or self.metrics.missing)
