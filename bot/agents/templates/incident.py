"""Words for the record of an incident: a document of facts, and its post in the thread."""

import re
import unicodedata
from collections.abc import Mapping

from bot.agents.templates.evidence import evidence_words
from bot.agents.templates.markdown import parts_of
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.answers import Button, Buttons, Extract, Note, Paragraph, Part, plain
from bot.domain.incidents import Culprit, Incident
from bot.domain.knowledge import Collection, IncidentDocument
from bot.domain.proposals import Proposal, ProposalState, Target
from bot.texts import cards, figures
from bot.texts import guide as texts

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
) -> IncidentDocument:
    """Compose the document: facts only, the lesson left for people to write.

    `names` are people's names by Slack id.
    """
    facts = incident.facts
    day = facts.opened_at.astimezone(voice.zone).date()
    title = f"{day.isoformat()} {_title(incident)}"
    sections = (
        (texts.CAUSE, _cause(incident, voice)),
        (texts.EFFECT, _effect(incident, proposals, names, voice)),
        (texts.LESSON, ()),
    )
    written = [f"# {title}"]
    for heading, lines in sections:
        written.extend(("", f"## {heading(voice.language)}", *lines))
    return IncidentDocument(
        file=f"{day.isoformat()}-incident-{incident.id[:12]}.md",
        title=title,
        text="\n".join(written),
        dated=day,
        language=voice.language,
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


def offered(incident: Incident, record: IncidentDocument, voice: Voice) -> Wording:
    """Show the record, and ask whether to keep it."""
    language = voice.language
    ask = (texts.KEEP_ASK_PRIVATE if incident.private else texts.KEEP_ASK)(language)
    buttons = (
        Button("keep_incident", texts.KEEP(language), incident.id, "primary"),
        Button("discard_incident", texts.DISCARD(language), incident.id),
    )
    return _record(record, voice, Note(ask), Buttons(buttons))


def kept(record: IncidentDocument, by: str, voice: Voice) -> Wording:
    """Show the record as it was kept, and by whom."""
    return _record(record, voice, Note(texts.KEPT_BY(voice.language) + by))


def confirmed(record: IncidentDocument, voice: Voice) -> Wording:
    """Say that a record was kept."""
    sentence = texts.KEPT(voice.language, title=record.title)
    return Wording(sentence, (plain(sentence),), sources=(source_of(record, voice),))


def discarded(by: str, voice: Voice) -> Wording:
    """Say who discarded the record."""
    sentence = texts.DISCARDED_BY(voice.language) + by
    return Wording(sentence, (Note(sentence),))


def source_of(record: IncidentDocument, voice: Voice) -> str:
    """Return the name a kept record is cited by."""
    return f"{Collection.HISTORY.value}/{record.file}#{texts.CAUSE(voice.language)}"


def _record(record: IncidentDocument, voice: Voice, *after: Part) -> Wording:
    language = voice.language
    headline = f"{texts.RECORD(language)}: {record.title}"
    parts: list[Part] = [Paragraph((bold(headline),))]
    for block in record.text.split("\n## ")[1:]:
        heading, _, body = block.partition("\n")
        written = parts_of(body) or (plain(texts.NO_LESSON(language)),)
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
    alerted = texts.ALERTED(
        language,
        start=voice.time(facts.opened_at),
        cluster=harmless(facts.cluster, NAME_LENGTH),
        title=_alert(incident),
        cpu=figures.percent(facts.cpu_before),
    )
    culprits = [_culprit(each, voice) for each in facts.culprits[:CULPRITS]]
    return (alerted, *(["", *culprits] if culprits else [texts.NO_CULPRIT(language)]))


def _culprit(culprit: Culprit, voice: Voice) -> str:
    language = voice.language
    words = texts.RUNAWAY if culprit.runaway else texts.HEAVY
    return words(
        language,
        name=f"`{harmless(culprit.name, NAME_LENGTH)}`",
        user=harmless(culprit.user, NAME_LENGTH),
        queue=f"`{harmless(culprit.queue, NAME_LENGTH)}`",
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
    ended = texts.ENDED(
        voice.language,
        end=voice.time(facts.closed_at),
        duration=figures.duration(facts.closed_at - facts.opened_at, voice.language),
        before=figures.percent(facts.cpu_before),
        after=figures.percent(facts.cpu_end),
    )
    made = sorted(proposals, key=lambda each: each.created_at)[:PROPOSALS]
    lines = [_proposal(each, names, voice) for each in made]
    return (*(lines or [texts.NO_ACTION(voice.language)]), "", ended)


def _proposal(proposal: Proposal, names: Mapping[str, str], voice: Voice) -> str:
    language = voice.language
    state = texts.DECIDED[proposal.state.value](language)
    effect = relaunched = ""
    if proposal.cpu_after is not None:
        before, after = figures.percent(proposal.cpu_before), figures.percent(proposal.cpu_after)
        effect = texts.CPU_EFFECT(language, before=before, after=after)
    if proposal.relaunched:
        relaunched = texts.RELAUNCHED(language, count=len(proposal.relaunched))
    return texts.PROPOSED(
        language,
        time=voice.time(proposal.created_at),
        requester=names.get(proposal.requester, texts.UNKNOWN_REQUESTER(language)),
        state=state + (texts.DRY_RUN(language) if proposal.dry_run else ""),
        approvers=_deciders(proposal, names, voice),
        results=", ".join(_result(each, proposal, voice) for each in proposal.targets),
        effect=effect,
        relaunched=relaunched,
    )


def _deciders(proposal: Proposal, names: Mapping[str, str], voice: Voice) -> str:
    denied = proposal.state is ProposalState.DENIED
    voted = [vote.user for vote in proposal.votes if vote.approve is not denied]
    if not voted:
        return ""
    words = texts.REJECTERS if denied else texts.APPROVERS
    return words(voice.language, names=", ".join(names.get(user, user) for user in voted))


def _result(target: Target, proposal: Proposal, voice: Voice) -> str:
    name = f"`{harmless(target.name, NAME_LENGTH)}`"
    carried_out = proposal.state in {ProposalState.CLAIMED, ProposalState.DONE}
    if not carried_out:
        return name
    state = cards.TARGET[target.state](voice.language)
    return texts.RESULT(voice.language, name=name, state=state)
