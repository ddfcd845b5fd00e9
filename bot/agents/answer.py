"""Generate answer: the last node, where facts become words."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from bot.agents import facts as found
from bot.agents.memory import SCHEMA_VERSION, Memory, remembered, stored_row
from bot.agents.model.prose import Narrator, Prose
from bot.agents.route import WORDS, agent_of
from bot.agents.templates import alerted as alert_words
from bot.agents.templates import capacity as capacity_words
from bot.agents.templates import cluster as cluster_words
from bot.agents.templates import details as detail_words
from bot.agents.templates import diagnosis as diagnosis_words
from bot.agents.templates import draft as draft_words
from bot.agents.templates import guide as guide_words
from bot.agents.templates import kills as kill_words
from bot.agents.templates import lists as list_words
from bot.agents.templates import model as model_words
from bot.agents.templates import past as past_words
from bot.agents.templates import unsupported as unsupported_words
from bot.agents.templates import watch as watch_words
from bot.agents.templates.wording import Voice, Wording
from bot.agents.unseen_systems import told_first, unseen
from bot.domain.answers import Answer, Buttons
from bot.domain.conversation import Intent, Understanding
from bot.tools.kill_spark_job import KillFacts


class AnswerWriter:
    """Words the facts of a turn from templates, in the asker's language.

    With a narrator, a model's sentences stand above the tables where the evidence says them.
    """

    def __init__(self, zone: tzinfo, narrator: Narrator | None = None, cluster: str = "") -> None:
        self._zone = zone
        self._narrator = narrator
        self._cluster = cluster

    async def __call__(self, state: Memory) -> Memory:
        """Write the answer and remember the exchange."""
        turn, asked = state["turn"], state["found"]
        (reading, facts), *_ = asked
        voice = Voice(turn.language, self._zone)
        wordings = [worded(found_now, voice) for _, found_now in asked]
        if (systems := state.get("unseen")) and told_first(systems, reading, facts):
            wordings = [unseen(systems, turn.language), *wordings]
        wording = joined(wordings)
        if (related := state.get("related")) is not None:
            wording = guide_words.with_related(wording, related, turn.language)
        if state.get("elsewhere") and state.get("alert") is None:
            wording = alert_words.beside_the_alert(wording, self._cluster, turn.language)
        prose = Prose()
        if self._narrator is not None and state.get("alert") is None:
            every = [each for _, each in asked]
            said = state.get("messages", [])
            prose = await self._narrator.tell(turn, agent_of(reading), every, said)
        intents = tuple(
            each.intent or read.intent
            for each, (read, _) in zip(wordings[-len(asked) :], asked, strict=True)
        )
        answer = Answer(
            language=turn.language,
            intent=intents[0],
            agent=agent_of(reading),
            summary=wording.summary,
            parts=model_words.with_prose(
                wording.parts, prose, state.get("model"), _guessed(state, reading), turn.language
            ),
            applications=wording.applications,
            sources=wording.sources,
            llm=bool(prose.sentences),
            proposal_id=wording.proposal_id,
            intents=intents,
            checked=prose.outcomes,
        )
        spoken: Memory = {"language": turn.language.value} if state.get("typed") else {}
        return {
            **spoken,
            "answer": answer,
            "messages": remembered(state, turn, answer, prose.sentences),
            "looked_at": _looked_at(facts),
            "schema_version": SCHEMA_VERSION,
        }


def joined(wordings: Sequence[Wording]) -> Wording:
    """Return the words for several requests as one post: one row of buttons, each button once."""
    if len(wordings) == 1:
        return wordings[0]
    parts = [part for each in wordings for part in each.parts]
    pressed = {
        button: None for part in parts if isinstance(part, Buttons) for button in part.buttons
    }
    said = tuple(part for part in parts if not isinstance(part, Buttons))
    return Wording(
        " ".join(each.summary for each in wordings),
        (*said, Buttons(tuple(pressed))) if pressed else said,
        tuple(dict.fromkeys(id_ for each in wordings for id_ in each.applications)),
        tuple(dict.fromkeys(source for each in wordings for source in each.sources)),
        next((each.proposal_id for each in wordings if each.proposal_id), None),
    )


def _guessed(state: Memory, reading: Understanding) -> Intent | None:
    """Return what typed words were taken for, when the reading was not sure of itself."""
    used = state.get("model")
    sure = reading.sure and not (used is not None and used.read)
    clear = sure or reading.intent is Intent.CLARIFY or reading.intent in WORDS
    return None if clear or not state.get("typed") else reading.intent


def _looked_at(facts: found.Facts) -> dict[str, Any] | None:
    """Return the one application this answer is about: the next "it" means that."""
    if isinstance(facts, found.DetailFacts) and len(facts.details) == 1:
        return stored_row(facts.details[0].row)
    return None


def worded(facts: found.Facts, voice: Voice) -> Wording:  # noqa: C901, PLR0911, PLR0912 - one line per kind of fact
    """Return the words for one kind of facts."""
    match facts:
        case found.StatusFacts():
            return cluster_words.status(facts, voice)
        case found.CompareFacts():
            return cluster_words.compare(facts, voice)
        case found.PastFacts():
            return past_words.compared(facts, voice)
        case found.ResolvedFacts():
            return cluster_words.resolved(facts, voice)
        case found.AlertFacts():
            return alert_words.first_reply(facts, voice)
        case found.DiagnoseFacts():
            return diagnosis_words.diagnose(facts, voice)
        case found.ListFacts():
            return list_words.listed(facts, voice)
        case found.TotalFacts():
            return list_words.totalled(facts, voice)
        case found.SpareFacts():
            return capacity_words.spared(facts, voice)
        case found.DetailFacts():
            return detail_words.detail(facts, voice)
        case found.WhatIfFacts():
            return detail_words.what_if(facts, voice)
        case found.UnreadableFacts():
            return detail_words.unreadable(facts, voice)
        case KillFacts():
            return kill_words.kill(facts, voice)
        case found.AuditFacts():
            return kill_words.audit(facts, voice)
        case found.UnsupportedFacts():
            return unsupported_words.unsupported(facts, voice)
        case found.UnseenFacts():
            return unseen(facts.systems, voice.language)
        case found.CapacityFacts():
            return capacity_words.capacity(facts, voice)
        case found.WatchFacts():
            return watch_words.promised(facts, voice)
        case found.DraftFacts():
            return draft_words.draft(facts, voice)
        case found.CancelFacts():
            return kill_words.cancel(facts, voice)
        case found.GuideFacts():
            return guide_words.guide(facts, voice)
        case found.QuestionFacts():
            return guide_words.question(facts, voice)
        case found.ReadingsFacts():
            return model_words.readings(facts, voice)
        case found.WordsFacts():
            return guide_words.words(facts, voice)
