"""Where grammar and model meet: one reading goes on, or the person is asked which one."""

from dataclasses import dataclass, replace

from bot.agents.facts import Facts, QuestionFacts, ReadingsFacts
from bot.agents.memory import Memory, ModelUse, listing_of
from bot.agents.model.llm_reader import LlmReader, Thread
from bot.agents.targets import Choice, choose
from bot.domain.conversation import Intent, ThreadView, Understanding
from bot.tools.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class ReadingReconciler:
    """Asks the second reader when the grammar is unsure, and for every order to kill."""

    reader: LlmReader
    tools: Toolbox

    async def on(self, state: Memory, reading: Understanding, view: ThreadView) -> Memory:
        """Return what changes: a reading, a question back, or only what the model had trouble with."""
        if reading.sure and reading.intent is not Intent.KILL:
            return {}
        thread = Thread(state.get("messages", []), listing_of(state), view.open_card)
        second = await self.reader.read(state["turn"], thread)
        if second.reading is None:
            return {"model": ModelUse(trouble=second.trouble)}
        if Intent.KILL in {reading.intent, second.reading.intent}:
            found = await self._on_kill(state, reading, second.reading)
        else:
            taken = replace(second.reading, question=_question(second.reading))
            found = {"reading": taken, "model": ModelUse(read=True)}
        if second.second:
            found["model"] = replace(found.get("model", ModelUse()), second=True)
        return found

    async def _on_kill(self, state: Memory, first: Understanding, second: Understanding) -> Memory:
        """Go on only when both mean the same applications; ask otherwise."""
        mine = await self._chosen(state, first)
        theirs = await self._chosen(state, second)
        if first.intent is Intent.KILL and not isinstance(mine, Choice):
            return {}  # the grammar's own question back stands
        if isinstance(mine, Choice) and isinstance(theirs, Choice) and _same(mine, theirs):
            return {"reading": replace(first, sure=True)}
        if mine is None and not isinstance(theirs, Choice):
            return _asked(first, theirs or QuestionFacts("which_one"))
        kills = tuple(choice.rows for choice in (mine, theirs) if isinstance(choice, Choice))
        others = {first.intent, second.intent} - {Intent.KILL}
        other = others.pop() if others and isinstance(mine, Choice) else None
        return _asked(first, ReadingsFacts(kills, other))

    async def _chosen(self, state: Memory, reading: Understanding) -> Choice | Facts | None:
        """Return what a kill reading means; None for a reading that is no kill."""
        if reading.intent is not Intent.KILL:
            return None
        assumed: Memory = {**state, "reading": reading}
        return await choose(assumed, self.tools)


def _same(mine: Choice, theirs: Choice) -> bool:
    return {row.ref for row in mine.rows} == {row.ref for row in theirs.rows}


def _asked(reading: Understanding, facts: Facts) -> Memory:
    asked = replace(reading, intent=Intent.CLARIFY, question="two_requests")
    return {"reading": asked, "facts": facts, "model": ModelUse(read=True)}


def _question(reading: Understanding) -> str:
    return "not_understood" if reading.intent is Intent.CLARIFY else reading.question
