"""What presses under guide answers come to: whole sources, votes, and records kept as past incidents."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from bot.agents.memory import METRICS, Memory, baseline_of, culprits_of
from bot.agents.templates import incident as words
from bot.agents.templates.guide import section
from bot.agents.templates.wording import Voice, Wording
from bot.domain.alerts import Alert, Investigation
from bot.domain.answers import Answer
from bot.domain.conversation import AgentName, Intent
from bot.domain.knowledge import (
    Collection,
    Document,
    GuideNote,
    Incident,
    IncidentFacts,
    IncidentState,
)
from bot.domain.language import Language
from bot.errors import BackendError
from bot.ports import GuideNotes, People, Proposals
from bot.tools.toolbox import Toolbox


@dataclass(frozen=True, slots=True, eq=False)
class GuideDesk:
    """Answers presses by the note they refer to; a button's value is `note` or `note:number`.

    Everything returns None for a value that is not ours, or was made in another channel.
    """

    tools: Toolbox
    rows: GuideNotes
    zone: tzinfo

    async def source(self, value: str, channel: str) -> Answer | None:
        """Return what a title stands for: a section of the manual, or a whole past incident.

        The first of our documents is shown already, so its button opens the whole page.
        """
        note = await self._note(value, channel)
        number = _number(value)
        if note is None or not 0 < number <= len(note.sources):
            return None
        source = note.sources[number - 1]
        own = [each for each in note.sources if "/" in each]
        if source == own[0] or source.startswith(f"{Collection.HISTORY.value}/"):
            source = source.partition("#")[0]
        passage = await self.tools.whole_section(source, channel)
        if passage is None:
            return None
        intent = Intent.HISTORY if note.history_only else Intent.HOW_TO
        shown = section(passage, note.id, number, self._voice(note))
        return _answer(shown, note.language, intent)

    async def vote(self, value: str, channel: str, user: str, *, helpful: bool) -> Language | None:
        """Count a vote and return the language of the answer it is for."""
        note = await self._note(value, channel)
        number = _number(value)
        if note is None or not 0 <= number <= len(note.sources):
            return None
        await self.rows.vote(note.id, number, user, helpful=helpful)
        return note.language

    async def _note(self, value: str, channel: str) -> GuideNote | None:
        note = await self.rows.noted(value.partition(":")[0])
        return note if note is not None and note.channel == channel else None

    def _voice(self, note: GuideNote) -> Voice:
        return Voice(note.language, self.zone)


def _number(value: str) -> int:
    """Return the number after the colon: 0 without one, -1 for what is none."""
    tail = value.partition(":")[2]
    if not tail:
        return 0
    return int(tail) if tail.isdecimal() and len(tail) < 3 else -1  # noqa: PLR2004 - two digits


def _answer(words: Wording, language: Language, intent: Intent = Intent.NONE) -> Answer:
    return Answer(
        language=language,
        intent=intent,
        agent=AgentName.ADMIN_GUIDE,
        summary=words.summary,
        parts=words.parts,
        sources=words.sources,
    )


Recall = Callable[[str, str], Awaitable[Memory]]  # what a thread remembers, by channel and ts


class IncidentRows(Protocol):
    """Offered records; each is decided once."""

    async def offer(self, incident: Incident) -> Incident:
        """Store a record; return the one that is there already under its id, or this one."""

    async def get(self, id_: str) -> Incident | None:
        """Return a record; None when there is none."""

    async def decide(self, id_: str, state: IncidentState, user: str, key: str) -> Incident | None:
        """Decide on an offered record by one press, and return it as it then stands."""


Shelve = Callable[[Document], Awaitable[None]]  # of a document; raises BackendError


@dataclass(frozen=True, slots=True)
class IncidentAction:
    """A person's press under a record; `key` is the same for every delivery of it."""

    incident: str
    channel: str
    user: str
    key: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What a press came to: what the record's post shows now, and what is said in the thread.

    `before` is set instead when the record had been decided already.
    """

    language: Language
    shown: Answer | None = None
    said: Answer | None = None
    before: IncidentState | None = None


@dataclass(frozen=True, slots=True, eq=False)
class IncidentDesk:
    """Offers, keeps and discards records. `cluster` is its name, `zone` people's time."""

    rows: IncidentRows
    recall: Recall
    proposals: Proposals
    people: People
    shelve: Shelve
    withdraw: Shelve
    cluster: str
    zone: tzinfo

    async def offer(
        self, investigation: Investigation, alert: Alert, language: Language, *, private: bool
    ) -> Answer:
        """Store the facts of an investigation that has just closed, and return its record."""
        memory = await self.recall(investigation.channel, investigation.thread_ts)
        incident = await self.rows.offer(
            Incident(
                investigation.id,
                investigation.channel,
                investigation.thread_ts,
                language,
                private,
                self._facts(investigation, alert, memory),
            )
        )
        voice = self._voice(incident)
        record = await self._document(incident)
        return _answer(words.offered(incident, record, voice), incident.language)

    async def keep(self, press: IncidentAction) -> Decided | None:
        """Keep a record as its thread stands now; None when there is none in this channel.

        Raises BackendError when it could not be indexed; nothing is decided then. When somebody
        discarded it meanwhile, at another replica perhaps, it is taken back.
        """
        incident = await self._here(press)
        if incident is None:
            return None
        if incident.state is not IncidentState.OFFERED:
            return await self._decided(press, IncidentState.KEPT)
        document = await self._document(incident)
        await self.shelve(document)
        decided = await self._decided(press, IncidentState.KEPT)
        if decided is not None and decided.before is IncidentState.DISCARDED:
            await self.withdraw(document)
        return decided

    async def discard(self, press: IncidentAction) -> Decided | None:
        """Discard a record; None when there is none in this channel."""
        if await self._here(press) is None:
            return None
        return await self._decided(press, IncidentState.DISCARDED)

    async def _decided(self, press: IncidentAction, state: IncidentState) -> Decided | None:
        incident = await self.rows.decide(press.incident, state, press.user, press.key)
        if incident is None:
            return None
        if incident.decided_key != press.key:
            return Decided(incident.language, before=incident.state)
        voice, by = self._voice(incident), await self._name(press.user)
        if state is IncidentState.DISCARDED:
            return Decided(
                incident.language, _answer(words.discarded(by, voice), incident.language)
            )
        record = await self._document(incident)
        return Decided(
            incident.language,
            _answer(words.kept(record, by, voice), incident.language),
            _answer(words.confirmed(record, voice), incident.language),
        )

    async def _here(self, press: IncidentAction) -> Incident | None:
        incident = await self.rows.get(press.incident)
        return incident if incident is not None and incident.channel == press.channel else None

    def _facts(self, investigation: Investigation, alert: Alert, memory: Memory) -> IncidentFacts:
        baseline = baseline_of(memory)
        stored = memory.get("metrics")
        end = METRICS.validate_python(stored) if stored else None
        return IncidentFacts(
            cluster=self.cluster,
            alert_title=memory.get("alert_title") or alert.title,
            opened_at=investigation.opened_at,
            closed_at=alert.posted_at,
            culprits=culprits_of(memory),
            cpu_before=baseline.cpu.percent if baseline and baseline.cpu else None,
            cpu_end=end.cpu.percent if end and end.cpu else None,
        )

    async def _document(self, incident: Incident) -> Document:
        proposals = await self.proposals.in_thread(incident.channel, incident.thread_ts)
        users = {
            user
            for each in proposals
            for user in (each.requester, *(vote.user for vote in each.votes))
        }
        names = await self._names(users)
        return words.document(incident, proposals, names, self._voice(incident))

    async def _names(self, users: Iterable[str]) -> dict[str, str]:
        return {user: await self._name(user) for user in users if user.startswith(("U", "W"))}

    async def _name(self, user: str) -> str:
        """Return a person's name, harmless; the id when Slack does not tell."""
        try:
            person = await self.people.person(user)
        except BackendError:
            return user
        return words.harmless(person.name, words.NAME_LENGTH) or user

    def _voice(self, incident: Incident) -> Voice:
        return Voice(incident.language, self.zone)
