"""Words for passages, questions back, help and small talk."""

from collections.abc import Iterator

from bot.agents.facts import GuideFacts, QuestionFacts, WordsFacts
from bot.agents.templates.lists import short_id
from bot.agents.templates.readable import readable
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.answers import (
    Bullets,
    Button,
    Buttons,
    Note,
    Paragraph,
    Part,
    Quote,
    Span,
    plain,
)
from bot.domain.conversation import AgentName, Intent, ListingRow, Understanding
from bot.domain.knowledge import Collection, Passage
from bot.domain.language import Language
from bot.domain.readings_json import written
from bot.texts import guide as texts
from bot.texts import talk
from bot.texts.missing import said
from bot.texts.model import INTENTS

LABEL = 75  # characters of a button
PIECE = 2_500  # characters of one quote; Slack takes 3,000


def guide(facts: GuideFacts, voice: Voice) -> Wording:
    """Quote what fits, manual, history and web told apart, each with its source, best first."""
    language = voice.language
    found = [each for each in (facts.manual, facts.history, facts.web) if each is not None]
    passages = [item for each in found for item in each.passages]
    parts: list[Part] = [
        _quote(number, item, facts.marks.get(item.text, ()), language)
        for number, item in enumerate(passages, start=1)
    ]
    if passages:
        sentence = texts.FOUND(language, count=len(passages), title=titled(passages[0]))
    else:
        silent = texts.NOTHING_IN_HISTORY if facts.manual is None else texts.NOTHING_FOUND
        sentence = (texts.NO_MORE if facts.page else silent)(language)
        parts.append(plain(sentence))
    parts.extend(Note(line) for line in _asides(facts, voice))
    if facts.id and passages:
        parts.append(_buttons(facts, passages, language))
    return Wording(sentence, tuple(parts), sources=tuple(item.source for item in passages))


def section(passage: Passage, answer_id: str, number: int, voice: Voice) -> Wording:
    """Show a whole section, or a whole past incident, as readable text."""
    title = titled(passage)
    pieces = pieced(readable(passage.text), PIECE)
    quotes = [
        Quote(
            piece,
            kind_of(passage, voice.language),
            title if first else texts.GOES_ON(voice.language),
        )
        for first, piece in zip([True, *[False] * len(pieces)], pieces, strict=False)
    ]
    votes = vote_buttons(f"{answer_id}:{number}", voice.language)
    return Wording(title, (*quotes, Buttons(votes)), sources=(passage.source,))


def titled(passage: Passage) -> str:
    """Return `document › heading`, or the one of them there is."""
    heading = passage.heading
    return f"{passage.title} › {heading}" if heading not in {"", passage.title} else passage.title


def kind_of(passage: Passage, language: Language) -> str:
    """Return what a passage is: manual and file, past incident and date, or web and domain."""
    file = passage.source.partition("#")[0].partition("/")[2]
    if passage.collection is Collection.MANUAL:
        return texts.MANUAL(language, file=file)
    if passage.collection is Collection.HISTORY:
        dated = passage.dated.isoformat() if passage.dated else file
        return texts.HISTORY(language, date=dated)
    return texts.WEB(language, domain=passage.source)


def vote_buttons(value: str, language: Language) -> tuple[Button, ...]:
    """Return thumbs up and down for one answer, or one passage of it."""
    return (
        Button("guide_up", texts.HELPFUL(language), value),
        Button("guide_down", texts.UNHELPFUL(language), value),
    )


def pieced(text: str, size: int) -> list[str]:
    """Cut a long text between lines, and a longer line between words; `size` is in characters."""
    pieces = [""]
    for line in (part for whole in text.split("\n") for part in _short(whole, size)):
        if pieces[-1] and len(pieces[-1]) + len(line) + 1 > size:
            pieces.append(line)
        else:
            pieces[-1] = f"{pieces[-1]}\n{line}" if pieces[-1] else line
    return pieces


