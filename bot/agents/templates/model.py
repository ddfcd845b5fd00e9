"""Words about a model's part: two readings of one kill request, and the quiet lines."""

import json

from bot.agents.facts import ReadingsFacts
from bot.agents.memory import ModelUse
from bot.agents.model.port import ModelFailure
from bot.agents.model.prose import Prose
from bot.agents.route import name_of
from bot.agents.templates.details import ARE_PROTECTED
from bot.agents.templates.diagnosis import propose_button
from bot.agents.templates.wording import RANKED, Voice, Wording
from bot.domain.answers import Bullets, Button, Buttons, Note, Part, Span, plain
from bot.domain.conversation import Intent, ListingRow
from bot.domain.language import Language, Text

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
TWO_READINGS = Text(
    ko="종료 요청이 두 가지로 읽힙니다. 어느 쪽입니까? 아직 아무것도 제안하지 않았습니다.",
    en="This can be read in two ways. Which one do you mean? Nothing has been proposed yet.",
)
PERHAPS_KILL = Text(
    ko="종료 요청인지 분명하지 않습니다. 종료하려면 버튼을 누르거나 번호로 다시 말씀해 주십시오.",
    en="It is not clear that you want a kill. If so, press the button or say the numbers.",
)
KILL_READING = Text(ko="{jobs} 종료", en="Kill {jobs}")
OTHER_READING = Text(ko="종료하지 않고 {intent}", en="No kill: {intent}")
PROPOSE_THESE = Text(ko="종료 제안: {ranks}번", en="Propose killing {ranks}")
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


def readings(facts: ReadingsFacts, voice: Voice) -> Wording:
    """Show each reading, with a button for those that make a card."""
    language = voice.language
    alone = len(facts.kills) == 1 and facts.other is None
    sentence = (PERHAPS_KILL if alone else TWO_READINGS)(language)
    items = []
    for rows in facts.kills:
        jobs = ", ".join(RANKED(language, rank=row.rank, name=row.name) for row in rows)
        items.append((Span(KILL_READING(language, jobs=jobs)),))
    if facts.other is not None:
        other = OTHER_READING(language, intent=name_of(facts.other, language))
        items.append((Span(other),))
    parts: list[Part] = [plain(sentence), Bullets(tuple(items))]
    kept = {row.name: None for rows in facts.kills for row in rows if row.protected}
    if kept:
        parts.append(plain(ARE_PROTECTED(language, names=", ".join(kept))))
    buttons = tuple(
        _button(rows, language) for rows in facts.kills if not any(row.protected for row in rows)
    )
    if buttons:
        parts.append(Buttons(buttons))
    return Wording(sentence, tuple(parts), intent=Intent.CLARIFY)


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


def _button(rows: tuple[ListingRow, ...], language: Language) -> Button:
    """Return a button that proposes exactly these applications, by their ids."""
    if len(rows) == 1:
        return propose_button(rows[0], language)
    ranks = ", ".join(f"#{row.rank}" if language is Language.EN else str(row.rank) for row in rows)
    value = json.dumps({"ids": [row.ref.id for row in rows], "cluster": rows[0].ref.cluster})
    return Button("propose_kill", PROPOSE_THESE(language, ranks=ranks), value)
