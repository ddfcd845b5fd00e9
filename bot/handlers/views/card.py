"""The kill card: made from the stored proposal and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from bot.domain.answers import Button
from bot.domain.applications import span
from bot.domain.core_usage import freed_cores
from bot.domain.language import Language
from bot.domain.proposals import Proposal, ProposalState, Target, TargetState, Vote, cautions
from bot.handlers.clicks import APPROVE, REJECT, decision_value
from bot.handlers.views import blocks as kit
from bot.handlers.views.blocks import button_rows, escaped, sanitize_line
from bot.texts import cards as texts
from bot.texts import figures
from bot.texts import slack as slack_texts

DIGEST_SHOWN = 8
HEAD_SHOWN = 12  # hex digits: enough for `audit --verify` to tell a rewritten trail
_MAX_NAME = 80
_MAX_ID = 100


@dataclass(frozen=True, slots=True)
class _Room:
    """How many characters names get: many targets must all fit into one message."""

    name: int
    place: int  # owner and queue
    id: int


_FEW, _MANY = _Room(_MAX_NAME, _MAX_NAME, _MAX_ID), _Room(32, 24, 64)
_FEW_TARGETS = 8
_SEPARATOR = " · "
_ENDED_UNTOUCHED = {ProposalState.DENIED, ProposalState.EXPIRED, ProposalState.CANCELLED}


def card(proposal: Proposal, zone: tzinfo) -> kit.Rendered:
    """Return the card for the state the proposal is in; times are shown in `zone`."""
    blocks = [kit.header(_title(proposal))]
    if proposal.dry_run:
        dry = kit.words(texts.DRY_RUN(proposal.language), bold=True)
        blocks.append(kit.paragraph(kit.emoji("test_tube"), dry))
    blocks += [_target(proposal, number) for number in range(1, len(proposal.targets) + 1)]
    blocks += _decision(proposal, zone)
    if any(target.state is TargetState.NEEDS_HUMAN for target in proposal.targets):
        todo = kit.words(texts.NEEDS_HUMAN(proposal.language), bold=True)
        blocks.append(kit.paragraph(kit.emoji("point_right"), kit.words(" "), todo))
    if proposal.state in _ENDED_UNTOUCHED:
        blocks.append(kit.note(texts.ASK_AGAIN(proposal.language)))
    blocks.append(kit.note(_basis(proposal, zone)))
    if proposal.state is ProposalState.PENDING:
        blocks += button_rows(_buttons(proposal), proposal.language)
    return kit.Rendered(escaped(_summary(proposal)), tuple(blocks))


def _title(proposal: Proposal) -> str:
    total = len(proposal.targets)
    what = texts.counted(total, proposal.language)
    if proposal.state is not ProposalState.DONE:
        return texts.TITLES[proposal.state](proposal.language, what=what)
    killed = len(proposal.killed)
    if proposal.dry_run and not killed:
        return texts.DONE_DRY(proposal.language)
    text = texts.DONE_ALL if killed == total else texts.DONE_SOME
    return text(proposal.language, what=what, n=total, killed=killed)


def _target(proposal: Proposal, number: int) -> kit.Block:
    target, language = proposal.targets[number - 1], proposal.language
    room = _FEW if len(proposal.targets) <= _FEW_TARGETS else _MANY
    name = sanitize_line(target.name, room.name, language)
    head = kit.section(
        kit.words(_rank(target)),
        kit.words(name, bold=True, code=True),
        kit.words(" "),
        kit.words(sanitize_line(target.ref.id, room.id, language), code=True),
    )
    facts = kit.section(*_identity(target, room.place, language), *_figures(proposal, target))
    if proposal.state in {ProposalState.CLAIMED, ProposalState.DONE}:
        return kit.rich(head, facts, kit.section(*_progress(target, language)))
    if proposal.state is ProposalState.PENDING and (found := cautions(target, proposal.created_at)):
        user = sanitize_line(target.user, room.place, language)
        said = ", ".join(texts.CAUTIONS[each](language, user=user) for each in found)
        return kit.rich(head, facts, kit.section(kit.emoji("warning"), kit.words(f" {said}")))
    return kit.rich(head, facts)


def _identity(target: Target, room: int, language: Language) -> Iterator[kit.Block]:
    """Yield owner and queue, each in a run of its own: their text is not ours."""
    yield kit.words(texts.OWNER(language) + " ")
    yield kit.words(sanitize_line(target.user, room, language), code=True)
    yield kit.words(_SEPARATOR + texts.QUEUE(language) + " ")
    yield kit.words(sanitize_line(target.queue, room, language), code=True)


def _figures(proposal: Proposal, target: Target) -> Iterator[kit.Block]:
    language = proposal.language
    running = span(target.started_at, proposal.created_at)
    parts = [
        figures.cores_of(target, language),
        texts.MEMORY(language, value=figures.gib(target.memory)),
        texts.RUNNING(language, value=figures.duration(running, language)),
        texts.SHARE(language, value=figures.share(target.share)),
        _relief(target, language),
    ]
    if target.attempt > 1:
        parts.append(texts.ATTEMPT(language, n=target.attempt))
    yield kit.words(_SEPARATOR + _SEPARATOR.join(parts))


def _relief(target: Target, language: Language) -> str:
    """Return what CPU should fall by; where its use was not measured, the cores it frees at most."""
    if target.relief is not None:
        return texts.RELIEF(language, value=figures.points(-abs(target.relief), language))
    cores, measured = freed_cores(target)
    if measured or cores is None:
        return texts.RELIEF_UNKNOWN(language)
    return texts.RELIEF_AT_MOST(language, cores=figures.cores(cores, language))


def _progress(target: Target, language: Language) -> Iterator[kit.Block]:
    yield kit.emoji(texts.SIGNS[target.state])
    reason = texts.REASONS.get(target.reason)
    said = " " + texts.TARGET[target.state](language)
    loud = target.state in {TargetState.NEEDS_HUMAN, TargetState.SUCCEEDED}
    yield kit.words(said, bold=loud)
    if reason is not None:
        yield kit.words(f": {reason(language)}")


def _decision(proposal: Proposal, zone: tzinfo) -> Iterator[kit.Block]:
    """Yield who asked, who decided, and how long the rest may still decide."""
    language = proposal.language
    asked = kit.words(texts.ASKED_BY(language), bold=True)
    by_bot = proposal.requester == "system"
    asker = kit.words(texts.BY_BOT(language)) if by_bot else _person(proposal.requester, language)
    lines = [kit.section(asked, asker)]
    if proposal.ended_why in texts.WITHDRAWALS:
        why = kit.words(" " + texts.WITHDRAWALS[proposal.ended_why](language))
        lines.append(kit.section(_person(proposal.ended_by, language), why))
    for approve, label in ((True, texts.APPROVED_BY), (False, texts.REJECTED_BY)):
        votes = [vote for vote in proposal.votes if vote.approve is approve]
        if votes:
            lines.append(
                kit.section(kit.words(label(language), bold=True), *_voters(votes, zone, language))
            )
    if proposal.state is ProposalState.PENDING:
        have = sum(vote.approve for vote in proposal.votes)
        until = _until(proposal, zone)
        need = proposal.approvals_required
        open_for = texts.NEEDED(language, have=have, need=need, until=until)
        lines.append(kit.section(kit.words(open_for)))
        if total := _total_relief(proposal):
            lines.insert(0, kit.section(kit.words(total, bold=True)))
    yield kit.rich(*lines)


def _total_relief(proposal: Proposal) -> str:
    """Return what CPU should be once all targets are gone; nothing where a figure is unknown."""
    reliefs = [target.relief for target in proposal.targets]
    known = [relief for relief in reliefs if relief is not None]
    if proposal.cpu_before is None or len(known) < len(reliefs):
        return ""
    after = max(0.0, proposal.cpu_before - sum(known))
    return texts.TOTAL_RELIEF(
        proposal.language,
        before=figures.percent(proposal.cpu_before),
        after=figures.percent(after),
    )


def _person(user: str, language: Language) -> kit.Block:
    return kit.person(sanitize_line(user, _MAX_NAME, language))


def _voters(votes: list[Vote], zone: tzinfo, language: Language) -> Iterator[kit.Block]:
    for position, vote in enumerate(votes):
        if position:
            yield kit.words(", ")
        yield _person(vote.user, language)
        yield kit.words(f" ({figures.clock_time(vote.at, zone)})")


def _until(proposal: Proposal, zone: tzinfo) -> str:
    """Return when the time to decide ends, with the date where it is not the card's own."""
    ends, made = proposal.expires_at.astimezone(zone), proposal.created_at.astimezone(zone)
    day = "" if ends.date() == made.date() else f"{ends:%Y-%m-%d} "
    return day + figures.clock_time(ends, zone)


