"""Guide answers at the wire: a passage with its source, and buttons that need no typing."""

from pathlib import Path
from typing import Any

import pytest

from bot.handlers.views.blocks import plain_text
from bot.retrieval.documents import sections
from bot.retrieval.knowledge import default_source
from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, COLLEAGUE
from bot.sandbox.slack.transcript import Message
from tests.flow.world import World, payload_of, words_of, world

QUESTIONS = {
    "ko": "@당직 클러스터 가동율이 높을때 어떻게 해야되?",
    "en": "@당직 what should we do when cluster utilization is high?",
}
MANUAL = pytest.mark.xdist_group("manual")  # one worker indexes our documents
WITHIN = 90.0  # seconds; the first question waits until our documents are indexed


def shown(message: Message) -> str:
    """Return a post as a person reads it."""
    return plain_text(message.body["blocks"])


def buttons(message: Message) -> list[dict[str, Any]]:
    """Return the buttons of a post."""
    rows = [block for block in message.body["blocks"] if block["type"] == "actions"]
    return [element for row in rows for element in row["elements"]]


async def after_click(at: World, on: Message, action: str) -> Message:
    """Press a button and return the post it brings to the thread."""
    before = {each.ts for each in at.slack.transcript.messages}
    at.slack.click(COLLEAGUE, ALERT_CHANNEL, on.ts, action)
    return await at.post(lambda each: each.ts not in before and each.root == on.root)


async def whispered_after(at: World, on: Message, action: str, user: str) -> str:
    """Press a button and return what only the clicker reads then."""
    before = len(at.slack.transcript.messages)
    at.slack.click(user, ALERT_CHANNEL, on.ts, action)
    found = await at.slack.wait_for(
        lambda seen: next(
            (each for each in seen.messages[before:] if each.visible_to == user), None
        )
    )
    return words_of(found)


def exists(source: str) -> bool:
    """Tell whether a source names a section of our documents."""
    collection, _, rest = source.partition("/")
    file, _, heading = rest.partition("#")
    folder = {"operation_manual": "manual", "operation_history": "history"}[collection]
    text = (default_source() / folder / file).read_text(encoding="utf-8")
    return any(heading in {first, second} for first, second, _, _ in sections(text))


@MANUAL
@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_what_to_do_is_answered_from_manual_and_history(
    our_documents: Path, lang: str
) -> None:
    """The product's third question, without a model: one page's best, titles that open, its sources."""
    async with world(our_documents, documents=True) as at, at.product():
        answer = await at.ask(QUESTIONS[lang], within=WITHIN)
        payload = payload_of(answer)
        told = (payload["agent"], payload["intent"], payload["llm"])
        assert told == ("admin_guide", "how_to", False)
        sources = payload["sources"]
        assert 1 <= len(sources) <= 5
        assert all(exists(source) for source in sources), sources
        assert "high-cpu" in sources[0]
        assert sources[0].partition("#")[0].endswith("-en.md") is (lang == "en")
        assert not {"**", "`", "|"} & set(shown(answer))

        page = await after_click(at, answer, "guide_source")
        assert payload_of(page)["sources"] == [sources[0].partition("#")[0]]
        assert len(shown(page)) > 600, "all of the page"

        step = {"ko": "3단계: 지금 상위 5개 잡", "en": "Step 3: top 5 jobs now"}[lang]
        assert step in [each["text"]["text"] for each in buttons(answer)]
        listed = await after_click(at, answer, "list_top")
        assert payload_of(listed)["intent"] == "list"


async def test_buttons_work_after_a_restart_and_votes_count_once(tmp_path: Path) -> None:
    """A vote may be changed, is answered to the voter alone, and is counted in the digest."""
    async with world(tmp_path, documents=True, digest_channel=ALERT_CHANNEL) as at:
        async with at.product():
            answer = await at.ask("@당직 CPU 사용률이 높을 때 어떻게 해?", within=WITHIN)
            assert all(len(each.get("value", "")) <= 20 for each in buttons(answer))
        async with at.product() as oncall:
            assert "👍" in await whispered_after(at, answer, "guide_up", COLLEAGUE)
            assert "👎" in await whispered_after(at, answer, "guide_down", COLLEAGUE)
            assert "👍" in await whispered_after(at, answer, "guide_up", APPROVER)
            section = await after_click(at, answer, "guide_source")
            assert "👍" in await whispered_after(at, section, "guide_up", COLLEAGUE)
            assert oncall.digester is not None
            facts, _ = await oncall.digester.writer.compose()
            assert (facts.guides.answers, facts.guides.helpful, facts.guides.unhelpful) == (1, 2, 1)


@MANUAL
async def test_a_symptom_gets_its_answer_and_titles_that_open(our_documents: Path) -> None:
    """The diagnosis stays, and the page that helps is one press away."""
    async with world(our_documents, documents=True) as at, at.product():
        await at.ask(QUESTIONS["ko"], within=WITHIN)  # an index still filling is not waited for
        answer = await at.ask("@당직 403 뜨면서 못 죽인대", within=WITHIN)
        payload = payload_of(answer)
        assert payload["intent"] == "diagnose"
        assert "kill-cli" in payload["sources"][0]
        assert "관련 문서" in shown(answer)
        page = await after_click(at, answer, "guide_source")
        assert payload_of(page)["sources"] == [payload["sources"][0].partition("#")[0]]


async def test_what_no_document_says_is_said_so(tmp_path: Path) -> None:
    """No passage, no source, no button."""
    async with world(tmp_path, documents=True) as at, at.product():
        answer = await at.ask("@당직 매뉴얼에 점심 메뉴 고르는 방법 있어?", within=WITHIN)
        assert payload_of(answer)["sources"] == []
        assert buttons(answer) == []
