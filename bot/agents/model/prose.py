"""A model answers over a turn's facts: it may look further, and each sentence of its is checked."""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from langchain_core.tools import BaseTool, StructuredTool
from langgraph.config import get_stream_writer

from bot.agents.facts import DraftFacts, Facts
from bot.agents.model.claims import Reason
from bot.agents.model.documents import supported
from bot.agents.model.drafting import Draft, Ghostwriter, evidence_text
from bot.agents.model.evidence import Evidence
from bot.agents.model.fact_check import Verdict, check
from bot.agents.model.gathered import Around, gathered, looked_up, wordable
from bot.agents.model.llm_reader import QUESTION_LENGTH, bill_of, prompt_text, thread_text
from bot.agents.model.port import Model, ModelFailure, Prompt
from bot.agents.model.untrusted_text import Marker, UntrustedText, fresh_marker
from bot.domain.conversation import AgentName, Query, Turn
from bot.domain.language import Language
from bot.errors import BackendError
from bot.observability import Redactor
from bot.tools.assembly import build_read_tools
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import get_spark_jobs
from bot.tools.toolbox import Toolbox, TypedTool

LANGUAGES = {
    Language.KO: "Answer in Korean, in polite 합니다 style.",
    Language.EN: "Answer in English.",
}
BRIEF = 6  # subjects told where all of them are too long
ECHO = 24  # characters of our instructions that no sentence of an answer shares by chance
NO_RESULT = "Nothing was found."
NOTHING = {"", "-", "–", "—"}


@dataclass(frozen=True, slots=True)
class Prose:
    """A model's sentences, each with its verdict, and the model's trouble.

    `second` when the fallback model was the one that answered.
    """

    verdicts: tuple[Verdict, ...] = ()
    trouble: ModelFailure | None = None
    second: bool = False

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return the sentences that stand."""
        return tuple(each.sentence for each in self.verdicts if each.reason is None)


def outcomes_of(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Return what came of each sentence: `kept`, or why it was dropped."""
    return tuple(each.reason.value if each.reason else "kept" for each in verdicts)


class Narrator:
    """Lets a model answer, with the thread and read-only tools, and checks what it says."""

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

    async def tell(
        self, turn: Turn, role: AgentName, facts: Sequence[Facts], said: Sequence[dict[str, str]]
    ) -> Prose:
        """Return what the model says on a turn's facts; `said` are the thread's last messages."""
        told = [each for each in facts if wordable(each)]
        if not told or not turn.text:
            return Prose()
        announce(told[0])
        around = await self._around(turn)
        evidence = reduce(Evidence.joined, (gathered(each, around) for each in told))
        fence = UntrustedText(self._marker)
        looked = _LookedUp(evidence, fence, self._redact)
        prompt = prose_prompt(turn, role, evidence, said, fence)
        tools = [looked.by(tool) for tool in build_read_tools(self._tools, turn.channel)]
        reply = await self._model.research(prompt, tools, bill_of(turn))
        words = reply.value or ""
        if words.strip() in NOTHING:
            return Prose((), reply.trouble, reply.second)
        known = await self._documented(looked.evidence, words, turn.channel)
        verdicts = check(words, known, turn.language)
        judged = quoted_whole(tuple(map(_no_echo(prompt), verdicts)))
        return Prose(judged, reply.trouble, reply.second)

    async def draft(
        self, turn: Turn, facts: DraftFacts, form: str, said: Sequence[dict[str, str]]
    ) -> Draft:
        """Return a text a model wrote in place of a form; `said` are the thread's last messages."""
        announce(facts)
        around = await self._around(turn)
        writer = Ghostwriter(self._model, self._marker, LANGUAGES.__getitem__)
        return await writer.write(turn, facts, form, around, said)

    async def _around(self, turn: Turn) -> Around:
        """Read what runs around the facts: what a sentence may also speak of."""
        metrics, jobs, proposals = await asyncio.gather(
            get_cluster_metrics(self._tools),
            get_spark_jobs(self._tools, Query()),
            self._tools.proposals.in_thread(turn.channel, turn.thread_ts),
        )
        return Around(metrics, jobs.rows, jobs.snapshot.taken_at, proposals, turn.text)

    async def _documented(self, evidence: Evidence, words: str, channel: str) -> Evidence:
        """Add what the manual says on each sentence, where the answer rests on documents."""
        if evidence.passages and self._tools.documents is not None:
            with suppress(BackendError):
                return await supported(evidence, words, self._tools.documents, channel)
        return evidence


