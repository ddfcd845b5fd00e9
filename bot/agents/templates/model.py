"""Words about a model's part: two readings of one kill request, and the quiet lines."""

import json

from bot.agents.facts import ReadingsFacts
from bot.agents.memory import ModelUse
from bot.agents.model.port import ModelFailure
from bot.agents.model.prose import Prose
from bot.agents.templates.diagnosis import propose_button
from bot.agents.templates.wording import Voice, Wording
from bot.domain.answers import Bullets, Button, Buttons, Note, Part, Span, plain
from bot.domain.conversation import Intent, ListingRow
from bot.domain.language import Language
from bot.texts import model as texts

WHY = {
    ModelFailure.BUDGET: texts.OVER_BUDGET,
    ModelFailure.RESTING: texts.RESTING,
    ModelFailure.TIMEOUT: texts.TOO_SLOW,
    ModelFailure.RATE_LIMITED: texts.THROTTLED,
    ModelFailure.QUOTA: texts.NO_QUOTA,
    ModelFailure.REFUSAL: texts.FILTERED,
    ModelFailure.TOO_LONG: texts.TOO_LONG,
    ModelFailure.BAD_REQUEST: texts.CANNOT,
    ModelFailure.KEY: texts.KEY_REFUSED,
    ModelFailure.UNREACHABLE: texts.NOT_REACHED,
    ModelFailure.SERVER: texts.FAILED,
}


def readings(facts: ReadingsFacts, voice: Voice) -> Wording:
    """Show each reading, with a button for those that make a card."""
    language = voice.language
    alone = len(facts.kills) == 1 and facts.other is None
    sentence = (texts.PERHAPS_KILL if alone else texts.TWO_READINGS)(language)
    items = [(Span(_kill(rows, language)),) for rows in facts.kills]
    if facts.other is not None:
        other = texts.OTHER_READING(language, intent=texts.INTENTS[facts.other](language))
        items.append((Span(other),))
    parts: list[Part] = [plain(sentence), Bullets(tuple(items))]
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
        shown.append(Note(texts.UNPROVED(language)))
    if guessed is not None:
        shown.append(Note(texts.READ_AS(language, intent=texts.INTENTS[guessed](language))))
    trouble = prose.trouble or (used.trouble if used else None)
    if trouble is not None:
        shown.append(quiet_line(trouble, language))
    elif prose.second or (used is not None and used.second):
        shown.append(Note(texts.BY_SECOND(language)))
    return tuple(shown)


def quiet_line(trouble: ModelFailure, language: Language) -> Note:
    """Return the line that says an answer was made without the model, and why."""
    return Note(texts.UNAVAILABLE(language, why=WHY.get(trouble, texts.USELESS)(language)))


def _kill(rows: tuple[ListingRow, ...], language: Language) -> str:
    jobs = ", ".join(texts.JOB(language, rank=row.rank, name=row.name) for row in rows)
    return texts.KILL_READING(language, jobs=jobs)


def _button(rows: tuple[ListingRow, ...], language: Language) -> Button:
    """Return a button that proposes exactly these applications, by their ids."""
    if len(rows) == 1:
        return propose_button(rows[0], language)
    ranks = ", ".join(f"#{row.rank}" if language is Language.EN else str(row.rank) for row in rows)
    value = json.dumps({"ids": [row.ref.id for row in rows], "cluster": rows[0].ref.cluster})
    return Button("propose_kill", texts.PROPOSE_THESE(language, ranks=ranks), value)
