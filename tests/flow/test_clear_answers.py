"""Every way a kill does not happen ends in a visible answer, in the asker's language."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.platform.faults import Kind
from bot.sandbox.platform.stand_in import YARN
from bot.sandbox.slack.demo import (
    ALERT_CHANNEL,
    APPROVER,
    COLLEAGUE,
    DELETED,
    GUEST,
    RANDOM_CHANNEL,
    SECOND_APPROVER,
    STRANGER,
)
from bot.sandbox.slack.transcript import Message
from tests.flow.world import FAST, World, event_of, payload_of, state_of, words_of, world

HANGUL = re.compile("[가-힣]")
NAMES = re.compile("김민지|이도윤")
FIRST = "application_1763776800000_0042"
SECOND = "application_1763776800000_0057"
WORDS = {
    "list": {"ko": "상위 5개 잡 보여줘", "en": "show the top 5 jobs"},
    "kill": {"ko": "1번, 2번 죽여줘", "en": "kill #1 and #2"},
    "one": {"ko": "1번 죽여줘", "en": "kill #1"},
    "two": {"ko": "2번 죽여줘", "en": "kill #2"},
    "shielded": {"ko": "5번 죽여줘", "en": "kill #5"},
    "half": {"ko": "1번이랑 5번 죽여줘", "en": "kill #1 and #5"},
    "cancel": {"ko": "취소해", "en": "never mind, cancel that"},
    "audit": {"ko": "누가 승인했어?", "en": "who approved it?"},
}
both = pytest.mark.parametrize("lang", ["ko", "en"])


@dataclass
class Thread:
    """One thread about the small platform, in one language."""

    at: World
    lang: str
    root: str = ""

    async def ask(self, what: str, user: str = APPROVER, channel: str = "") -> Message:
        """Ask one of WORDS with a mention, and check the answer's language."""
        text = WORDS[what][self.lang] if what in WORDS else what
        answer = await self.at.ask(f"@당직 {text}", self.root or None, user=user, channel=channel)
        self.root = answer.root
        self.speaks(answer)
        return answer

    async def proposed(self, what: str = "kill", user: str = APPROVER) -> Message:
        """List, ask for a kill, and return the card."""
        if not self.root:
            await self.ask("list")
        card = await self.at.card(await self.ask(what, user))
        self.speaks(card)
        return card

    async def whispered(self, user: str) -> str:
        """Return what only this user sees."""
        message = await self.at.whisper(user)
        self.speaks(message)
        return str(message.body["text"])

    def click(self, user: str, card: Message, action: str = "approve_proposal") -> None:
        self.at.slack.click(user, card.channel, card.ts, action)

    def speaks(self, message: Message) -> None:
        """Fail unless the post is in the thread's language; names and quoted pages are of any."""
        said = NAMES.sub("", f"{message.body.get('text', '')}\n{_own_blocks(message)}")
        assert bool(HANGUL.search(said)) is (self.lang == "ko"), said

    async def ends(self, card: Message, state: str, ko: str, en: str) -> None:
        """Wait until the card shows the state, in words and without buttons."""
        await self.at.card_state(card, state)
        self.speaks(card)
        assert (ko if self.lang == "ko" else en) in words_of(card)
        assert "approve_proposal" not in words_of(card)


def _own_blocks(message: Message) -> list[Any]:
    """Return the blocks without what is quoted of a page."""
    blocks = message.body.get("blocks") or []
    return [
        [each for each in block.get("elements", [block]) if each.get("type") != "rich_text_quote"]
        for block in blocks
    ]


def says(answer: Message, thread: Thread, ko: str, en: str) -> None:
    """Fail unless the post holds these words of the thread's language."""
    wanted = ko if thread.lang == "ko" else en
    assert wanted in words_of(answer), words_of(answer)


@asynccontextmanager
async def thread_in(folder: Path, lang: str, **options: Any) -> AsyncIterator[Thread]:
    """Start everything; `options` are settings."""
    async with world(folder, **options) as at, at.product():
        yield Thread(at, lang)