def _basis(proposal: Proposal, zone: tzinfo) -> str:
    language = proposal.language
    age = max(proposal.created_at - proposal.listed_at, timedelta(0))
    clusters = sorted({target.ref.cluster for target in proposal.targets})
    based_on = texts.BASED_ON(
        language,
        cluster=sanitize_line(", ".join(clusters), _MAX_NAME, language),
        time=figures.clock_time(proposal.listed_at, zone),
        age=figures.duration(age, language),
        digest=proposal.digest[:DIGEST_SHOWN],
    )
    number, _, digest = proposal.audit_head.partition(".")
    if not digest:
        return based_on
    head = f"{number}.{digest[:HEAD_SHOWN]}"
    return based_on + texts.AUDIT_HEAD(language, head=head)


def _buttons(proposal: Proposal) -> tuple[Button, Button]:
    language = proposal.language
    value = decision_value(proposal.id, proposal.digest)
    confirm = (
        texts.CONFIRM_TITLE(language, what=texts.counted(len(proposal.targets), language)),
        texts.CONFIRM_TEXT(language, names=_named(proposal), digest=proposal.digest[:DIGEST_SHOWN]),
        texts.CONFIRM_YES(language),
        texts.CONFIRM_NO(language),
    )
    return (
        Button(APPROVE, texts.APPROVE(language), value, "danger", confirm),
        Button(REJECT, texts.REJECT(language), value),
    )


