"""What a health digest is made of."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.alerts import Investigation
from bot.domain.cluster import ClusterMetrics, Window
from bot.domain.conversation import Listing
from bot.domain.core_usage import UsageSum
from bot.domain.knowledge import GuideFigures
from bot.domain.proposals import Proposal


@dataclass(frozen=True, slots=True)
class Earlier:
    """The period of the same length before: mean CPU in percent where known, alerts and kills."""

    cpu: float | None = None
    alerts: int = 0
    kills: int = 0


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """The cluster now and since `since`; `heaviest` is a list of what runs now.

    `earlier` is None where nothing is known of the period before; `usage` are core-hours by
    owner, the most used first.
    """

    since: datetime
    metrics: ClusterMetrics
    window: Window | None
    heaviest: Listing
    investigations: tuple[Investigation, ...]
    proposals: tuple[Proposal, ...]
    guides: GuideFigures = field(default_factory=GuideFigures)
    earlier: Earlier | None = None
    usage: tuple[UsageSum, ...] = ()

    @property
    def eventful(self) -> bool:
        """True when there is more to say than that all is well."""
        return bool(self.investigations or self.proposals or self.metrics.missing)