@both
async def test_a_rejection_is_seen(tmp_path: Path, lang: str) -> None:
    """On the card, and a late click is answered too."""
    async with thread_in(tmp_path, lang) as here:
        card = await here.proposed()
        here.click(APPROVER, card, "reject_proposal")
        await here.ends(card, "denied", "거절됨", "Rejected")
        assert here.at.platform.kill_requests == []
        says(await here.ask("audit"), here, "거절되었습니다", "rejected")


@both
async def test_an_expiry_is_seen(tmp_path: Path, lang: str) -> None:
    """Nobody decided in time."""
    async with thread_in(tmp_path, lang, proposal_ttl="1s") as here:
        card = await here.proposed()
        await here.ends(card, "expired", "시간 초과", "Expired")
        assert here.at.platform.kill_requests == []


@both
async def test_a_click_after_the_time_is_over_is_told_so(tmp_path: Path, lang: str) -> None:
    """Even while the card still shows its buttons."""
    slow = replace(FAST, sweep_every=60)
    async with world(tmp_path, proposal_ttl="0s") as at, at.product(slow):
        here = Thread(at, lang)
        card = await here.proposed()
        here.click(APPROVER, card)
        assert ("지났습니다" if lang == "ko" else "over") in await here.whispered(APPROVER)
        await here.ends(card, "expired", "시간 초과", "Expired")
        assert at.platform.kill_requests == []


@both
@pytest.mark.parametrize("user", [COLLEAGUE, GUEST, STRANGER, DELETED])
async def test_who_may_not_approve_is_told_so(tmp_path: Path, lang: str, user: str) -> None:
    """In private and with the reason; the card stays open for those who may."""
    async with thread_in(
        tmp_path, lang, approvers=f"{APPROVER},{GUEST},{STRANGER},{DELETED}"
    ) as here:
        here.at.slack.workspace.channel(ALERT_CHANNEL).members.add(user)
        card = await here.proposed("one")
        here.click(user, card)
        assert await here.whispered(user)
        assert state_of(card) == "pending"
        here.click(APPROVER, card)
        await here.ends(card, "done", "종료 확인", "Kill confirmed")
        assert here.at.platform.kill_count(FIRST) == 1


@both
async def test_a_typed_approval_is_none(tmp_path: Path, lang: str) -> None:
    """Whoever types it is pointed to the buttons."""
    async with thread_in(tmp_path, lang) as here:
        card = await here.proposed()
        for words in ("승인", "네, 승인합니다") if lang == "ko" else ("approve", "yes, go ahead"):
            answer = await here.ask(words)
            assert payload_of(answer)["intent"] == "use_buttons"
            says(answer, here, "버튼", "Approve or Reject")
        assert state_of(card) == "pending"
        assert here.at.platform.kill_requests == []


@both
async def test_a_protected_target_is_refused_by_name(tmp_path: Path, lang: str) -> None:
    """Alone it brings no card; with others the card is made without it."""
    async with thread_in(tmp_path, lang) as here:
        await here.ask("list")
        refused = await here.ask("shielded")
        says(refused, here, "fraud_stream은(는) 보호 대상", "fraud_stream is protected")
        assert payload_of(refused)["intent"] == "clarify"
        answer = await here.ask("half")
        says(answer, here, "fraud_stream은(는) 보호 대상", "fraud_stream is protected")
        card = await here.at.card(answer)
        assert payload_of(card)["applications"] == [FIRST]


@both
async def test_what_runs_but_was_not_listed_is_named_or_given_by_its_id(
    tmp_path: Path, lang: str
) -> None:
    """The card shows exactly the one job of that owner, or the one with that id."""
    async with thread_in(tmp_path, lang) as here:
        await here.ask("list")
        unlisted = "application_1763776800000_0064"
        named = await here.at.card(
            await here.ask("frank 잡 내려줘" if lang == "ko" else "kill frank's job")
        )
        assert payload_of(named)["applications"] == [unlisted]
        here.click(APPROVER, named, "reject_proposal")
        await here.at.card_state(named, "denied")
        card = await here.at.card(
            await here.ask(f"kill {unlisted}" if lang == "en" else f"{unlisted} 죽여줘")
        )
        assert payload_of(card)["applications"] == [unlisted]


