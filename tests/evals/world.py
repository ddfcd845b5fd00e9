"""A cluster in memory behind the real agents: the ports' smallest fakes, for evals and flow tests."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from zoneinfo import ZoneInfo

from langgraph.checkpoint.memory import InMemorySaver

from bot.agents.answer import DraftWriter
from bot.agents.graph import Help, assemble
from bot.agents.model.port import Model
from bot.domain.answers import Answer, Show
from bot.domain.applications import Application, ApplicationRef, RunningApplications
from bot.domain.cluster import ClusterMetrics, NodeUsage, PastUsage, Window
from bot.domain.conversation import ThreadView, Turn, Understanding, Watch
from bot.domain.core_usage import NodeCores
from bot.domain.knowledge import Collection, Found, Passage
from bot.domain.language import Language, language_of
from bot.domain.proposals import Proposal, ProposalRequest, ProposalState, Target, TargetState
from bot.ports import Documents
from bot.services.conversations import Conversations
from bot.tools.toolbox import Toolbox
from bot.wiring import load_reader

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
CHANNEL = "C0ALERTS"
ASKER = "U0ASKER"
ZONE = ZoneInfo("Asia/Seoul")


@dataclass
class Scene:
    """What the cluster shows, and what the documents say."""

    metrics: ClusterMetrics
    applications: tuple[Application, ...] = ()
    total_cores: float | None = None
    earlier: Mapping[str, float] = field(default_factory=dict)
    protected: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    past: Callable[[datetime], PastUsage] | None = None


class MemoryCluster:
    """Health, applications and their history, as the scene has them."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    async def now(self) -> ClusterMetrics:
        return self.scene.metrics

    async def cpu(self, start: datetime, end: datetime, step: timedelta) -> Window | None:
        return self.scene.metrics.last_hour

    async def running(self) -> RunningApplications:
        scene = self.scene
        return RunningApplications(scene.metrics.taken_at, scene.applications, scene.total_cores)

    async def find(self, ref: ApplicationRef) -> Application | None:
        return next((item for item in self.scene.applications if item.ref == ref), None)

    async def cores_at(self, at: datetime) -> Mapping[str, float]:
        return self.scene.earlier

    async def cores_around(
        self, before: datetime, after: datetime
    ) -> tuple[float | None, float | None]:
        return None, None

    async def cores_on(self, nodes: Sequence[NodeUsage]) -> NodeCores | None:
        return None

    async def risen(self, applications: Sequence[str]) -> Mapping[str, tuple[datetime, float]]:
        return {}

    async def usage_at(self, at: datetime) -> PastUsage:
        return self.scene.past(at) if self.scene.past else PastUsage(at)


class MemoryProposals:
    """Proposals in a list; `made` holds every request."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.stored: list[Proposal] = []
        self.made: list[ProposalRequest] = []

    async def propose(self, request: ProposalRequest) -> Proposal:
        self.made.append(request)
        self.stored = [
            replace(item, state=ProposalState.CANCELLED)
            if item.state is ProposalState.PENDING
            else item
            for item in self.stored
        ]
        proposal = Proposal(
            id=request.id,
            team=request.team,
            channel=request.channel,
            thread_ts=request.thread_ts,
            requester=request.requester,
            language=request.language,
            targets=request.targets,
            digest="0" * 64,
            state=ProposalState.PENDING,
            votes=(),
            approvals_required=1,
            created_at=NOW,
            listed_at=request.listed_at,
            expires_at=NOW + timedelta(minutes=15),
        )
        self.stored.insert(0, proposal)
        return proposal

    async def get(self, proposal_id: str) -> Proposal | None:
        return next((item for item in self.stored if item.id == proposal_id), None)

    async def in_thread(self, channel: str, thread_ts: str) -> tuple[Proposal, ...]:
        return tuple(self.stored)

    async def since(self, at: datetime) -> tuple[Proposal, ...]:
        return tuple(item for item in self.stored if item.created_at >= at)

    async def withdraw(self, proposal_id: str, user: str) -> Proposal | None:
        found = next((item for item in self.stored if item.id == proposal_id), None)
        if found is None:
            return None
        withdrawn = replace(found, state=ProposalState.CANCELLED)
        self.stored[self.stored.index(found)] = withdrawn
        return withdrawn

    def protected(self, name: str, user: str, queue: str) -> bool:
        values = {"name": name, "user": user, "queue": queue}
        return any(
            fnmatch(values[pattern.partition(":")[0]], pattern.partition(":")[2])
            for pattern in self.scene.protected
        )

    def carry_out(self) -> None:
        """Pretend the open card was approved and its targets proved killed."""

        def dead(target: Target) -> Target:
            return replace(target, state=TargetState.SUCCEEDED)

        self.stored = [
            replace(
                item,
                state=ProposalState.DONE,
                targets=tuple(map(dead, item.targets)),
                decided_at=NOW,
                cpu_before=self.scene.metrics.cpu.percent if self.scene.metrics.cpu else None,
            )
            for item in self.stored
        ]


class MemoryDocuments:
    """Every passage of the collection, whatever is asked."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    async def search(
        self,
        collection: Collection,
        question: str,
        channel: str,
        limit: int = 3,
        *,
        language: Language | None = None,
    ) -> Found:
        found = [item for item in self.scene.passages if item.collection is collection]
        return Found(tuple(found[:limit]), strength=1.0)

    async def section(self, source: str, channel: str) -> Passage | None:
        names = (
            (item, {item.source, item.source.partition("#")[0]}) for item in self.scene.passages
        )
        return next((replace(item, source=source) for item, own in names if source in own), None)


