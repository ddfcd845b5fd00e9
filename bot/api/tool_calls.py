"""The six tools for callers: five that read, and one that asks people for a kill."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, StringConstraints, ValidationError
from pydantic import Field as Argument

from bot.agents.templates.kills import kill as kill_words
from bot.agents.templates.wording import Voice
from bot.api.core import Core
from bot.api.placing import PlacedProposals
from bot.api.problems import Problem
from bot.api.threads import ThreadId
from bot.api.tokens import Scope, Token
from bot.api.views import UNITS, ProposalView, ToolResult, lacking, proposal_view
from bot.domain.cluster import ClusterMetrics
from bot.domain.conversation import Turn
from bot.domain.knowledge import Found
from bot.domain.language import Language
from bot.errors import FaultKind, Missing
from bot.texts.missing import said
from bot.tools.assembly import build_read_tools
from bot.tools.get_spark_jobs import JobList
from bot.tools.kill_spark_job import MOST, KillFacts, kill_tool
from bot.tools.typed_tool import TypedTool

MOST_NODES = 100  # the busiest; a model has no use for ten thousand
SCHEDULERS = ("yarn", "spark")
ApplicationId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,128}$")]


@dataclass(frozen=True, slots=True)
class KillWish:
    """Whole ids of running applications, as listed, to be proposed on one card.

    `channel` is Slack's channel where people decide, if not the usual one; an `id` makes a
    repeated wish the same one.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    applications: Annotated[tuple[ApplicationId, ...], Argument(min_length=1, max_length=MOST)]
    channel: Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]{2,20}$")] | None = None
    language: Language | None = None
    id: ThreadId | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An application that is not on the card, and why."""

    id: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class KillTask:
    """The card that was made: nothing dies before a person approves it."""

    proposal: ProposalView
    left_out: tuple[LeftOut, ...]


class ToolCalls:
    """Calls the tools that a token may call."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._readers: dict[str, tuple[TypedTool, ...]] = {}  # to make one takes its milliseconds

    def readers(self, token: Token | None = None) -> tuple[TypedTool, ...]:
        """Return the five that read, for what a token's threads may see."""
        place = token.place if token else ""
        if place not in self._readers:
            self._readers[place] = build_read_tools(self._core.tools, place)
        return self._readers[place]

    async def read(self, token: Token, name: str, arguments: Mapping[str, Any]) -> ToolResult[Any]:
        """Return what a read tool found. Raises Problem, also where nothing could be read."""
        tool = next(each for each in self.readers(token) if each.name == name)
        if unknown := set(arguments) - set(tool.args):
            raise Problem(422, "unfit", f"No such argument: {', '.join(sorted(unknown))[:200]}.")
        try:
            return self._result(name, await tool.value(arguments))
        except ValidationError as error:
            places = (".".join(map(str, each["loc"])) for each in error.errors())
            raise Problem(422, "unfit", f"Unfit: {', '.join(places)[:200]}.") from None

    async def propose(self, token: Token, wish: KillWish) -> KillTask:
        """Put up a card for people. Raises Problem, naming in words why there is none."""
        core = self._core
        channel = wish.channel or core.channel
        if wish.channel and wish.channel not in core.channels:
            raise Problem(422, "other_channel", "Cards stand in no such channel.")
        tools = replace(core.tools, proposals=PlacedProposals(core.desk, channel, core.book.named))
        turn = self._turn(token, wish)
        facts: KillFacts = await kill_tool(tools, turn).value({"applications": wish.applications})
        if facts.proposal is None:
            raise _no_card(facts, Voice(turn.language, core.zone))
        left = (LeftOut(row.ref.id, row.name, why.value) for row, why in facts.left_out)
        return KillTask(proposal_view(facts.proposal, core.clock()), tuple(left))

    def _turn(self, token: Token, wish: KillWish) -> Turn:
        now, key = self._core.clock(), wish.id or uuid.uuid4().hex
        return Turn(
            id=f"{token.place}:kill:{key}",
            team=self._core.team,
            channel=token.place,
            thread_ts=f"kill-{key}",
            ts=f"{now.timestamp():.6f}",
            asker=token.asker,
            text="",
            language=wish.language or self._core.language or Language.KO,
            said_at=now,
            private=True,
        )

    def _result(self, name: str, value: Any) -> ToolResult[Any]:
        units: tuple[str, ...]
        missing = _missing(value)
        broken = {each.system for each in missing if not each.kind.lasting}
        match value:
            case ClusterMetrics(taken_at=at):
                sources = tuple(each for each in self._core.systems if each not in broken)
                empty, units = (
                    not sources,
                    ("percent", "cores", "memory", "network_in, network_out"),
                )
                value = replace(value, nodes=_busiest(value))
            case JobList(listing=listing):
                at = listing.taken_at
                measured = (listing.measurement.source.value,) if listing.measurement else ()
                read = (each for each in SCHEDULERS if each in self._core.systems)
                sources = (*(each for each in read if each not in broken), *measured)
                empty, units = not listing.rows, ("cores", "memory", "share")
            case Found(passages=passages):
                at, sources = self._core.clock(), tuple(each.source for each in passages)
                empty, units = not passages, ("score, strength",)
            case _:
                raise TypeError(name)
        if empty and (why := [each for each in missing if _failed(each)]):
            raise Problem(502, "unreadable", said(why, self._core.language or Language.EN))
        told = {unit: UNITS[unit] for unit in (*units, "time")}
        return ToolResult(name, self._core.cluster, at, sources, told, lacking(missing), value)


def _missing(value: Any) -> Sequence[Missing]:
    found = value.missing
    if isinstance(found, Missing):
        return (found,)
    return found or ()


def _failed(missing: Missing) -> bool:
    return not missing.kind.lasting and missing.kind is not FaultKind.NOT_CONFIGURED


def _busiest(metrics: ClusterMetrics) -> tuple[Any, ...]:
    nodes = sorted(metrics.nodes, key=lambda node: -(node.cpu_percent or 0))
    return tuple(nodes[:MOST_NODES])


def _no_card(facts: KillFacts, voice: Voice) -> Problem:
    if facts.missing:
        return Problem(502, "unreadable", said(facts.missing, voice.language))
    code = facts.refused or (facts.left_out[0][1].value if facts.left_out else "refused")
    status = 403 if code == "no_scope" else 409
    return Problem(status, code, kill_words(facts, voice).summary)


def result_type(tool: TypedTool) -> Any:
    """Return the type of what `ToolCalls.read` gives for a tool."""
    generic: Any = ToolResult
    return generic[tool.result]


def may_call(token: Token, scope: Scope) -> None:
    """Raise Problem (403) for a token without a scope."""
    if scope not in token.scopes:
        raise Problem(403, "no_scope", f"This token lacks the scope {scope.value}.")
