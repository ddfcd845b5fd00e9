"""What a tool is, and the ports that the six of them look through; none changes a cluster."""

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar, get_type_hints

from langchain_core.tools import StructuredTool
from pydantic import AfterValidator, Field, TypeAdapter

from bot.domain.applications import RunningApplications
from bot.domain.cluster import NodeUsage, PastUsage
from bot.domain.core_usage import NodeCores, UsageBaseline, UsageSum, by_owner
from bot.domain.knowledge import Collection, Found, Passage
from bot.domain.language import Language
from bot.domain.proposals import DecidingRules
from bot.domain.runaway import large
from bot.errors import BackendError, FaultKind, Missing, StorageError
from bot.observability import Spans
from bot.ports import (
    Applications,
    ClusterHealth,
    Documents,
    GuideNotes,
    People,
    Proposals,
    UsageBaselines,
    UsageHistory,
    Watches,
    WebSearch,
)

P = ParamSpec("P")
Result = TypeVar("Result")


def traced(
    tool: Callable[Concatenate["Toolbox", P], Awaitable[Result]],
) -> Callable[Concatenate["Toolbox", P], Coroutine[Any, Any, Result]]:
    """Return the tool as a step that is timed."""

    @wraps(tool)
    async def run(self: "Toolbox", /, *args: P.args, **kwargs: P.kwargs) -> Result:
        with self.spans.step(f"tool {tool.__name__}"):
            return await tool(self, *args, **kwargs)

    return run


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What can be looked at and proposed; `documents`, `web` and `history` may not be set up."""

    health: ClusterHealth
    applications: Applications
    proposals: Proposals
    documents: Documents | None = None
    web: WebSearch | None = None
    history: UsageHistory | None = None
    notes: GuideNotes | None = None
    habits: UsageBaselines | None = None
    spans: Spans = field(default_factory=Spans)
    deciding: DecidingRules | None = None
    people: People | None = None
    watches: Watches | None = None

    @traced
    async def cores_at(self, at: datetime) -> Mapping[str, float]:
        """Read what each application used at an earlier time, to see what has grown."""
        return await self.history.cores_at(at) if self.history is not None else {}

    async def cores_on(self, nodes: Sequence[NodeUsage]) -> NodeCores | None:
        """Read what each application uses on some nodes; None of no nodes, or where nothing tells."""
        return await self.history.cores_on(nodes) if self.history is not None and nodes else None

    async def risen(self, applications: Sequence[str]) -> Mapping[str, tuple[datetime, float]]:
        """Tell since when those of these ids that rose use so much, as far as that is kept."""
        return await self.history.risen(applications) if self.history is not None else {}

    @traced
    async def usage_at(self, at: datetime) -> PastUsage:
        """Read what was measured around an earlier time, to compare the present with it."""
        if self.history is None:
            return PastUsage(at, missing=(Missing("prometheus", FaultKind.NOT_CONFIGURED),))
        return await self.history.usage_at(at)

    async def usual(
        self, snapshot: RunningApplications, here: NodeCores | None = None
    ) -> Mapping[str, UsageBaseline] | None:
        """Read what the large applications usually do, by id; None when that cannot be known."""
        if self.habits is None:
            return None
        try:
            return await self.habits.habits(large(snapshot, here), snapshot.taken_at)
        except StorageError:
            return None

    async def usage_sums(self, since: datetime) -> tuple[UsageSum, ...]:
        """Read the core-hours each owner used and was granted since a time, as far as was kept."""
        if self.habits is None:
            return ()
        try:
            return by_owner(await self.habits.sums(since))
        except StorageError:
            return ()

    async def whole_section(self, source: str, channel: str) -> Passage | None:
        """Read a whole section or document; None when it cannot be read from this channel."""
        if self.documents is None:
            return None
        try:
            return await self.documents.section(source, channel)
        except BackendError:
            return None

    async def names(self, users: Iterable[str]) -> dict[str, str]:
        """Read people's names by Slack id; one that Slack does not tell is left out."""
        if self.people is None:
            return {}
        known: dict[str, str] = {}
        for user in dict.fromkeys(users):
            try:
                person = await self.people.person(user)
            except BackendError:
                continue
            if person.name:
                known[user] = person.name
        return known

    async def approvers(self) -> tuple[str, ...]:
        """Read who may approve, as Slack ids; of a group Slack does not tell of, nobody."""
        if self.deciding is None:
            return ()
        members: frozenset[str] = frozenset()
        if self.deciding.group is not None and self.people is not None:
            with suppress(BackendError):
                members = await self.people.group_members(self.deciding.group)
        return tuple(dict.fromkeys((*self.deciding.approvers, *sorted(members))))

    async def search(
        self,
        collection: Collection,
        question: str,
        channel: str,
        limit: int,
        least: float,
        *,
        language: Language | None = None,
    ) -> Found:
        """Search one collection; nothing that less than `least` speaks for is given."""
        if self.documents is None:
            return Found(missing=Missing(collection.value, FaultKind.NOT_CONFIGURED))
        try:
            found = await self.documents.search(
                collection, question, channel, limit, language=language
            )
        except BackendError as error:
            return Found(missing=error.missing)
        return found if found.strength >= least else replace(found, passages=())


Run = Callable[..., Awaitable[Any]]
LONGEST = 200  # characters of a question that are searched with
Question = Annotated[str, Field(min_length=1), AfterValidator(lambda text: text[:LONGEST])]


class TypedTool(StructuredTool):
    """A tool whose artifact is a value of the type `result`; its text is that value as JSON.

    Units, and what may be unknown, stand in the docstrings of the types, which are part of the
    schema of the result.
    """

    result: Any

    async def value(self, arguments: Mapping[str, Any]) -> Any:
        """Return the typed value. Raises pydantic's ValidationError for arguments that do not fit."""
        call = {"type": "tool_call", "id": "", "name": self.name, "args": dict(arguments)}
        return (await self.ainvoke(call)).artifact


def typed(name: str, run: Run) -> TypedTool:
    """Return a function as a tool: its docstring, arguments and result type are the tool's."""
    result = get_type_hints(run, include_extras=True)["return"]
    adapter = TypeAdapter[Any](result)

    @wraps(run)
    async def told(**given: Any) -> tuple[str, Any]:
        value = _without_detail(await run(**given))
        return adapter.dump_json(value, exclude_none=True).decode(), value

    bare = StructuredTool.from_function(coroutine=run, name=name)
    return TypedTool(
        name=name,
        description=bare.description,
        args_schema=bare.args_schema,
        coroutine=told,
        response_format="content_and_artifact",
        result=result,
    )


def _without_detail(value: Any) -> Any:
    """Leave out of what is missing the line for the log, which may hold addresses."""
    missing = getattr(value, "missing", None)
    if isinstance(missing, Missing):
        return replace(value, missing=replace(missing, detail=""))
    if missing:
        return replace(value, missing=tuple(replace(each, detail="") for each in missing))
    return value
