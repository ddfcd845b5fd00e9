"""Words for passages of documents."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.agents.facts import GuideFacts
from bot.agents.templates.markdown import DocumentPart, parts_of, words_of
from bot.agents.templates.wording import LABEL, Voice, Wording
from bot.domain.answers import (
    Button,
    Buttons,
    Extract,
    Note,
    Notice,
    Part,
    plain,
)
from bot.domain.knowledge import Collection, Passage
from bot.domain.language import Language, Text
from bot.texts.figures import said

MANUAL = Text(ko="운영 매뉴얼 · {file}", en="Operation manual · {file}")
HISTORY = Text(ko="지난 사례 · {date}", en="Past incident · {date}")
WEB = Text(ko="웹 · {domain}", en="Web · {domain}")
MAYBE = Text(
    ko="질문과 꼭 맞는지는 확실하지 않습니다. 가장 가까운 내용입니다: {title}",
    en="This may not be what you asked; the closest I have: {title}",
)
NOTHING_FOUND = Text(
    ko="매뉴얼과 지난 사례에 맞는 내용이 없습니다.",
    en="Nothing in the manual or past incidents fits.",
)
NOTHING_IN_HISTORY = Text(
    ko="비슷한 지난 사례를 찾지 못했습니다.", en="No similar past incident was found."
)
NOT_SEARCHED = Text(ko="문서를 검색하지 못했습니다.", en="The documents could not be searched.")
SAMPLE = Text(
    ko="제품에 들어 있는 예시 문서입니다. 이 팀의 규정이나 실제 사례가 아닙니다.",
    en="From the sample pages the product ships: not this team's rules, nor real incidents.",
)
RECENT_FIRST = Text(
    ko="지금 클러스터 상황으로 찾아 최근 사례부터 보여 드립니다. 더 정확히 찾으려면 증상이나 잡 이름을 말씀해 주세요.",
    en="Searched by what the cluster does now, newest first. Name a symptom or a job to narrow it.",
)
WHOLE_PAGE = Text(ko="전체 보기: {title}", en="Whole page: {title}")
RELATED = Text(ko="관련 문서: {titles}", en="Related pages: {titles}")
RELATED_SAMPLES = Text(ko="관련 문서(예시): {titles}", en="Related pages (samples): {titles}")
GOES_ON = Text(ko="이어서", en="Continued")
HELPFUL = Text(ko="👍 도움 됨", en="👍 Helpful")
UNHELPFUL = Text(ko="👎 도움 안 됨", en="👎 Not helpful")
VOTED_UP = Text(
    ko="👍 의견을 남겼습니다. 다시 눌러 바꿀 수 있습니다.",
    en="👍 noted. You can change it by pressing the other button.",
)
VOTED_DOWN = Text(
    ko="👎 의견을 남겼습니다. 다시 눌러 바꿀 수 있습니다.",
    en="👎 noted. You can change it by pressing the other button.",
)
SOURCE_GONE = Text(
    ko="이 원문은 지금 읽을 수 없습니다. 문서가 바뀌었거나 지워졌습니다.",
    en="This source cannot be read now: the document was changed or removed.",
)
ANSWER_GONE = Text(
    ko="이 답변의 기록이 없습니다. 다시 질문해 주세요.",
    en="Nothing is known of this answer any more. Please ask again.",
)
STEP = Text(ko="{number}단계: {label}", en="Step {number}: {label}")
# A link of a page to what the bot shows of the present: `[top jobs](bot:list_top)`.
LIVE = re.compile(r"^(?:(\d+)\. )?.*?\]\(bot:(\w+)\)", re.MULTILINE)
SHOWS = {
    "list_top": Text(ko="지금 상위 5개 잡", en="top 5 jobs now"),
    "refresh_status": Text(ko="지금 상태", en="status now"),
    "why": Text(ko="지금 원인", en="cause now"),
}
PIECE = 2_500  # characters of one block; Slack takes 3,000


def guide(facts: GuideFacts, voice: Voice) -> Wording:
    """Show what is best of one page, then the titles of others as buttons that open them.

    Results of the web are shown beside it: they open where they are.
    """
    language = voice.language
    shown = facts.shown
    own = [item for item in shown if item.collection is not Collection.WEB]
    results = [item for item in shown if item.collection is Collection.WEB]
    parts: list[Part] = []
    if shown:
        title = titled(shown[0])
        sentence = title if facts.sure else MAYBE(language, title=title)
    else:
        failed = [each for each in (facts.manual, facts.history) if each and each.missing]
        silent = NOTHING_IN_HISTORY if facts.manual is None else NOTHING_FOUND
        sentence = (NOT_SEARCHED if failed else silent)(language)
    if not (shown and facts.sure):
        parts.append(plain(sentence))
    if any(item.sample for item in own):
        parts.append(Notice(SAMPLE(language)))
    quoted = own[: facts.quoted]
    web_first = bool(shown) and shown[0].collection is Collection.WEB
    ordered = (*results, *quoted) if web_first else (*quoted, *results)
    parts.extend(extract(item, language) for item in ordered)
    parts.extend(Note(line) for line in _asides(facts, voice))
    if facts.id and shown:
        now = _live(shown[0], language)  # what shows the present for a step
        votes = vote_buttons(facts.id, language)
        parts.append(Buttons((*now, *_opening(facts, language), *votes)))
    return Wording(sentence, tuple(parts), sources=tuple(item.source for item in shown))


def section(passage: Passage, answer_id: str, number: int, voice: Voice) -> Wording:
    """Show a whole section, or a whole page or past incident, in blocks that Slack takes."""
    title, language = titled(passage), voice.language
    parts = [
        Extract(title if at == 0 else GOES_ON(language), kind_of(passage, language), group)
        for at, group in enumerate(_grouped(parts_of(passage.text), PIECE))
    ]
    sample = (Notice(SAMPLE(language)),) if passage.sample else ()
    votes = Buttons(vote_buttons(f"{answer_id}:{number}", language))
    return Wording(title, (*sample, *parts, votes), sources=(passage.source,))


def extract(passage: Passage, language: Language) -> Extract:
    """Return a passage as it is shown; text of the web is no Markdown."""
    kind = kind_of(passage, language)
    if passage.collection is Collection.WEB:
        return Extract(titled(passage), kind, (plain(passage.text),), passage.url)
    return Extract(titled(passage), kind, parts_of(passage.text))


def titled(passage: Passage) -> str:
    """Return `document › heading`, or the one of them there is."""
    heading = passage.heading
    return f"{passage.title} › {heading}" if heading not in {"", passage.title} else passage.title


def kind_of(passage: Passage, language: Language) -> str:
    """Return what a passage is: manual and file, past incident and date, or web and domain."""
    file = passage.source.partition("#")[0].partition("/")[2]
    if passage.collection is Collection.MANUAL:
        return MANUAL(language, file=file)
    if passage.collection is Collection.HISTORY:
        dated = passage.dated.isoformat() if passage.dated else file
        return HISTORY(language, date=dated)
    return WEB(language, domain=passage.source)


def vote_buttons(value: str, language: Language) -> tuple[Button, ...]:
    """Return thumbs up and down for one answer, or one passage of it."""
    return (
        Button("guide_up", HELPFUL(language), value),
        Button("guide_down", UNHELPFUL(language), value),
    )


def _grouped(parts: Sequence[DocumentPart], size: int) -> Iterator[tuple[DocumentPart, ...]]:
    """Yield runs of parts of about `size` characters."""
    group: list[DocumentPart] = []
    for part in parts:
        if group and len(words_of([*group, part])) > size:
            yield tuple(group)
            group = []
        group.append(part)
    yield tuple(group)


def _asides(facts: GuideFacts, voice: Voice) -> Iterator[str]:
    """Yield the quiet lines: how "this" was read, and what could not be searched."""
    history = facts.history
    if facts.recent and history and history.passages:
        yield RECENT_FIRST(voice.language)
    found = (facts.manual, facts.history, facts.web)
    missing = [each.missing for each in found if each and each.missing]
    if missing:
        yield said(missing, voice.language)


def with_related(wording: Wording, related: GuideFacts, language: Language) -> Wording:
    """Return an answer with related pages under it: their titles, then what is quoted of them."""
    sample = any(item.sample for item in related.shown)
    told = RELATED_SAMPLES if sample else RELATED
    titles = " · ".join(titled(item) for item in related.shown)
    quoted = (extract(item, language) for item in related.shown[: related.quoted])
    parts: tuple[Part, ...] = (*wording.parts, Note(told(language, titles=titles)), *quoted)
    if related.id:
        parts = (*parts, Buttons(tuple(_opening(related, language))))
    sources = (*wording.sources, *(item.source for item in related.shown))
    return replace(wording, parts=parts, sources=tuple(dict.fromkeys(sources)))


def _live(passage: Passage, language: Language) -> Iterator[Button]:
    """Yield a button for each thing of the present that a page of ours links to, once."""
    links = [] if passage.collection is Collection.WEB else LIVE.findall(passage.text)
    steps: dict[str, str] = {}
    for number, action in links:
        steps.setdefault(action, number)
    for action in (each for each in steps if each in SHOWS):
        label, number = SHOWS[action](language), steps[action]
        yield Button(action, STEP(language, number=number, label=label) if number else label)


def _opening(facts: GuideFacts, language: Language) -> Iterator[Button]:
    """Yield what opens: the page of the first passage, and what is not quoted by its titles."""
    own = [
        (number, item)
        for number, item in enumerate(facts.shown, start=1)
        if item.collection is not Collection.WEB
    ]
    for place, (number, item) in enumerate(own):
        if place == 0 or place >= facts.quoted:
            label = titled(item) if place else WHOLE_PAGE(language, title=item.title)
            yield Button("guide_source", label[:LABEL], f"{facts.id}:{number}")