def _named(proposal: Proposal) -> str:
    """Return the targets' numbers, names and id endings, a line each, as many as a dialog holds."""
    room = 200
    named: list[str] = []
    for number, target in enumerate(proposal.targets, 1):
        name = sanitize_line(target.name, 40, proposal.language)
        piece = f"{_rank(target)}{name} (…{sanitize_line(target.ref.id, _MAX_ID, proposal.language)[-9:]})"
        room -= len(piece) + 1
        if room < 0:
            left = len(proposal.targets) - number + 1
            return "\n".join([*named, texts.CONFIRM_MORE(proposal.language, n=left)])
        named.append(piece)
    return "\n".join(named)


def _rank(target: Target) -> str:
    """Return the number the list called it by; a dot for one that was named by itself."""
    return f"{target.rank}. " if target.rank else "• "


def _summary(proposal: Proposal) -> str:
    names = ", ".join(
        sanitize_line(target.name, 40, proposal.language) for target in proposal.targets[:5]
    )
    return f"{_title(proposal)} — {names}"


# What came of a kill: CPU before and after, and applications that came back.


_MAX_NAMED = 10


def proof(proposal: Proposal, zone: tzinfo) -> kit.Rendered:
    """Return the CPU measured around the kill; times are shown in `zone`."""
    language = proposal.language
    said = _measured(proposal)
    killed = len(proposal.killed)
    blocks = [kit.paragraph(kit.words(said, bold=True))]
    if killed:
        blocks.append(kit.paragraph(kit.words(_effect(proposal))))
    if proposal.finished_at is not None:
        at = figures.clock_time(proposal.finished_at, zone)
        what = texts.counted(killed, language)
        blocks.append(kit.note(texts.PROOF_KILLED(language, what=what, time=at)))
    refresh = Button("refresh_status", slack_texts.REFRESH(language))
    return kit.Rendered(escaped(said), (*blocks, *button_rows([refresh], language)))


def _effect(proposal: Proposal) -> str:
    """Return expected and measured relief side by side; what is missing is said as missing."""
    language, (most, measured) = proposal.language, proposal.expected
    expected = texts.EFFECT_UNKNOWN(language)
    if most is not None:
        freed = figures.cores(most, language)
        expected = f"-{freed}" if measured else texts.EFFECT_AT_MOST(language, cores=freed)
    real = (texts.EFFECT_PENDING if measured else texts.EFFECT_UNMEASURED)(language)
    if proposal.cores_before is not None and proposal.cores_after is not None:
        change = proposal.cores_after - proposal.cores_before
        sign = "+" if change > 0 else "-"
        cores = f"{sign}{figures.cores(abs(change), language)}"
        real = texts.EFFECT_MEASURED(language, cores=cores)
    return texts.EFFECT(language, expected=expected, measured=real)


def _measured(proposal: Proposal) -> str:
    before, after = proposal.cpu_before, proposal.cpu_after
    if after is None:
        return texts.PROOF_NONE(proposal.language)
    if before is None:
        return texts.PROOF_AFTER(proposal.language, after=figures.percent(after))
    return texts.PROOF(
        proposal.language,
        before=figures.percent(before),
        after=figures.percent(after),
        change=figures.points(
            round(after) - round(before), proposal.language
        ),  # of the figures shown
    )


def relaunch(proposal: Proposal, zone: tzinfo) -> kit.Rendered:  # noqa: ARG001 - one shape for all views of a proposal
    """Return the notice that killed applications run again under new ids."""
    language = proposal.language
    killed = (sanitize_line(each.name, 80, language) for each in proposal.killed)
    names = ", ".join(dict.fromkeys(killed))
    said = texts.RELAUNCH(language, names=names)
    ids = [
        kit.section(kit.words(sanitize_line(each, 100, language), code=True))
        for each in proposal.relaunched[:_MAX_NAMED]
    ]
    blocks = [kit.paragraph(kit.emoji("warning"), kit.words(said, bold=True))]
    if ids:
        blocks.append(kit.rich({"type": "rich_text_list", "style": "bullet", "elements": ids}))
    if left := len(proposal.relaunched) - len(ids):
        blocks.append(kit.note(slack_texts.LEFT_OUT(language, n=left)))
    blocks.append(kit.paragraph(kit.words(texts.RELAUNCH_NEXT(language))))
    return kit.Rendered(escaped(said.strip()), tuple(blocks))
