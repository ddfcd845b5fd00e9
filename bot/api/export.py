"""A thread as one Markdown document: what was said in it, and its kill cards."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from bot.api.markdown import plain, table
from bot.api.views import ProposalView, ThreadView
from bot.domain.language import Language
from bot.texts import api as texts
from bot.texts import figures
from bot.texts.cards import TARGET


def exported(view: ThreadView, at: datetime, zone: tzinfo, language: Language) -> str:
    """Return the document; names and what people wrote stay plain text in it."""

    def when(moment: datetime) -> str:
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"

    first = next((each.markdown for each in view.messages if each.by == "person"), "")
    lines = [
        f"# {first[:120] or texts.THREAD(language)}",
        f"{texts.EXPORTED(language, at=when(at))} {texts.LAST_LINES(language)}",
        f"## {texts.SAID(language)}",
    ]
    for each in view.messages:
        by = texts.BY.get(each.by, texts.BY["room"])(language)
        lines.append(f"**{by}**\n\n> {each.markdown}")
    if view.proposals:
        lines.append(f"## {texts.CARDS(language)}")
    for card in reversed(view.proposals):
        lines += _card(card, when(card.created_at), language)
        for vote in card.votes:
            word = texts.APPROVED if vote.approve else texts.REJECTED
            lines.append(f"- {word(language, who=plain(vote.user), at=plain(when(vote.at)))}")
    return "\n\n".join(lines) + "\n"


def _card(card: ProposalView, when: str, language: Language) -> Iterator[str]:
    yield f"### {plain(when)} · {plain(texts.STATES[card.state](language))}"
    heads = texts.CARD_HEADS(language).split("|")
    rows = [
        (
            "" if each.rank is None else str(each.rank),
            each.name,
            each.id,
            each.user,
            each.queue,
            figures.number(each.cores),
            figures.gib(each.memory),
            TARGET[each.state](language) if card.decided_at else "",
        )
        for each in card.targets
    ]
    yield table((heads, *rows), right=(0, 5, 6))
    yield f"- {texts.ASKED_BY(language, who=plain(card.requester))}"
    if card.cpu_before is not None and card.cpu_after is not None:
        yield f"- CPU {card.cpu_before:.0f}% → {card.cpu_after:.0f}%"
    yield f"- digest `{card.digest}`\n- head `{card.audit_head}`"
