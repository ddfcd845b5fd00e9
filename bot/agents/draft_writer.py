"""An answer as far as it stands: all its facts, while a model still writes its sentences."""

from datetime import tzinfo

from bot.agents.answer import worded
from bot.agents.facts import Facts
from bot.agents.memory import Memory
from bot.agents.templates.model import WRITING
from bot.agents.templates.wording import Voice
from bot.domain.answers import Answer, Note


class DraftWriter:
    """Words facts from templates alone, and says that more is coming."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def __call__(self, state: Memory, facts: Facts) -> Answer:
        """Return the answer that could be given now; `state` holds the turn and its reading."""
        turn, reading = state["turn"], state["reading"]
        wording = worded(facts, Voice(turn.language, self._zone))
        return Answer(
            language=turn.language,
            intent=wording.intent or reading.intent,
            agent=reading.agent,
            summary=wording.summary,
            parts=(*wording.parts, Note(WRITING(turn.language))),
            applications=wording.applications,
            sources=wording.sources,
            llm=False,
            proposal_id=wording.proposal_id,
        )
