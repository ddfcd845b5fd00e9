"""A text to send elsewhere, written by a model: it stands whole, or a form filled by code stands."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.agents.facts import DraftFacts
from bot.agents.model.claims import Reason
from bot.agents.model.evidence import Evidence
from bot.agents.model.fact_check import Verdict, check
from bot.agents.model.gathered import Around, gathered
from bot.agents.model.llm_reader import QUESTION_LENGTH, bill_of, prompt_text, thread_text
from bot.agents.model.port import Model, ModelFailure, Prompt
from bot.agents.model.untrusted_text import Marker, UntrustedText, one_line
from bot.domain.conversation import Turn
from bot.domain.language import Language

MOST_SENTENCES = 11
"""Sentences of one paragraph that are all checked; a longer one cannot stand."""
LIGHT = frozenset({Reason.UNTOLD, Reason.ADVICE, Reason.FORM})
"""Reasons of a greeting or a wish, which assert no fact: few of them do not spoil a text."""
MOST_LIGHT = 1 / 3
PARAGRAPHS = re.compile(r"\n\s*\n")
CLOCK = re.compile(r"\d{1,2}:\d{2}")
FORM = "form"  # where a passage is kept: what code filled in is known, as what pages say is


@dataclass(frozen=True, slots=True)
class Draft:
    """A model's text with the verdicts on its sentences, and the model's trouble."""

    text: str = ""
    verdicts: tuple[Verdict, ...] = ()
    trouble: ModelFailure | None = None
    second: bool = False

    @property
    def dropped(self) -> int:
        """Return how many sentences do not stand."""
        return sum(each.reason is not None for each in self.verdicts)

    @property
    def stands(self) -> bool:
        """Tell whether the text may be shown whole: no fact in it is wrong, and it says something."""
        wrong = [each.reason for each in self.verdicts if each.reason is not None]
        few = len(wrong) <= MOST_LIGHT * len(self.verdicts)
        return bool(self.verdicts) and few and LIGHT.issuperset(wrong)


@dataclass(frozen=True, slots=True)
class Ghostwriter:
    """Lets a model write a text, and once more without what was wrong in it."""

    model: Model
    marker: Marker
    language: Callable[[Language], str]

    async def write(
        self,
        turn: Turn,
        facts: DraftFacts,
        form: str,
        around: Around,
        said: Sequence[dict[str, str]],
    ) -> Draft:
        """Return the text; `form` is what code filled in with the same facts."""
        evidence = evidence_of(facts, form, around)
        prompt = self._prompt(turn, evidence, form, said)
        draft = await self._written(turn, prompt, evidence)
        if draft.stands or not draft.verdicts:
            return draft
        again = replace(prompt, user=f"{prompt.user}\n\n{self._wrong(draft)}")
        better = await self._written(turn, again, evidence)
        return better if better.stands else draft

    async def _written(self, turn: Turn, prompt: Prompt, evidence: Evidence) -> Draft:
        reply = await self.model.write(prompt, bill_of(turn))
        text = (reply.value or "").strip()
        verdicts: list[Verdict] = []
        for paragraph in filter(str.strip, PARAGRAPHS.split(text)):
            judged = check(paragraph, evidence, turn.language)
            verdicts += judged
            if len(judged) > MOST_SENTENCES or not judged:
                verdicts.append(Verdict(paragraph, Reason.NUMBER))
        return Draft(text, tuple(verdicts), reply.trouble, reply.second)

    def _prompt(
        self, turn: Turn, evidence: Evidence, form: str, said: Sequence[dict[str, str]]
    ) -> Prompt:
        fence = UntrustedText(self.marker)
        rules = (prompt_text("draft"), self.language(turn.language), fence.rule)
        told = replace(evidence, passages=())
        parts = [
            *([fence("Earlier messages", thread_text(said))] if said else []),
            fence("Request", turn.text[:QUESTION_LENGTH]),
            fence("Form", form),
        ]
        brief = "\n\n".join(parts[-2:])
        return Prompt("\n\n".join(rules), "\n\n".join([*parts, evidence_text(told, fence)]), brief)

    def _wrong(self, draft: Draft) -> str:
        """Return the text with what must go: it is the model's own, and still no instruction."""
        fence = UntrustedText(self.marker)
        gone = "\n".join(each.sentence for each in draft.verdicts if each.reason is not None)
        parts = (fence("Your text", draft.text), fence("Not so, or not known", gone))
        return "\n\n".join([*parts, fence.rule, "Write it again without what is not so."])


def evidence_of(facts: DraftFacts, form: str, around: Around) -> Evidence:
    """Return what a text's sentences may rest on: what runs, and all that the form says."""
    known = gathered(facts, around)
    times = (*known.times, *CLOCK.findall(form))
    return replace(known, times=times, passages=((FORM, form),))


def evidence_text(evidence: Evidence, fence: UntrustedText) -> str:
    """Return the evidence in fences: figures as JSON, passages numbered, with their sources."""
    told = json.dumps(evidence.told, ensure_ascii=False, separators=(",", ":"))
    parts = [fence("Evidence", told)]
    if evidence.passages:
        passages = (
            f"[{number}] ({one_line(source)}) {text}"
            for number, (source, text) in enumerate(evidence.passages, start=1)
        )
        parts.append(fence("Passages", "\n\n".join(passages)))
    return "\n\n".join(parts)