def _finish(at: World) -> None:
    at.platform.model.end(FIRST, at.platform.now())


def _restart(at: World) -> None:
    at.platform.model.new_attempt(FIRST, at.platform.now())


def _replace(at: World) -> None:
    at.platform.model.alter(FIRST, at.platform.now(), user="mallory")


@both
@pytest.mark.parametrize(
    ("meanwhile", "ko", "en"),
    [(_finish, "이미 끝났습니다", "already over"), (_replace, "바뀌었습니다", "changed")],
)
async def test_a_list_that_is_no_longer_true_brings_no_card(
    tmp_path: Path, lang: str, meanwhile: Callable[[World], None], ko: str, en: str
) -> None:
    """The application ended, or its id is another's now, since the list was shown."""
    async with thread_in(tmp_path, lang) as here:
        await here.ask("list")
        meanwhile(here.at)
        answer = await here.ask("one")
        says(answer, here, ko, en)
        assert here.at.cards(ALERT_CHANNEL, here.root) == []


@both
@pytest.mark.parametrize(
    ("meanwhile", "ko", "en"),
    [
        (_finish, "이미 끝나 있었습니다", "already ended"),
        (_restart, "종료하지 않았습니다", "not killed"),
        (_replace, "종료하지 않았습니다", "not killed"),
    ],
)
async def test_a_card_that_is_no_longer_true_kills_nothing(
    tmp_path: Path, lang: str, meanwhile: Callable[[World], None], ko: str, en: str
) -> None:
    """The approved application ended, restarted, or is another one now."""
    async with thread_in(tmp_path, lang) as here:
        card = await here.proposed()
        meanwhile(here.at)
        here.click(APPROVER, card)
        await here.ends(card, "done", ko, en)
        assert here.at.platform.kill_count(FIRST) == 0
        assert here.at.platform.kill_count(SECOND) == 1


@both
async def test_a_withdrawn_card_is_closed(tmp_path: Path, lang: str) -> None:
    """By who asked for it, in words."""
    async with thread_in(tmp_path, lang) as here:
        card = await here.proposed(user=COLLEAGUE)
        answer = await here.ask("cancel", COLLEAGUE)
        says(answer, here, "거두었습니다", "Withdrew")
        await here.ends(card, "cancelled", "거둔 카드", "Withdrawn")


@both
async def test_who_may_not_withdraw_is_told_so(tmp_path: Path, lang: str) -> None:
    """Neither requester nor approver: the card stays, and the answer says why."""
    async with thread_in(tmp_path, lang) as here:
        card = await here.proposed()
        answer = await here.ask("cancel", COLLEAGUE)
        says(answer, here, "요청한 사람", "asked for it")
        assert payload_of(answer)["intent"] == "cancel"
        assert state_of(card) == "pending"


@both
async def test_other_targets_replace_the_open_card(tmp_path: Path, lang: str) -> None:
    """The old card is closed and says so; a click on the new one kills its targets alone."""
    async with thread_in(tmp_path, lang) as here:
        old = await here.proposed()
        await here.ask("one")
        await here.ends(old, "cancelled", "거둔 카드", "Withdrawn")
        new = here.at.cards(ALERT_CHANNEL, here.root)[-1]
        assert payload_of(new)["applications"] == [FIRST]
        here.click(APPROVER, new)
        await here.ends(new, "done", "종료 확인", "Kill confirmed")
        assert (here.at.platform.kill_count(FIRST), len(here.at.platform.kill_requests)) == (1, 1)


