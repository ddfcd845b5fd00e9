"""Turn in, Answer out: one turn per thread at a time."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol, cast

from langchain_core.runnables import RunnableConfig

from bot.agents.facts import Facts
from bot.agents.graph import GENERATE_ANSWER, ConversationGraph
from bot.agents.memory import Memory, listing_of, overheard, standing, taken_back
from bot.agents.understand import Listener
from bot.domain.alerts import Alert, AlertStatus
from bot.domain.answers import Answer, Show
from bot.domain.conversation import API, AgentName, Intent, Listing, Turn, Understanding
from bot.domain.language import Language, language_of
from bot.observability import Spans, Telemetry
from bot.tools.get_spark_jobs import one_turn

Draft = Callable[[Memory, Facts], Answer]
ThreadLock = Callable[[str], AbstractAsyncContextManager[None]]


class ThreadMemory(Protocol):
    """Keeps the graph's checkpoints small."""

    async def forget_idle(self, kept: timedelta) -> int:
        """Forget threads in which nothing was said for that long; return how many."""

    async def latest(self, prefix: str) -> tuple[str, ...]:
        """Return the threads whose ids begin so, the one last spoken in first."""

    async def prune(self, thread_id: str) -> None:
        """Delete all but the latest checkpoint of a thread."""


