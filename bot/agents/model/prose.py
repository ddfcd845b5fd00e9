"""Prose over facts: a model writes a few sentences, and only those the evidence says are shown."""

import json
from dataclasses import dataclass, field

from bot.agents.facts import Facts, GuideFacts
from bot.agents.model.announcing import announce
from bot.agents.model.evidence import Evidence
from bot.agents.model.gathered import gathered
from bot.agents.model.llm_reader import QUESTION_LENGTH, bill_of
from bot.agents.model.port import Model, ModelFailure, Prompt
from bot.agents.model.prompts import prompt_text
from bot.agents.model.quoting import quoted
from bot.agents.model.untrusted_text import Marker, UntrustedText, fresh_marker, one_line
from bot.agents.model.verification import sentences, supported
from bot.domain.conversation import Turn
from bot.domain.language import Language, language_of

LANGUAGES = {
    Language.KO: "Write in Korean, in plain 합니다 style.",
    Language.EN: "Write in English.",
}


@dataclass(frozen=True, slots=True)
class Research:
    """What a tool loop came to: its last words, and all it had read when it wrote them."""

    words: str = ""
    evidence: Evidence = field(default_factory=Evidence)
    trouble: ModelFailure | None = None
    second: bool = False


@dataclass(frozen=True, slots=True)
class Prose:
    """The sentences that stand, none when the template stands alone, and the model's trouble.

    `second` when the fallback model was the one that answered.
    """

    sentences: tuple[str, ...] = ()
    trouble: ModelFailure | None = None
    second: bool = False


class Narrator:
    """Writes prose over a turn's facts, or checks what a tool loop wrote."""

    def __init__(self, model: Model, marker: Marker = fresh_marker) -> None:
        self._model = model
        self._marker = marker

    async def tell(self, turn: Turn, facts: Facts, research: Research | None) -> Prose:
        """Return the sentences about a turn's facts that its evidence says."""
        evidence = gathered(facts)
        if evidence.empty or not turn.text:
            return Prose()
        if research is not None:
            both = evidence.joined(research.evidence)
            told = standing(research.words, both, turn.language)
            return Prose(told, research.trouble, research.second)
        announce(facts)
        prompt = prose_prompt(turn, facts, evidence, self._marker)
        reply = await self._model.write(prompt, bill_of(turn))
        told = standing(reply.value or "", evidence, turn.language)
        return Prose(told, reply.trouble, reply.second)


def standing(words: str, evidence: Evidence, language: Language) -> tuple[str, ...]:
    """Return the sentences the evidence says, in the asker's language."""
    return tuple(
        sentence
        for sentence in sentences(words)
        if language_of(sentence) is language
        and (supported(sentence, evidence) or quoted(sentence, evidence.passages))
    )


def prose_prompt(
    turn: Turn, facts: Facts, evidence: Evidence, marker: Marker = fresh_marker
) -> Prompt:
    """Return the prompt: our rules, the question and the evidence in fences."""
    fence = UntrustedText(marker)
    name = "documents" if isinstance(facts, GuideFacts) else "words"
    system = "\n".join((prompt_text(name), LANGUAGES[turn.language], fence.rule))
    question = fence("Question", turn.text[:QUESTION_LENGTH])
    return Prompt(system, f"{question}\n\n{evidence_text(evidence, fence)}")


def evidence_text(evidence: Evidence, fence: UntrustedText) -> str:
    """Return the evidence in a fence: figures as JSON, passages with their sources."""
    if evidence.passages:
        passages = [f"({one_line(source)}) {text}" for source, text in evidence.passages]
        return fence("Passages", "\n\n".join(passages))
    told = json.dumps(evidence.told, ensure_ascii=False, separators=(",", ":"))
    return fence("Evidence", told)