@both
async def test_a_target_on_another_open_card_is_refused(tmp_path: Path, lang: str) -> None:
    """Two threads may not both be about to kill the same application."""
    async with thread_in(tmp_path, lang) as here:
        await here.proposed()
        other = Thread(here.at, lang)
        await other.ask("list", channel=RANDOM_CHANNEL)
        answer = await other.ask("one", channel=RANDOM_CHANNEL)
        says(answer, here, "다른 스레드에서", "in another thread")


@both
async def test_a_cluster_that_forbids_the_kill_is_named(tmp_path: Path, lang: str) -> None:
    """The card says that it still runs, and which right of the bot to look at."""
    async with thread_in(tmp_path, lang) as here:
        card = await here.proposed("one")
        await here.at.platform.fault(YARN, Kind.KILL_FORBIDDEN)
        here.click(APPROVER, card)
        await here.ends(card, "done", "종료 권한", "may kill")
        assert here.at.platform.kill_count(FIRST) == 1


@both
async def test_a_lost_answer_is_read_after_and_never_sent_again(tmp_path: Path, lang: str) -> None:
    """The kill was carried out, its answer was lost: one call, and the card ends true."""
    async with thread_in(tmp_path, lang) as here:
        card = await here.proposed("one")
        await here.at.platform.fault(YARN, Kind.DROP_RESPONSE, match="PUT", times=1)
        here.click(APPROVER, card)
        await here.ends(card, "done", "종료 확인", "Kill confirmed")
        assert here.at.platform.kill_count(FIRST) == 1


@both
async def test_an_ignored_kill_asks_a_person(tmp_path: Path, lang: str) -> None:
    """The cluster accepted and did nothing: the card says so instead of claiming success."""
    async with thread_in(tmp_path, lang) as here:
        card = await here.proposed("one")
        await here.at.platform.fault(YARN, Kind.KILL_IGNORED)
        here.click(APPROVER, card)
        await here.ends(card, "done", "사람이 확인해야 합니다", "a person must look")
        assert here.at.platform.kill_count(FIRST) == 1


@both
async def test_a_dry_run_says_so(tmp_path: Path, lang: str) -> None:
    """Everything but the kill call."""
    async with thread_in(tmp_path, lang, dry_run=True) as here:
        card = await here.proposed("one")
        says(card, here, "시험 실행", "Dry run")
        here.click(APPROVER, card)
        await here.ends(card, "done", "시험 실행", "Dry run")
        assert here.at.platform.kill_requests == []


@both
async def test_two_approvals_take_two_people(tmp_path: Path, lang: str) -> None:
    """The first one is shown on the card; the same person again is told so."""
    async with thread_in(tmp_path, lang, approvals_required=2) as here:
        card = await here.proposed("one")
        here.click(APPROVER, card)
        await here.at.slack.wait_for(lambda _: "1/2" in words_of(card))
        here.click(APPROVER, card)
        assert ("이미 승인" if lang == "ko" else "already") in await here.whispered(APPROVER)
        here.click(SECOND_APPROVER, card)
        await here.ends(card, "done", "종료 확인", "Kill confirmed")


@both
async def test_the_audit_names_who_asked_and_who_approved(tmp_path: Path, lang: str) -> None:
    """From the rows, after a kill."""
    async with thread_in(tmp_path, lang) as here:
        card = await here.proposed("one", COLLEAGUE)
        here.click(SECOND_APPROVER, card)
        await here.ends(card, "done", "종료 확인", "Kill confirmed")
        answer = words_of(await here.ask("audit"))
        assert COLLEAGUE in answer
        assert SECOND_APPROVER in answer
        assert APPROVER not in answer


async def test_a_direct_message_needs_no_mention(tmp_path: Path) -> None:
    """And stays in its thread."""
    async with world(tmp_path) as at, at.product():
        answer = await at.ask("상위 3개 잡 보여줘", channel="D0MINJI01")
        assert len(payload_of(answer)["applications"]) == 3
        assert event_of(answer) == "oncall_answer"
