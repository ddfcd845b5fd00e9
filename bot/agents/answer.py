"""Generate answer: the last node, where facts become words, and a model's part is said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from bot.agents import facts as found
from bot.agents.memory import (
    SCHEMA_VERSION,
    Memory,
    ModelUse,
    remembered,
    steps_shown,
    stored_row,
    with_spoken,
)
from bot.agents.model.drafting import Draft
from bot.agents.model.port import ModelFailure
from bot.agents.model.prose import Narrator, Prose, outcomes_of
from bot.agents.templates import capacity as capacity_words
from bot.agents.templates import cluster as cluster_words
from bot.agents.templates import details as detail_words
from bot.agents.templates import diagnosis as diagnosis_words
from bot.agents.templates import draft as draft_words
from bot.agents.templates import guide as guide_words
from bot.agents.templates import kills as kill_words
from bot.agents.templates import lists as list_words
from bot.agents.templates import talk as talk_words
from bot.agents.templates.wording import Voice, Wording
from bot.domain.answers import Answer, Buttons, Note, Part, plain
from bot.domain.conversation import WORDS_ALONE, Intent, ListingRow, Turn, Understanding, name_of
from bot.domain.language import Language, Text
from bot.tools.kill_spark_job import KillFacts

# What is said of a model's part.
UNAVAILABLE = Text(
    ko="AI 문장 없이 답했습니다({why}).",
    en="Answered without the model ({why}).",
)
UNPROVED = Text(
    ko="AI가 쓴 문장은 확인된 사실과 맞지 않아 싣지 않았습니다.",
    en="What the model wrote did not match the checked facts and is left out.",
)
NO_DRAFT = Text(
    ko="AI가 쓴 글은 {count}개 문장이 확인된 사실과 맞지 않아, 제가 아는 사실만 채운 글을 대신 올립니다.",
    en="In the model's text {count} of its sentences did not match the facts, so this one is filled with what I know.",
)
WRITING = Text(ko="AI가 문장을 쓰고 있습니다…", en="The model is still writing…")
BY_SECOND = Text(
    ko="예비 모델이 대신 답했습니다.", en="The fallback model stood in for the first one."
)
USELESS = Text(ko="쓸 수 있는 답을 주지 않음", en="it gave no usable answer")
READ_AS = Text(ko="‘{intent}’ 요청으로 읽었습니다.", en="Read as: {intent}.")
WHY = {
    ModelFailure.BUDGET: Text(ko="사용 한도 도달", en="its budget is used up"),
    ModelFailure.RESTING: Text(
        ko="계속 실패하여 잠시 쉬는 중", en="it kept failing and is left alone for a while"
    ),
    ModelFailure.TIMEOUT: Text(ko="제때 응답하지 않음", en="it did not answer in time"),
    ModelFailure.RATE_LIMITED: Text(ko="서버가 요청을 제한함", en="its server limits our requests"),
    ModelFailure.QUOTA: Text(ko="계정의 사용 한도 소진", en="its account has no quota left"),
    ModelFailure.REFUSAL: Text(ko="서버가 내용 때문에 거절함", en="its server refused the content"),
    ModelFailure.TOO_LONG: Text(
        ko="질문이 모델에 비해 너무 김", en="the question is too long for it"
    ),
    ModelFailure.BAD_REQUEST: Text(
        ko="서버가 요청 형식을 받지 않음", en="its server does not take such requests"
    ),
    ModelFailure.KEY: Text(ko="서버가 키를 거절함", en="its server refused the key"),
    ModelFailure.UNREACHABLE: Text(ko="서버에 닿지 않음", en="its server could not be reached"),
    ModelFailure.SERVER: Text(ko="서버 오류", en="its server failed"),
}


@dataclass(frozen=True, slots=True)
class AnswerWriter:
    """Words the facts of a turn from templates, in the asker's language.

    With a narrator, a model's sentences stand above the tables where the evidence says them.
    """

    zone: tzinfo
    narrator: Narrator | None = None
    cluster: str = ""

    async def __call__(self, state: Memory) -> Memory:
        """Write the answer and remember the exchange."""
        turn, asked = state["turn"], state["found"]
        (reading, facts), *_ = asked
        voice = Voice(turn.language, self.zone)
        draft = await self._draft(state, voice)
        wordings = [_worded(found_now, voice, draft) for _, found_now in asked]
        if (systems := state.get("unseen")) and talk_words.told_first(systems, reading, facts):
            wordings = [talk_words.unseen(found.UnseenFacts(systems), voice), *wordings]
        wording = joined(wordings)
        if (related := state.get("related")) is not None:
            wording = guide_words.with_related(wording, related, turn.language)
        if state.get("elsewhere") and state.get("alert") is None:
            wording = diagnosis_words.beside_the_alert(wording, self.cluster, turn.language)
        prose = await self._prose(state, draft)
        intents = tuple(
            each.intent or read.intent
            for each, (read, _) in zip(wordings[-len(asked) :], asked, strict=True)
        )
        answer = replace(
            answer_of(turn, reading, wording, intents),
            parts=with_prose(
                wording.parts, prose, state.get("model"), _guessed(state, reading), turn.language
            ),
            llm=bool(prose.sentences) or (draft is not None and draft.stands),
            checked=outcomes_of(draft.verdicts if draft else prose.verdicts),
        )
        spoken: Memory = {"language": turn.language.value} if state.get("typed") else {}
        acted = answer.proposal_id is not None or Intent.CANCEL in intents
        kept: Memory = {"before": None} if acted else {}
        return {
            **spoken,
            **kept,
            "answer": answer,
            "messages": remembered(state, turn, answer, prose.sentences),
            "looked_at": _looked_at(facts),
            "steps": steps_shown(answer.parts) or state.get("steps", []),
            "spoken": with_spoken(state, [row for _, each in asked for row in _spoken_of(each)]),
            "schema_version": SCHEMA_VERSION,
        }

    async def _draft(self, state: Memory, voice: Voice) -> Draft | None:
        """Let a model write the text asked for; None where none is, or nobody typed for one."""
        turn = state["turn"]
        facts = next(
            (each for _, each in state["found"] if isinstance(each, found.DraftFacts)), None
        )
        if facts is None or self.narrator is None or not turn.text:
            return None
        form, said = draft_words.form(facts, voice), state.get("messages", [])
        return await self.narrator.draft(turn, facts, form, said)

    async def _prose(self, state: Memory, draft: Draft | None) -> Prose:
        """Let a model answer above the tables; beside a text it wrote it says no more."""
        if draft is not None:
            return Prose(trouble=draft.trouble, second=draft.second)
        if self.narrator is None or state.get("alert") is not None:
            return Prose()
        (reading, _), *_ = asked = state["found"]
        every, said = [each for _, each in asked], state.get("messages", [])
        return await self.narrator.tell(state["turn"], reading.answered_by, every, said)


def _worded(facts: found.Facts, voice: Voice, draft: Draft | None) -> Wording:
    """Return the words for facts: a model's text whole in place of a form, or the form, saying why."""
    if draft is None or not isinstance(facts, found.DraftFacts):
        return worded(facts, voice)
    if draft.stands:
        return draft_words.draft(facts, voice, draft.text)
    wording = worded(facts, voice)
    if not draft.verdicts:
        return wording
    why = Note(NO_DRAFT(voice.language, count=draft.dropped))
    return replace(wording, parts=(*wording.parts, why))


