"""Words for passages, questions back, help and small talk."""

from bot.agents.facts import GuideFacts, QuestionFacts, WordsFacts
from bot.agents.wording.job_words import short_id
from bot.agents.wording.wording import Voice, Wording, bold
from bot.domain.answers import Bullets, Note, Paragraph, Part, Quote, Span, plain
from bot.domain.conversation import Intent
from bot.domain.language import Text
from bot.texts import talk
from bot.texts.missing import said
from bot.tools.toolbox import Found

PASSAGE_LENGTH = 600


def guide(facts: GuideFacts, voice: Voice) -> Wording:
    """Quote what fits, manual, history and web told apart, each with its source."""
    language = voice.language
    sections = (
        (talk.MANUAL, facts.manual),
        (talk.HISTORY, facts.history),
        (talk.WEB, facts.web),
    )
    parts: list[Part] = []
    for title, found in sections:
        parts.extend(_section(title, found, voice))
    passages = [item for _, found in sections if found for item in found.passages]
    if passages:
        sentence = talk.FOUND(language, count=len(passages))
    else:
        silent = talk.NOTHING_IN_HISTORY if facts.manual is None else talk.NOTHING_FOUND
        sentence = silent(language)
        parts.append(plain(sentence))
    missing = [found.missing for _, found in sections if found and found.missing]
    if missing:
        parts.append(Note(said(missing, language)))
    return Wording(sentence, tuple(parts), sources=tuple(item.source for item in passages))


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
    return Wording(sentence, parts, intent=Intent.CLARIFY)


def words(facts: WordsFacts, voice: Voice) -> Wording:
    """Say the few things that need no facts."""
    language = voice.language
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


def _section(title: Text, found: Found | None, voice: Voice) -> list[Part]:
    if found is None or not found.passages:
        return []
    quotes = [Quote(_cut(item.text), item.source) for item in found.passages]
    return [Paragraph((bold(title(voice.language)),)), *quotes]


def _cut(text: str) -> str:
    return text if len(text) <= PASSAGE_LENGTH else text[:PASSAGE_LENGTH].rstrip() + " …"
