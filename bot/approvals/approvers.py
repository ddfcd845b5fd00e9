"""Who may approve: looked up at Slack, remembered for a minute, trusted for ten when Slack is down."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from bot.approvals.model import ApprovalPolicy
from bot.domain.proposals import Person
from bot.errors import BackendError
from bot.ports import Clock, People

FRESH = timedelta(seconds=60)
STALE = timedelta(minutes=10)
SYSTEM = "system"

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class _Known(Generic[K]):
    value: K
    at: datetime


class Approvers:
    """Answers why a person may not approve."""

    def __init__(self, people: People, policy: ApprovalPolicy, clock: Clock) -> None:
        self._people = people
        self._policy = policy
        self._clock = clock
        self._persons: dict[str, _Known[Person]] = {}
        self._groups: dict[str, _Known[frozenset[str]]] = {}

    async def barred(self, user: str, team: str) -> str | None:
        """Return None when the user may approve, else a code saying why not.

        Codes: nobody (no approvers are set), unchecked (Slack gives no answer and we know too little),
        deleted, bot, stranger (of another workspace), guest, not_approver.
        """
        policy = self._policy
        if not policy.approvers and not policy.approver_group:
            return "nobody"
        try:
            person = await self._known(self._persons, user, self._people.person)
            code = _unfit(person, user, team)
            if code or user in policy.approvers:
                return code
            if not policy.approver_group:
                return "not_approver"
            members = await self._known(
                self._groups, policy.approver_group, self._people.group_members
            )
        except BackendError:
            return "unchecked"
        return None if user in members else "not_approver"

    async def _known(
        self, memory: dict[str, _Known[K]], key: str, ask: Callable[[str], Awaitable[K]]
    ) -> K:
        known = memory.get(key)
        asked_at = self._clock()
        if known and timedelta(0) <= asked_at - known.at <= FRESH:
            return known.value
        try:
            value = await ask(key)
        except BackendError:
            if known and timedelta(0) <= asked_at - known.at <= STALE:
                return known.value
            raise
        memory[key] = _Known(value, asked_at)
        return value


def _unfit(person: Person, user: str, team: str) -> str | None:
    checks = {
        "deleted": person.deleted,
        "bot": person.bot,
        "stranger": person.stranger or person.team != team or person.id != user,
        "guest": person.guest,
    }
    return next((code for code, holds in checks.items() if holds), None)
