"""Words for passages, questions back, help and small talk."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.agents.facts import GuideFacts, QuestionFacts, WordsFacts
from bot.agents.route import name_of
from bot.agents.templates.lists import short_id
from bot.agents.templates.markdown import DocumentPart, parts_of, words_of
from bot.agents.templates.wording import RANKED, Voice, Wording, bold
from bot.domain.answers import (
    Bullets,
    Button,
    Buttons,
    Extract,
    Note,
    Notice,
    Paragraph,
    Part,
    Span,
    plain,
)
from bot.domain.conversation import AgentName, Intent, ListingRow, Understanding
from bot.domain.knowledge import Collection, Passage
from bot.domain.language import Language, Text
from bot.domain.readings_json import written
from bot.texts.missing import said

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
LABEL = 75  # characters of a button
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


# What is said when there is nothing to look up: questions back, help, thanks.
QUESTIONS = {
    "no_listing": Text(
        ko="아직 보여 드린 목록이 없습니다. 먼저 상위 잡을 볼까요? 애플리케이션 ID로 말씀하셔도 됩니다.",
        en="No list has been shown here yet. Shall I list the top jobs first? An application id works too.",
    ),
    "unknown_rank": Text(
        ko="보여 드린 목록에 {rank}번이 없습니다. 몇 번을 말씀하십니까?",
        en="The list shown has no #{rank}. Which one do you mean?",
    ),
    "fewer_rows": Text(
        ko="보여 드린 목록은 {rows}개입니다. 몇 번을 말씀하십니까?",
        en="The list shown has only {rows} rows. Which ones do you mean?",
    ),
    "nobody": Text(
        ko="실행 중인 잡 가운데 '{value}'에 맞는 것이 없습니다. 번호나 이름으로 말씀해 주세요.",
        en="Nothing that runs matches “{value}”. Say its number or name.",
    ),
    "not_listed": Text(
        ko="실행 중이지만 보여 드린 목록에는 없는 잡입니다: {names}."
        " 종료하려면 목록을 다시 요청하거나 애플리케이션 ID로 말씀해 주세요.",
        en="Running, but not on the list shown: {names}."
        " To kill it, list the jobs again or say its application id.",
    ),
    "ambiguous": Text(
        ko="여러 잡에 해당합니다. 몇 번을 말씀하십니까?",
        en="That fits several jobs. Which numbers do you mean?",
    ),
    "which_one": Text(
        ko="몇 번 잡인가요? 이름이나 ID로 말씀하셔도 됩니다.",
        en="Which job: its number, name or id?",
    ),
    "nothing_left": Text(
        ko="빼고 나면 남는 잡이 없습니다. 어느 잡을 말씀하십니까?",
        en="Nothing is left after leaving those out. Which jobs do you mean?",
    ),
    "which_queue": Text(
        ko="어느 큐를 말씀하십니까? 지금 잡이 실행 중인 큐: {names}.",
        en="Which queue do you mean? Queues with running jobs: {names}.",
    ),
    "two_requests": Text(
        ko="한 번에 여러 가지를 말씀하셨습니다. 종료할 잡만 번호로 다시 말씀해 주세요.",
        en="That was several things at once. Please say only which numbers to kill.",
    ),
    "which_reading": Text(ko="어느 쪽입니까?", en="Which do you mean?"),
    "not_understood": Text(
        ko="질문을 이해하지 못했습니다. 조금 다르게 말씀해 주시겠습니까? '도움말'이라고 하시면 예를 보여 드립니다.",
        en="I did not understand. Could you put it differently? Say “help” for examples.",
    ),
}
MAKE_CARD = Text(ko="종료 카드 만들기", en="make a kill card")
MEANT = Text(ko="{jobs} {wanted}", en="{jobs}: {wanted}")
CANDIDATE = Text(ko="{rank}번 {name} ({user}, {id})", en="#{rank} {name} ({user}, {id})")

HELP_TITLE = Text(ko="이렇게 물어보세요", en="What you can ask")
HELP_ITEMS = (
    Text(ko="현재 클러스터 가동율 알려줘", en="How busy is the cluster right now?"),
    Text(ko="CPU가 왜 높아?", en="Why is CPU so high?"),
    Text(ko="리소스를 많이 사용하는 spark 잡 3개 보여줘", en="Show the top 3 Spark jobs"),
    Text(
        ko="2번 자세히 알려줘 · 1번 죽이면 얼마나 내려가?",
        en="Tell me more about #2 · What if we kill #1?",
    ),
    Text(ko="이 중에서 상위 2개 종료해줘", en="Kill the top 2"),
    Text(ko="클러스터 사용율이 떨어졌는지 확인해줘", en="Did the CPU go down?"),
    Text(
        ko="어제 이 시간이랑 비교해줘", en="Compare with yesterday · Is it higher than an hour ago?"
    ),
    Text(ko="이 큐에서 줄여도 되는 잡은?", en="Which jobs in this queue could we cut?"),
    Text(
        ko="가동율이 높을 때 어떻게 해야 돼? · 전에도 이런 적 있어?",
        en="What does the runbook say? · Any past incidents?",
    ),
    Text(
        ko="etl 큐에 20코어 자리 있어? · 유저별 코어 합계",
        en="Is there room for 20 cores? · Cores per user",
    ),
    Text(
        ko="CPU 80 밑으로 내려가면 알려줘 · 인수인계 써줘",
        en="Tell me when CPU is below 80 · Write a handover",
    ),
    Text(ko="누가 승인했어? · 취소해", en="Who approved it? · Cancel that"),
)
HELP_KILL = Text(
    ko="잡은 승인자가 카드의 승인 버튼을 눌러야만 종료됩니다. 글로 쓴 승인은 세지 않습니다.",
    en="A job dies only when an approver presses Approve on the card. Typed approvals do not count.",
)
HOLD = Text(
    ko="기다리겠습니다. 카드는 열려 있습니다. 거둘까요?",
    en="Holding. The card is still open; shall I withdraw it?",
)
WITHDRAW = Text(ko="카드 거두기", en="Withdraw the card")
WORDS = {
    "help": Text(ko="도움말", en="Help"),
    "smalltalk": Text(
        ko="네, 필요하면 언제든 불러 주세요.", en="Any time. Ask me whenever you need me."
    ),
    "none": Text(
        ko="알겠습니다. 아무것도 종료하지 않습니다.", en="Understood. Nothing will be killed."
    ),
    "unsure": Text(
        ko="무슨 말씀인지 이해하지 못했습니다. '상위 5개 잡'이나 'CPU가 왜 높아?'처럼 말씀해 주세요. '도움말'에 예가 더 있습니다.",
        en="I did not understand that. Try “top 5 jobs” or “why is CPU high?”, or say “help”.",
    ),
    "out_of_scope": Text(
        ko="저는 클러스터와 Spark 잡에 관한 일만 돕습니다. '도움말'이라고 하시면 예를 보여 드립니다.",
        en="I only help with the cluster and its Spark jobs. Say “help” for examples.",
    ),
    "use_buttons": Text(
        ko="글로 쓴 승인은 세지 않습니다. 카드의 승인 또는 거절 버튼을 눌러 주세요.",
        en="Typed approvals do not count. Please press Approve or Reject on the card.",
    ),
}

UNREADABLE = Text(
    ko="지금은 클러스터를 읽을 수 없어 답할 수 없습니다.",
    en="The cluster cannot be read right now, so this cannot be answered.",
)


def question(facts: QuestionFacts, voice: Voice) -> Wording:
    """Ask back, showing the candidates where there are some."""
    language = voice.language
    ask = QUESTIONS.get(facts.key, QUESTIONS["which_one"])
    sentence = ask(language, **facts.values)
    items = tuple(
        (
            Span(
                CANDIDATE(
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
    wanted = name_of(reading.intent, language)
    if reading.intent is Intent.KILL:
        wanted = MAKE_CARD(language)
    jobs = ", ".join(RANKED(language, rank=row.rank, name=row.name) for row in rows[:3])
    more = " …" if len(rows) > 3 else ""  # noqa: PLR2004 - as many as a button holds
    return MEANT(language, jobs=jobs + more, wanted=wanted) if jobs else wanted


def words(facts: WordsFacts, voice: Voice) -> Wording:
    """Say the few things that need no facts."""
    language = voice.language
    if facts.key == Intent.NONE.value and facts.open_card:
        sentence = HOLD(language)
        cancel = Understanding(Intent.CANCEL, AgentName.DATA_ENGINEER, language)
        button = Button("take_reading", WITHDRAW(language), written(cancel))
        return Wording(sentence, (plain(sentence), Buttons((button,))))
    sentence = WORDS[facts.key](language)
    if facts.key != "help":
        return Wording(sentence, (plain(sentence),))
    items = tuple((Span(item(language)),) for item in HELP_ITEMS)
    parts = (
        Paragraph((bold(HELP_TITLE(language)),)),
        Bullets(items),
        Note(HELP_KILL(language)),
    )
    return Wording(sentence, parts)


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