@dataclass(frozen=True, slots=True)
class DraftWriter:
    """Words facts from templates alone, and says that more is coming."""

    zone: tzinfo

    def __call__(self, state: Memory, facts: found.Facts) -> Answer:
        """Return the answer that could be given now; `state` holds the turn and its reading."""
        turn, reading = state["turn"], state["reading"]
        wording = worded(facts, Voice(turn.language, self.zone))
        more = Note(WRITING(turn.language))
        wording = replace(wording, parts=(*wording.parts, more))
        return answer_of(turn, reading, wording, (wording.intent or reading.intent,))


def answer_of(
    turn: Turn, reading: Understanding, wording: Wording, intents: tuple[Intent, ...]
) -> Answer:
    """Return an answer in words; of several requests the first names it."""
    return Answer(
        language=turn.language,
        intent=intents[0],
        agent=reading.answered_by,
        summary=wording.summary,
        parts=wording.parts,
        applications=wording.applications,
        sources=wording.sources,
        proposal_id=wording.proposal_id,
        intents=intents,
    )


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


def with_prose(
    parts: tuple[Part, ...],
    prose: Prose,
    used: ModelUse | None,
    guessed: Intent | None,
    language: Language,
) -> tuple[Part, ...]:
    """Put a model's sentences above the tables, and the quiet lines below everything.

    What was only `guessed` is said, and that no sentence of a model stood.
    """
    shown = list(parts)
    if prose.sentences:
        shown.insert(0, plain(" ".join(prose.sentences)))
    elif prose.verdicts:
        shown.append(Note(UNPROVED(language)))
    if guessed is not None:
        shown.append(Note(READ_AS(language, intent=name_of(guessed, language))))
    trouble = prose.trouble or (used.trouble if used else None)
    if trouble is not None:
        shown.append(quiet_line(trouble, language))
    elif prose.second or (used is not None and used.second):
        shown.append(Note(BY_SECOND(language)))
    return tuple(shown)


