"""Words for the record of an incident: a document of facts, and its post in the thread."""

import re
import unicodedata
from collections.abc import Mapping

from bot.agents.templates.draft import told
from bot.agents.templates.markdown import parts_of
from bot.agents.templates.wording import Voice, Wording, bold, evidence_words
from bot.domain.answers import Button, Buttons, Extract, Note, Paragraph, Part, plain
from bot.domain.knowledge import Collection, Culprit, Document, Incident
from bot.domain.language import Text
from bot.domain.proposals import Proposal
from bot.texts import figures

CAUSE = Text(ko="상황과 원인", en="Situation and cause")
EFFECT = Text(ko="조치와 효과", en="Action and effect")
LESSON = Text(ko="교훈", en="Lesson")
ALERTED = Text(
    ko="{start} {cluster} 알람: {title}. 그때 CPU는 {cpu}였습니다.",
    en="{start}, alert on {cluster}: {title}. CPU was {cpu} then.",
)
NO_CULPRIT = Text(ko="두드러지게 큰 애플리케이션은 없었습니다.", en="No application stood out.")
RUNAWAY = Text(
    ko="- {name}(사용자 {user}, 큐 {queue}): {cores}, 전체의 {share}, 폭주로 판단했습니다({evidence}).",
    en="- {name} (user {user}, queue {queue}): {cores}, {share} of all; judged a runaway ({evidence}).",
)
HEAVY = Text(
    ko="- {name}(사용자 {user}, 큐 {queue}): {cores}, 전체의 {share}를 썼습니다.",
    en="- {name} (user {user}, queue {queue}): {cores}, {share} of all.",
)
NO_ACTION = Text(
    ko="봇의 카드로 종료한 애플리케이션은 없습니다.", en="Nothing was killed through the bot."
)
RELAUNCHED = Text(
    ko=". 같은 이름으로 다시 뜬 애플리케이션이 {count}개 있었습니다.",
    en=". {count} came back under the same name.",
)
ENDED = Text(
    ko="{end}에 알람이 끝났습니다. 걸린 시간 {duration}, CPU {before} → {after}.",
    en="The alert ended at {end}, after {duration}. CPU {before} → {after}.",
)

RECORD = Text(ko="이 알람의 기록", en="Record of this alert")
NO_LESSON = Text(ko="아직 적지 않았습니다.", en="None written yet.")
KEEP_ASK = Text(
    ko="보관하면 다음에 비슷한 일을 물을 때 보여 드립니다.",
    en="Keep it and I will show it when something like this is asked about.",
)
KEEP_ASK_PRIVATE = Text(
    ko="남기면 다음에 '전에도 이런 적 있어?'라고 물을 때, 이 비공개 채널에서만 찾을 수 있습니다.",
    en="If kept, “any past incidents like this one?” will find it, in this private channel only.",
)
KEEP = Text(ko="사례로 남기기", en="Keep this record")
DISCARD = Text(ko="버리기", en="Discard")
KEPT = Text(ko="지난 사례로 남겼습니다: {title}", en="Kept as a past incident: {title}")
KEPT_BY = Text(ko="사례로 남긴 사람: ", en="Kept by ")
DISCARDED_BY = Text(ko="기록을 버린 사람: ", en="Record discarded by ")
ALREADY_KEPT = Text(ko="이미 사례로 남겼습니다.", en="This record was kept already.")
ALREADY_DISCARDED = Text(ko="이미 버린 기록입니다.", en="This record was discarded already.")
NOT_KEPT = Text(
    ko="지금은 남길 수 없습니다(문서 저장소가 응답하지 않습니다). 잠시 뒤 다시 눌러 주세요.",
    en="It cannot be kept now: the document store does not answer. Please press again later.",
)
RECORD_GONE = Text(ko="이 기록을 찾을 수 없습니다.", en="This record cannot be found.")


TITLE_LENGTH, NAME_LENGTH = 120, 80
CULPRITS, PROPOSALS = 5, 10
# Letters that mean something in Markdown or HTML become their harmless wide twins.
HARMLESS = str.maketrans(dict(zip("`<>*|#~\\", "｀＜＞＊｜＃～＼", strict=True)))
STATUS = re.compile(r"^\s*\[(?:FIRING|RESOLVED)[^\]]*\]\s*", re.IGNORECASE)  # Alertmanager's


def document(
    incident: Incident,
    proposals: tuple[Proposal, ...],
    names: Mapping[str, str],
    voice: Voice,
) -> Document:
    """Compose the document: facts only, the lesson left for people to write.

    `names` are people's names by Slack id.
    """
    facts = incident.facts
    day = facts.opened_at.astimezone(voice.zone).date()
    title = f"{day.isoformat()} {_title(incident)}"
    sections = (
        (CAUSE, _cause(incident, voice)),
        (EFFECT, _effect(incident, proposals, names, voice)),
        (LESSON, ()),
    )
    written = [f"# {title}"]
    for heading, lines in sections:
        written.extend(("", f"## {heading(voice.language)}", *lines))
    return Document(
        collection=Collection.HISTORY,
        file=f"{day.isoformat()}-incident-{incident.id[:12]}.md",
        title=title,
        text="\n".join(written),
        dated=day,
        language=voice.language.value,
        channel=incident.channel if incident.private else "",
    )


