"""A read-only tool loop: the model looks further before it writes; it can change nothing."""

import json
from collections.abc import Callable
from typing import Literal

from langchain_core.tools import BaseTool, StructuredTool

from bot.agents.facts import Facts
from bot.agents.model.announcing import announce
from bot.agents.model.evidence import Evidence
from bot.agents.model.gathered import documents, gathered, jobs_evidence, metrics_evidence
from bot.agents.model.llm_reader import QUESTION_LENGTH, bill_of
from bot.agents.model.port import Model, Prompt
from bot.agents.model.prompts import prompt_text
from bot.agents.model.prose import LANGUAGES, Research, evidence_text
from bot.agents.model.untrusted_text import Marker, UntrustedText, fresh_marker
from bot.domain.conversation import Query, Turn
from bot.domain.listings import frozen
from bot.domain.selections import Measure
from bot.observability.logs import Redactor
from bot.tools.toolbox import Toolbox

ROWS = 10
SEARCH_LENGTH = 200
NO_TOOLS = "Nothing was found."


class Researcher:
    """Runs the loop for one turn; every tool's result becomes evidence."""

    def __init__(
        self,
        model: Model,
        tools: Toolbox,
        redact: Callable[[str], str] | None = None,
        marker: Marker = fresh_marker,
    ) -> None:
        self._model = model
        self._tools = tools
        self._redact = redact or Redactor()
        self._marker = marker

    async def look(self, role: str, turn: Turn, facts: Facts) -> Research:
        """Return what the model says after looking further than `facts`; `role` names its prompt."""
        announce(facts)
        fence = UntrustedText(self._marker)
        read = _Reads(turn, self._tools, self._redact, fence)
        system = "\n".join((prompt_text(role), LANGUAGES[turn.language], fence.rule))
        question = fence("Question", turn.text[:QUESTION_LENGTH])
        prompt = Prompt(system, f"{question}\n\n{evidence_text(gathered(facts), fence)}")
        reply = await self._model.research(prompt, read.tools(), bill_of(turn))
        return Research(reply.value or "", read.evidence, reply.trouble, reply.second)


class _Reads:
    """The tools of one loop, and the evidence they have given so far."""

    def __init__(
        self, turn: Turn, tools: Toolbox, redact: Callable[[str], str], fence: UntrustedText
    ) -> None:
        self.evidence = Evidence()
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
        return self._noted("applications", jobs_evidence(listing))

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
            text = "\n\n".join(f"({where}) {text}" for where, text in found.passages)
        else:
            text = json.dumps(found.told, ensure_ascii=False, separators=(",", ":"))
        return self._fence(f"From {source}", self._redact(text))