def quiet_line(trouble: ModelFailure, language: Language) -> Note:
    """Return the line that says an answer was made without the model, and why."""
    return Note(UNAVAILABLE(language, why=WHY.get(trouble, USELESS)(language)))


def _guessed(state: Memory, reading: Understanding) -> Intent | None:
    """Return what typed words were taken for, when the reading was not sure of itself."""
    used = state.get("model")
    sure = reading.sure and not (used is not None and used.read)
    clear = sure or reading.intent is Intent.CLARIFY or reading.intent in WORDS_ALONE
    return None if clear or not state.get("typed") else reading.intent


def _looked_at(facts: found.Facts) -> dict[str, Any] | None:
    """Return the one application this answer is about: the next "it" means that."""
    if isinstance(facts, found.DetailFacts) and len(facts.details) == 1:
        return stored_row(facts.details[0].row)
    return None


FEW = 3  # rows of a list that may be meant by "both" and "those"


def _spoken_of(facts: found.Facts) -> tuple[ListingRow, ...]:  # noqa: PLR0911 - one case a kind
    """Return the few applications an answer is about."""
    match facts:
        case found.DetailFacts():
            return tuple(each.row for each in facts.details)
        case found.WhatIfFacts():
            return tuple(each.row for each in facts.reliefs)
        case found.DraftFacts():
            return facts.chosen
        case found.AlertFacts():
            return _spoken_of(facts.diagnosis)
        case found.DiagnoseFacts():
            named = [each.finding.application.ref for each in facts.hypotheses if each.finding]
            return tuple(row for row in facts.listing.rows if row.ref in named)
        case found.ListFacts():
            return facts.listing.rows if len(facts.listing.rows) <= FEW else ()
        case found.TotalFacts():
            return facts.rows if len(facts.rows) <= FEW else ()
        case _:
            return ()


# The words for each kind of facts; a test holds it to all there are.
TEMPLATES: dict[type[found.Facts], Callable[[Any, Voice], Wording]] = {
    found.StatusFacts: cluster_words.status,
    found.CompareFacts: cluster_words.compare,
    found.PastFacts: cluster_words.compared,
    found.ResolvedFacts: cluster_words.resolved,
    found.AlertFacts: diagnosis_words.first_reply,
    found.DiagnoseFacts: diagnosis_words.diagnose,
    found.ListFacts: list_words.listed,
    found.TotalFacts: list_words.totalled,
    found.SpareFacts: capacity_words.spared,
    found.DetailFacts: detail_words.detail,
    found.WhatIfFacts: detail_words.what_if,
    found.UnreadableFacts: detail_words.unreadable,
    KillFacts: kill_words.kill,
    found.AuditFacts: kill_words.audit,
    found.UnsupportedFacts: talk_words.unsupported,
    found.CapacityFacts: capacity_words.capacity,
    found.WatchFacts: capacity_words.promised,
    found.DraftFacts: draft_words.draft,
    found.CancelFacts: kill_words.cancel,
    found.GuideFacts: guide_words.guide,
    found.QuestionFacts: talk_words.question,
    found.ReadingsFacts: kill_words.readings,
    found.WordsFacts: talk_words.words,
    found.UnseenFacts: talk_words.unseen,
}


def worded(facts: found.Facts, voice: Voice) -> Wording:
    """Return the words for one kind of facts."""
    return TEMPLATES[type(facts)](facts, voice)
