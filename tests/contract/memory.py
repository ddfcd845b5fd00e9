"""In memory what the database keeps of guides, incidents and usage; the contract is run on both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import median

from bot.domain.applications import Application
from bot.domain.core_usage import UsageBaseline, UsageSum
from bot.domain.knowledge import GuideFigures, GuideNote, Incident, IncidentState
from bot.ports import Clock

DAY = timedelta(days=1)
NEAR = timedelta(minutes=30)
MOST_DAYS = 14


def _now() -> datetime:
    return datetime.now(UTC)


class MemoryFeedback:
    """Notes and votes, each with its time."""

    def __init__(self, *notes: GuideNote, clock: Clock = _now) -> None:
        self.clock = clock
        self.notes = {each.id: (clock(), each) for each in notes}
        self.votes: dict[tuple[str, int, str], tuple[datetime, bool]] = {}

    async def note(self, note: GuideNote) -> None:
        self.notes.setdefault(note.id, (self.clock(), note))

    async def noted(self, id_: str) -> GuideNote | None:
        return self.notes[id_][1] if id_ in self.notes else None

    async def vote(self, answer_id: str, passage: int, user: str, *, helpful: bool) -> None:
        self.votes[answer_id, passage, user] = (self.clock(), helpful)

    async def guides(self, since: datetime) -> GuideFigures:
        answers = sum(at >= since and each.page == 0 for at, each in self.notes.values())
        votes = [helpful for at, helpful in self.votes.values() if at >= since]
        return GuideFigures(answers, votes.count(True), votes.count(False))

    async def prune(self, older_than: timedelta) -> int:
        before = self.clock() - older_than
        old = [key for key, (at, _) in self.notes.items() if at < before]
        gone = [key for key, (at, _) in self.votes.items() if at < before]
        for each in old:
            del self.notes[each]
        for vote in gone:
            del self.votes[vote]
        return len(old) + len(gone)


class MemoryIncidents:
    """Offered records, each with its time."""

    def __init__(self, clock: Clock = _now) -> None:
        self.clock = clock
        self.offered: dict[str, tuple[datetime, Incident]] = {}

    async def offer(self, incident: Incident) -> Incident:
        return self.offered.setdefault(incident.id, (self.clock(), incident))[1]

    async def get(self, id_: str) -> Incident | None:
        return self.offered[id_][1] if id_ in self.offered else None

    async def decide(self, id_: str, state: IncidentState, user: str, key: str) -> Incident | None:
        if id_ not in self.offered:
            return None
        at, incident = self.offered[id_]
        if incident.state is IncidentState.OFFERED:
            incident = replace(incident, state=state, decided_by=user, decided_key=key)
            self.offered[id_] = (at, incident)
        return incident

    async def prune(self, older_than: timedelta) -> int:
        before = self.clock() - older_than
        old = [id_ for id_, (at, _) in self.offered.items() if at < before]
        for each in old:
            del self.offered[each]
        return len(old)


@dataclass
class MemoryUsage:
    """The samples of one cluster by slot, and the core-hours that were added."""

    slots: dict[datetime, list[Application]] = field(default_factory=dict)
    added: list[UsageSum] = field(default_factory=list)

    async def claim(self, slot: datetime) -> bool:
        return slot not in self.slots and self.slots.setdefault(slot, []) == []

    async def keep(self, slot: datetime, applications: Sequence[Application]) -> None:
        known = {each.ref: each for each in applications}.values()
        self.slots[slot] += (each for each in known if each.started_at and each.cores is not None)

    async def add(self, sums: Sequence[UsageSum]) -> None:
        hours = ((each, each.since.replace(minute=0, second=0, microsecond=0)) for each in sums)
        self.added += (replace(each, since=hour) for each, hour in hours)

    async def give_back(self, slot: datetime) -> None:
        del self.slots[slot]

    async def prune(self, before: datetime) -> int:
        old = [each for each in self.slots if each < before]
        sums = [each for each in self.added if each.since < before]
        self.added = [each for each in self.added if each.since >= before]
        return len(sums) + sum(1 + len(self.slots.pop(each)) for each in old)

    async def sums(self, since: datetime) -> tuple[UsageSum, ...]:
        return tuple(each for each in self.added if each.since >= since)

    async def habits(
        self, applications: Sequence[Application], at: datetime
    ) -> Mapping[str, UsageBaseline]:
        return {each.ref.id: self._habit(each, at) for each in applications}

    def _habit(self, app: Application, at: datetime) -> UsageBaseline:
        runs: dict[str, list[datetime]] = {}
        near: list[tuple[int, float]] = []
        for slot, sampled in sorted(self.slots.items()):
            for each in sampled:
                if (each.name, each.user) != (app.name, app.user) or each.ref == app.ref:
                    continue
                assert each.started_at is not None
                assert each.cores is not None
                runs.setdefault(each.ref.id, [each.started_at]).append(slot)
                day = round((at - slot) / DAY)
                if 0 < day <= MOST_DAYS and abs(at - day * DAY - slot) <= NEAR:
                    near += [(day, each.cores)] * (each.cores_basis is app.cores_basis)
        over = [times for times in runs.values() if times[-1] < max(self.slots)]
        lengths = [(times[-1] - times[0]).total_seconds() for times in over]
        return UsageBaseline(
            cores=median(cores for _, cores in near) if near else None,
            days=len({day for day, _ in near}),
            length=timedelta(seconds=median(lengths)) if lengths else None,
            runs=len(lengths),
        )