def question(facts: QuestionFacts, voice: Voice) -> Wording:
    """Ask back, showing the candidates where there are some."""
    language = voice.language
    ask = talk.QUESTIONS.get(facts.key, talk.QUESTIONS["which_one"])
    sentence = ask(language, **facts.values)
    items = tuple(
        (
            Span(
                talk.CANDIDATE(
                    language, rank=row.rank, name=row.name, user=row.user, id=short_id(row.ref.id)
                )
            ),
        )
        for row in facts.candidates[:5]
    )
    parts: tuple[Part, ...] = (plain(sentence), *((Bullets(items),) if items else ()))
    buttons = tuple(
        Button("take_reading", reading_label(reading, rows, language)[:LABEL], value)
        for reading, rows in facts.meant
        if (value := written(reading))
    )
    if buttons:
        parts = (*parts, Buttons(buttons))
    return Wording(sentence, parts, intent=Intent.CLARIFY)


def reading_label(reading: Understanding, rows: tuple[ListingRow, ...], language: Language) -> str:
    """Return what a message may have meant in a few words: what is wanted, and of which rows."""
    wanted = INTENTS[reading.intent](language)
    if reading.intent is Intent.KILL:
        wanted = talk.MAKE_CARD(language)
    jobs = ", ".join(talk.ROW(language, rank=row.rank, name=row.name) for row in rows[:3])
    more = " …" if len(rows) > 3 else ""  # noqa: PLR2004 - as many as a button holds
    return talk.MEANT(language, jobs=jobs + more, wanted=wanted) if jobs else wanted


def words(facts: WordsFacts, voice: Voice) -> Wording:
    """Say the few things that need no facts."""
    language = voice.language
    if facts.key == Intent.NONE.value and facts.open_card:
        sentence = talk.HOLD(language)
        cancel = Understanding(Intent.CANCEL, AgentName.DATA_ENGINEER, language)
        button = Button("take_reading", talk.WITHDRAW(language), written(cancel))
        return Wording(sentence, (plain(sentence), Buttons((button,))))
    sentence = talk.WORDS[facts.key](language)
    if facts.key != "help":
        return Wording(sentence, (plain(sentence),))
    items = tuple((Span(item(language)),) for item in talk.HELP_ITEMS)
    parts = (
        Paragraph((bold(talk.HELP_TITLE(language)),)),
        Bullets(items),
        Note(talk.HELP_KILL(language)),
    )
    return Wording(sentence, parts)


def _short(line: str, size: int) -> Iterator[str]:
    while len(line) > size:
        at = line.rfind(" ", 1, size) if " " in line[1:size] else size
        yield line[:at]
        line = line[at:].lstrip(" ")
    yield line


def _quote(
    number: int, passage: Passage, marks: tuple[tuple[int, int], ...], language: Language
) -> Quote:
    title = f"{number}. {titled(passage)}"
    return Quote(passage.text, kind_of(passage, language), title, marks)


def _asides(facts: GuideFacts, voice: Voice) -> Iterator[str]:
    """Yield the quiet lines: no past incident beside the manual, how "this" was read, what is missing."""
    found = (facts.manual, facts.history, facts.web)
    history = facts.history
    manual = bool(facts.manual and facts.manual.passages)
    if manual and history and not (history.passages or history.missing or facts.page):
        yield texts.NOTHING_IN_HISTORY(voice.language)
    if facts.recent and history and history.passages:
        yield texts.RECENT_FIRST(voice.language)
    missing = [each.missing for each in found if each and each.missing]
    if missing:
        yield said(missing, voice.language)


def _buttons(facts: GuideFacts, passages: list[Passage], language: Language) -> Buttons:
    buttons = [
        Button("guide_source", texts.SHOW_SOURCE(language, number=number), f"{facts.id}:{number}")
        for number, item in enumerate(passages, start=1)
        if item.collection is not Collection.WEB
    ]
    more = [Button("guide_more", texts.MORE(language), facts.id)] if facts.more else []
    return Buttons((*more, *buttons, *vote_buttons(facts.id, language)))
