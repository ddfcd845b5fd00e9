"""The read-only tools of a model's loop: it looks further before it writes, and changes nothing."""

import json
from collections.abc import Callable
from typing import Literal

from langchain_core.tools import BaseTool, StructuredTool

from bot.agents.model.evidence import Evidence
from bot.agents.model.gathered import documents, jobs_evidence, metrics_evidence
from bot.agents.model.untrusted_text import UntrustedText
from bot.domain.conversation import Query, Turn
from bot.domain.listings import frozen
from bot.domain.selections import Measure
from bot.tools.toolbox import Toolbox

ROWS = 10
SEARCH_LENGTH = 200
NO_TOOLS = "Nothing was found."


class Reads:
    """The tools of one loop, and the evidence of the turn with what they have given so far."""

    def __init__(
        self,
        turn: Turn,
        tools: Toolbox,
        redact: Callable[[str], str],
        fence: UntrustedText,
        evidence: Evidence,
    ) -> None:
        self.evidence = evidence
        self._turn = turn
        self._tools = tools
        self._redact = redact
        self._fence = fence

    def tools(self) -> list[BaseTool]:
        """Return the read-only tools, described by the docstrings below."""
        reads = (
            self.get_cluster_metrics,
            self.get_spark_jobs,
            self.search_operation_manual,
            self.search_operation_history,
            self.search_internet_info,
        )
        return [StructuredTool.from_function(coroutine=read, name=read.__name__) for read in reads]

    async def get_cluster_metrics(self) -> str:
        """Read how busy the cluster is now: CPU, memory, disk, nodes, queues, the last hour."""
        return self._noted("cluster", metrics_evidence(await self._tools.get_cluster_metrics()))

    async def get_spark_jobs(self, by: Literal["cpu", "memory", "duration"] = "cpu") -> str:
        """List the ten first running Spark applications by CPU, memory or running time."""
        query = Query(by=Measure(by), count=ROWS)
        jobs = await self._tools.get_spark_jobs(query)
        listing = frozen(jobs.rows, query, jobs.snapshot)
        return self._noted("applications", jobs_evidence(listing.rows, listing.taken_at))

    async def search_operation_manual(self, question: str) -> str:
        """Search our operation manual."""
        found = await self._tools.search_operation_manual(
            question[:SEARCH_LENGTH], self._turn.channel
        )
        return self._noted("operation manual", documents(found))

    async def search_operation_history(self, question: str) -> str:
        """Search our past incidents and what was done about them."""
        found = await self._tools.search_operation_history(
            question[:SEARCH_LENGTH], self._turn.channel
        )
        return self._noted("operation history", documents(found))

    async def search_internet_info(self, question: str) -> str:
        """Search trusted web sites; only when manual and history are silent."""
        found = await self._tools.search_internet_info(question[:SEARCH_LENGTH])
        return self._noted("web", documents(found))

    def _noted(self, source: str, found: Evidence) -> str:
        """Keep what was read as evidence, and return it as the model reads it."""
        self.evidence = self.evidence.joined(found)
        if found.empty:
            return NO_TOOLS
        if found.passages:
            known = [source for source, _ in self.evidence.passages]
            numbered = ((known.index(where) + 1, where, text) for where, text in found.passages)
            text = "\n\n".join(f"[{number}] ({where}) {text}" for number, where, text in numbered)
        else:
            text = json.dumps(found.told, ensure_ascii=False, separators=(",", ":"))
        return self._fence(f"From {source}", self._redact(text))