class MemoryWatches:
    """Watches of one thread in a list."""

    def __init__(self) -> None:
        self.kept: list[Watch] = []

    async def add(self, watch: Watch) -> None:
        self.kept.append(watch)

    async def in_thread(self, channel: str, thread_ts: str) -> tuple[Watch, ...]:
        return tuple(self.kept)

    async def open(self) -> tuple[Watch, ...]:
        return tuple(self.kept)

    async def close(self, id_: str, state: str) -> bool:
        left = [each for each in self.kept if each.id != id_]
        closed = len(left) < len(self.kept)
        self.kept = left
        return closed


async def read_now(text: str, view: ThreadView) -> Understanding:
    """Read with the product's own reader, loaded once for all worlds."""
    return load_reader().understand(text, view)


class World:
    """One thread over a scene: ask, and look at what was proposed."""

    def __init__(
        self,
        scene: Scene,
        model: Model | None = None,
        given: Help | None = None,
        documents: Documents | None = None,
    ) -> None:
        self._given = given or Help(read_now)
        self.scene = scene
        self.cluster = MemoryCluster(scene)
        self.proposals = MemoryProposals(scene)
        self.tools = Toolbox(
            self.cluster,
            self.cluster,
            self.proposals,
            documents or MemoryDocuments(scene),
            None,
            self.cluster,
            spans=self._given.spans,
            watches=MemoryWatches(),
        )
        self._saver = InMemorySaver()
        self.thread = f"1777881600.{secrets.randbelow(1_000_000):06d}"  # its own budget
        self._turns = 0
        self.conversations = self._built(model)

    def with_model(self, model: Model) -> "World":
        """Let a model take part from here on, in the same thread."""
        self.conversations = self._built(model)
        return self

    def _built(self, model: Model | None) -> Conversations:
        given = replace(self._given, model=model or self._given.model)
        graph = assemble(self.tools, ZONE, self._saver, given)
        return Conversations(graph, _Kept(), _lock, draft=DraftWriter(ZONE), spans=given.spans)

    async def ask(
        self,
        text: str,
        reading: Understanding | None = None,
        *,
        asker: str = ASKER,
        show: Show | None = None,
    ) -> Answer:
        """Return the answer to one message in the thread; `show` gets it while a model writes."""
        self._turns += 1
        return await self.conversations.answer(self.turn(text, asker), reading, show)

    def turn(self, text: str, asker: str = ASKER) -> Turn:
        return Turn(
            id=f"turn-{self.thread}-{self._turns}",
            team="T0TEAM",
            channel=CHANNEL,
            thread_ts=self.thread,
            ts=f"1777881601.{self._turns:06d}",
            asker=asker,
            text=text,
            language=language_of(text),
            said_at=self.scene.metrics.taken_at,
        )


class _Kept:
    """Checkpoints in memory need no pruning."""

    async def prune(self, thread_id: str) -> None:
        await asyncio.sleep(0)

    async def latest(self, prefix: str) -> tuple[str, ...]:
        return ()

    async def forget_idle(self, kept: timedelta) -> int:
        await asyncio.sleep(0)
        return 0


@asynccontextmanager
async def _lock(_thread: str) -> AsyncIterator[None]:
    yield
