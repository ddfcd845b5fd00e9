"""How a decision is written down: the intent, who answers, and the words that decided."""

from typing import Any

from bot.agents.understanding.message import Message
from bot.domain.conversation import AgentName, Intent, Understanding

AGENTS = {
    Intent.STATUS: AgentName.INFRA_ENGINEER,
    Intent.COMPARE: AgentName.INFRA_ENGINEER,
    Intent.DIAGNOSE: AgentName.INFRA_ENGINEER,
    Intent.LIST: AgentName.DATA_ENGINEER,
    Intent.DETAIL: AgentName.DATA_ENGINEER,
    Intent.KILL: AgentName.DATA_ENGINEER,
    Intent.WHAT_IF: AgentName.DATA_ENGINEER,
    Intent.AUDIT: AgentName.DATA_ENGINEER,
    Intent.CANCEL: AgentName.DATA_ENGINEER,
    Intent.USE_BUTTONS: AgentName.DATA_ENGINEER,
    Intent.CLARIFY: AgentName.DATA_ENGINEER,
    Intent.HOW_TO: AgentName.ADMIN_GUIDE,
    Intent.HISTORY: AgentName.ADMIN_GUIDE,
}
_SILENT = frozenset({"filler", "object", "mark", "unknown", "plain", "light", "laugh", "word"})
_MOST_EVIDENCE = 8


def decided(message: Message, intent: Intent, **more: Any) -> Understanding:
    """Return an understanding of this intent, with its agent, language and evidence."""
    return Understanding(
        intent,
        AGENTS.get(intent, AgentName.NONE),
        message.language,
        web=message.has("web"),
        evidence=evidence(message),
        **more,
    )


def evidence(message: Message) -> tuple[str, ...]:
    """Return `concept:words` of the pieces that carry meaning, at most eight."""
    spoken = (piece for piece in message.pieces if piece.concept not in _SILENT)
    said = [f"{piece.concept}:{piece.text}" for piece in spoken]
    return tuple(said[:_MOST_EVIDENCE])