def harmless(text: str, limit: int) -> str:
    """Return one line of a name from outside that can forge no heading, list, link or comment."""
    shown = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter
        for letter in text
        if unicodedata.category(letter) not in {"Cf", "Cs", "Co", "Cn"}
    )
    line = " ".join(shown.translate(HARMLESS).replace("](", "] (").split())
    return line if len(line) <= limit else line[:limit].rstrip() + "…"


def offered(incident: Incident, record: Document, voice: Voice) -> Wording:
    """Show the record, and ask whether to keep it."""
    language = voice.language
    ask = (KEEP_ASK_PRIVATE if incident.private else KEEP_ASK)(language)
    buttons = (
        Button("keep_incident", KEEP(language), incident.id, "primary"),
        Button("discard_incident", DISCARD(language), incident.id),
    )
    return _record(record, voice, Note(ask), Buttons(buttons))


def kept(record: Document, by: str, voice: Voice) -> Wording:
    """Show the record as it was kept, and by whom."""
    return _record(record, voice, Note(KEPT_BY(voice.language) + by))


def confirmed(record: Document, voice: Voice) -> Wording:
    """Say that a record was kept."""
    sentence = KEPT(voice.language, title=record.title)
    return Wording(sentence, (plain(sentence),), sources=(source_of(record, voice),))


def discarded(by: str, voice: Voice) -> Wording:
    """Say who discarded the record."""
    sentence = DISCARDED_BY(voice.language) + by
    return Wording(sentence, (Note(sentence),))


def source_of(record: Document, voice: Voice) -> str:
    """Return the name a kept record is cited by."""
    return f"{Collection.HISTORY.value}/{record.file}#{CAUSE(voice.language)}"


def _record(record: Document, voice: Voice, *after: Part) -> Wording:
    language = voice.language
    headline = f"{RECORD(language)}: {record.title}"
    parts: list[Part] = [Paragraph((bold(headline),))]
    for block in record.text.split("\n## ")[1:]:
        heading, _, body = block.partition("\n")
        written = parts_of(body) or (plain(NO_LESSON(language)),)
        parts.append(Extract(heading, "", written))
    return Wording(headline, (*parts, *after))


def _alert(incident: Incident) -> str:
    return harmless(STATUS.sub("", incident.facts.alert_title), TITLE_LENGTH)


def _title(incident: Incident) -> str:
    """Return the alert, and the first application that got out of hand."""
    wild = [each.name for each in incident.facts.culprits if each.runaway]
    return ": ".join([_alert(incident), *(harmless(name, NAME_LENGTH) for name in wild[:1])])


def _cause(incident: Incident, voice: Voice) -> tuple[str, ...]:
    facts, language = incident.facts, voice.language
    alerted = ALERTED(
        language,
        start=voice.time(facts.opened_at),
        cluster=harmless(facts.cluster, NAME_LENGTH),
        title=_alert(incident),
        cpu=figures.percent(facts.cpu_before),
    )
    culprits = [_culprit(each, voice) for each in facts.culprits[:CULPRITS]]
    return (alerted, *(["", *culprits] if culprits else [NO_CULPRIT(language)]))


def _culprit(culprit: Culprit, voice: Voice) -> str:
    language = voice.language
    words = RUNAWAY if culprit.runaway else HEAVY
    return words(
        language,
        name=_coded(culprit.name),
        user=harmless(culprit.user, NAME_LENGTH),
        queue=_coded(culprit.queue),
        cores=figures.judged_cores(culprit.cores, culprit.basis, language),
        share=figures.share(culprit.share),
        evidence=", ".join(evidence_words(each, language) for each in culprit.evidence),
    )


def _effect(
    incident: Incident,
    proposals: tuple[Proposal, ...],
    names: Mapping[str, str],
    voice: Voice,
) -> tuple[str, ...]:
    facts = incident.facts
    ended = ENDED(
        voice.language,
        end=voice.time(facts.closed_at),
        duration=figures.duration(facts.closed_at - facts.opened_at, voice.language),
        before=figures.percent(facts.cpu_before),
        after=figures.percent(facts.cpu_end),
    )
    made = sorted(proposals, key=lambda each: each.created_at)[:PROPOSALS]
    lines = [_proposal(each, names, voice) for each in made]
    return (*(lines or [NO_ACTION(voice.language)]), "", ended)


def _proposal(proposal: Proposal, names: Mapping[str, str], voice: Voice) -> str:
    line = f"- {told(proposal, names, voice, _coded)}"
    if proposal.relaunched:
        line += RELAUNCHED(voice.language, count=len(proposal.relaunched))
    return line


def _coded(name: str) -> str:
    return f"`{harmless(name, NAME_LENGTH)}`"