@dataclass(frozen=True, slots=True, eq=False)
class Conversations:
    """Answers turns and alerts through the graph.

    `language` fixes the language of every answer; None answers in that of the message. `draft`
    words a turn's facts while a model is still asked about them.
    """

    graph: ConversationGraph
    memory: ThreadMemory
    lock: ThreadLock
    language: Language | None = None
    draft: Draft | None = None
    spans: Spans = field(default_factory=Spans)
    listener: Listener | None = None
    telemetry: Telemetry = field(default_factory=Telemetry)

    async def answer(
        self, turn: Turn, reading: Understanding | None = None, show: Show | None = None
    ) -> Answer:
        """Answer a person's words, or a button that already knows its reading.

        `show` gets the answer as far as it stands when a model is asked for the rest.
        """
        spoken = replace(turn, language=self.language or turn.language)
        memory: Memory = {"turn": spoken, "alert": None}
        if turn.opens_thread:
            memory["opened_by"] = turn.asker
        if reading is not None:
            memory["reading"] = reading
        else:
            await self._note_language(turn)
        return await self._run(spoken, memory, show)

    async def undo(self, channel: str, thread_ts: str, text: str) -> bool:
        """Take back the last message of a thread of the API, and its answer.

        False when the last message is not this text, or something was done upon it.
        """
        thread_id = f"slack:{channel}:{thread_ts}"
        async with self.lock(thread_id):
            before = taken_back(await self.recall(channel, thread_ts), text)
            if before is not None:
                await self._keep(thread_id, before)
        return before is not None

    async def hear(self, turn: Turn, *, to_person: bool, judge: bool = True) -> bool:
        """Tell whether a thread's line that does not name us is for us; else keep it as context.

        `to_person` when it mentions somebody; without `judge` no such line is for us.
        """
        thread_id = f"slack:{turn.channel}:{turn.thread_ts}"
        memory = await self.recall(turn.channel, turn.thread_ts)
        if self.listener is None:
            return not to_person
        if judge and await self.listener.addressed(memory, turn, to_person=to_person):
            return True
        async with self.lock(thread_id):
            memory = await self.recall(turn.channel, turn.thread_ts)
            await self._keep(thread_id, {"messages": overheard(memory, turn)})
        return False

    async def _keep(self, thread_id: str, memory: Memory) -> None:
        place: RunnableConfig = {"configurable": {"thread_id": thread_id}}
        await self.graph.aupdate_state(place, memory, as_node=GENERATE_ANSWER)
        await self.memory.prune(thread_id)

    async def investigate(self, alert: Alert) -> Answer:
        """Write the first reply under an alert, and remember the cluster as it was."""
        return await self._alerted(alert, Intent.DIAGNOSE)

    async def conclude(self, alert: Alert) -> Answer:
        """Say how an alert ended."""
        return await self._alerted(replace(alert, status=AlertStatus.RESOLVED), Intent.COMPARE)

    async def language_for(self, alert: Alert) -> Language:
        """Return the language for what is said under an alert.

        That of its thread, or the one people last wrote in its channel, or its own.
        """
        if self.language is not None:
            return self.language
        thread = await self.recall(alert.channel, alert.thread_ts)
        spoken = thread.get("language") or await self._language_in(alert.channel)
        return Language(spoken) if spoken else language_of(f"{alert.title}\n{alert.text}")

    async def _language_in(self, channel: str) -> str:
        return (await self._recall(f"channel:{channel}")).get("language", "")

    async def _note_language(self, turn: Turn) -> None:
        """Keep which language people write in a channel; a channel's memory holds nothing else."""
        if await self._language_in(turn.channel) != turn.language.value:
            await self._keep(f"channel:{turn.channel}", {"language": turn.language.value})

    async def recall(self, channel: str, thread_ts: str) -> Memory:
        """Return what a thread remembers as of its last turn; empty when there was none."""
        return await self._recall(f"slack:{channel}:{thread_ts}")

    async def _recall(self, thread_id: str) -> Memory:
        state = await self.graph.aget_state({"configurable": {"thread_id": thread_id}})
        return cast("Memory", state.values)

    async def threads(self, channel: str) -> tuple[str, ...]:
        """Return the threads of a channel, the one last spoken in first."""
        prefix = f"slack:{channel}:"
        return tuple(each.removeprefix(prefix) for each in await self.memory.latest(prefix))

    async def listing(self, channel: str, thread_ts: str) -> Listing | None:
        """Return the last list shown in a thread, or None; waits for no turn being answered."""
        return listing_of(await self.recall(channel, thread_ts))

    async def _alerted(self, alert: Alert, intent: Intent) -> Answer:
        language = await self.language_for(alert)
        turn = Turn(
            id=f"alert:{alert.channel}:{alert.ts}",
            team="",
            channel=alert.channel,
            thread_ts=alert.thread_ts,
            ts=alert.ts,
            asker="",
            text="",
            language=language,
            said_at=alert.posted_at,
        )
        reading = Understanding(intent, AgentName.INFRA_ENGINEER, language)
        return await self._run(turn, {"turn": turn, "alert": alert, "reading": reading})

    async def prune(self, kept: timedelta) -> int:
        """Forget threads in which nothing was said for that long; return how many."""
        return await self.memory.forget_idle(kept)

    async def _run(self, turn: Turn, memory: Memory, show: Show | None = None) -> Answer:
        thread = f"{turn.channel}:{turn.thread_ts}"
        with self.telemetry.turn() as count, self.spans.turn(thread) as span, one_turn():
            answer = await self._walked(turn, memory, show)
            agent, intent = answer.agent.value, answer.intent.value
            span.note(agent=agent, intent=intent, llm=answer.llm)
            count(agent, intent, answer.llm)
        self.telemetry.wrote(answer.checked)
        return answer

    async def _walked(self, turn: Turn, memory: Memory, show: Show | None) -> Answer:
        thread_id = f"slack:{turn.channel}:{turn.thread_ts}"
        state = memory
        async with self.lock(thread_id):
            if turn.channel.startswith(API):
                memory["before"] = standing(await self.recall(turn.channel, turn.thread_ts))
            steps = self.graph.astream(
                memory,
                {"configurable": {"thread_id": thread_id}},
                stream_mode=["values", "custom"],
                durability="exit",
            )
            async for kind, found in steps:
                if kind == "values":
                    state = cast("Memory", found)
                elif show is not None and self.draft is not None:
                    show(self.draft({**state, "turn": turn}, cast("Facts", found)))
            await self.memory.prune(thread_id)
        return state["answer"]