class _LookedUp:
    """What a model looks up in one loop: fenced for it, and kept as evidence of the turn."""

    def __init__(
        self, evidence: Evidence, fence: UntrustedText, redact: Callable[[str], str]
    ) -> None:
        self.evidence = evidence
        self._fence = fence
        self._redact = redact
        self._latest = asyncio.Event()  # set once the call before has been told
        self._latest.set()

    def by(self, tool: TypedTool) -> BaseTool:
        """Return a tool whose text is the evidence in what it gives.

        Calls run side by side and are told in their order, so that passages are numbered alike
        each time.
        """

        async def run(**arguments: Any) -> str:
            before, told = self._latest, asyncio.Event()
            self._latest = told
            try:
                found = looked_up(await tool.value(arguments))
                await before.wait()
                return self._told(tool.name, found)
            finally:
                told.set()

        return StructuredTool(
            name=tool.name,
            description=tool.description,
            args_schema=tool.args_schema,
            coroutine=run,
        )

    def _told(self, name: str, found: Evidence) -> str:
        self.evidence = self.evidence.joined(found)
        if found.empty:
            return NO_RESULT
        text = json.dumps(found.told, ensure_ascii=False, separators=(",", ":"))
        if found.passages:
            known = [source for source, _ in self.evidence.passages]
            numbered = ((known.index(where) + 1, where, text) for where, text in found.passages)
            text = "\n\n".join(f"[{number}] ({where}) {text}" for number, where, text in numbered)
        return self._fence(f"From {name}", self._redact(text))


def announce(facts: Facts) -> None:
    """Hand the facts to the graph's stream; outside of a graph nobody follows."""
    try:
        write = get_stream_writer()
    except RuntimeError:
        return
    write(facts)


def _no_echo(prompt: Prompt) -> Callable[[Verdict], Verdict]:
    """Return what drops a sentence that only repeats our own instructions."""

    def judged(verdict: Verdict) -> Verdict:
        pieces = (piece.strip(" .") for piece in verdict.sentence.split(":"))
        echoes = any(len(piece) > ECHO and piece in prompt.system for piece in pieces)
        return replace(verdict, reason=Reason.FORM) if echoes else verdict

    return judged


def quoted_whole(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Let the sentences of one quotation, a message to send, stand or fall together."""
    kept: list[Verdict] = []
    group: list[Verdict] = []
    for verdict in verdicts:
        group.append(verdict)
        text = "".join(each.sentence for each in group)
        if text.count('"') % 2 == 0 and text.count("“") == text.count("”"):
            kept += _together(group)
            group = []
    return (*kept, *_together(group))


def _together(group: Sequence[Verdict]) -> list[Verdict]:
    reason = next((each.reason for each in group if each.reason is not None), None)
    return [replace(each, reason=each.reason or reason) for each in group]


def prose_prompt(
    turn: Turn,
    role: AgentName,
    evidence: Evidence,
    said: Sequence[dict[str, str]],
    fence: UntrustedText,
) -> Prompt:
    """Return the prompt: our rules, and in fences the thread, the evidence and the question."""
    rules = (prompt_text(role.value), prompt_text("answer"), LANGUAGES[turn.language], fence.rule)
    parts = [fence("Question", turn.text[:QUESTION_LENGTH])]
    if said:
        parts.insert(0, fence("Earlier messages", thread_text(said)))
    parts.append(evidence_text(evidence, fence))
    least = replace(evidence, subjects=evidence.subjects[:BRIEF], passages=evidence.passages[:1])
    brief = f"{parts[-2]}\n\n{evidence_text(replace(least, notes=()), fence)}"
    return Prompt("\n\n".join(rules), "\n\n".join(parts), brief)
