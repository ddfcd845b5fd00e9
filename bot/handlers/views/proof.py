"""What came of a kill: CPU before and after, and applications that came back."""

from datetime import tzinfo

from bot.domain.answers import Button
from bot.domain.proposals import Proposal, TargetState
from bot.handlers.views import blocks as kit
from bot.handlers.views.buttons import button_rows
from bot.handlers.views.sanitize import escaped, sanitize_line
from bot.texts import cards as texts
from bot.texts import figures
from bot.texts import slack as slack_texts

_MAX_NAMED = 10


def proof(proposal: Proposal, zone: tzinfo) -> kit.Rendered:
    """Return the CPU measured around the kill; times are shown in `zone`."""
    language = proposal.language
    said = _measured(proposal)
    killed = sum(target.state is TargetState.SUCCEEDED for target in proposal.targets)
    blocks = [kit.paragraph(kit.words(said, bold=True))]
    if proposal.finished_at is not None:
        at = figures.clock_time(proposal.finished_at, zone)
        what = texts.counted(killed, language)
        blocks.append(kit.note(texts.PROOF_KILLED(language, what=what, time=at)))
    refresh = Button("refresh_status", slack_texts.REFRESH(language))
    return kit.Rendered(escaped(said), (*blocks, *button_rows([refresh], language)))


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
    killed = (each.name for each in proposal.targets if each.state is TargetState.SUCCEEDED)
    names = ", ".join(dict.fromkeys(sanitize_line(name, 80, language) for name in killed))
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
