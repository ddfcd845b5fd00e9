"""Text from outside stays inert in every block and in the fallback text, and within limits."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.domain.answers import (
    Answer,
    Bullets,
    Button,
    Buttons,
    Facts,
    Heading,
    Note,
    Notice,
    Paragraph,
    Part,
    Quote,
    Span,
    Table,
    Tone,
)
from bot.domain.applications import ApplicationRef
from bot.domain.conversation import AgentName, Intent
from bot.domain.language import Language
from bot.domain.proposals import Proposal, ProposalState, TargetState
from bot.handlers.views.answer import render
from bot.handlers.views.blocks import Rendered, inert_lines, plain_text, sanitize_line, size
from bot.handlers.views.card import card, proof, relaunch
from bot.sandbox.slack.blocks import message_problems
from bot.texts.cards import REASONS
from tests.unit.handlers.memory import proposal, target

KST = ZoneInfo("Asia/Seoul")
LIVE = re.compile(r"<[!@#]|<http", re.IGNORECASE)
HIDDEN = re.compile(
    r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b-\x1f\ud800-\udfff]"
)
EVALS = Path(__file__).parents[2] / "evals" / "data"
PAYLOADS = [
    json.loads(line)["text"]
    for line in (EVALS / "injections.dev.jsonl").read_text("utf-8").splitlines()
]
MENTIONS = ["<!channel>", "<!here|@here>", "<@U0LEAD001>", "<#C1|x>", "<!subteam^S1>"]
MARKUP = ["&lt;!channel&gt;", "<https://evil.invalid|ok>", "*bold*", "`", "\n\n", "<", "!", "@"]
HIDING = ["\u202e", "\u200b", "<\u200b!channel>", "\ud800", "\x00", "Z\u0301\u0302\u0303\u0304"]
pieces = st.sampled_from([*MENTIONS, *MARKUP, *HIDING, "가" * 50, "x" * 10_000])
hostile = st.one_of(
    st.text(st.characters(), max_size=60),
    st.lists(pieces, max_size=6).map("".join),
    st.sampled_from(PAYLOADS),
)
languages = st.sampled_from(Language)


def strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            if key != "value":  # a button's value is never shown
                yield from strings(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from strings(value)


def check(view: Rendered) -> None:
    """Nothing live, nothing hidden, nothing Slack would refuse."""
    for text in (view.text, *strings(view.blocks)):
        assert not LIVE.search(text), text
        assert not HIDDEN.search(text), repr(text)
    assert not re.search(r"[<>]", view.text)
    assert "mrkdwn" not in {each.get("type") for each in objects(view.blocks)}
    assert 0 < len(view.blocks) <= 50
    assert size(view.blocks) <= 10_000
    assert message_problems(list(view.blocks)) == []
    for block in view.blocks:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.to_dict()
    json.dumps(view.blocks, ensure_ascii=False).encode("utf-8")


def objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from objects(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from objects(value)


@st.composite
def parts(draw: st.DrawFn) -> Part:
    text = draw(hostile)
    span = Span(text, code=draw(st.booleans()), bold=draw(st.booleans()))
    cells = draw(st.lists(hostile, min_size=1, max_size=4))
    made: list[Part] = [
        Heading(text),
        Paragraph((Span("<"), span, Span("!"))),
        Bullets(tuple((Span(cell),) for cell in cells), numbered=draw(st.booleans())),
        Facts(tuple((cell, text) for cell in cells)),
        Table((tuple(cells), (text,))),
        Notice(text, draw(st.sampled_from(Tone))),
        Quote(text, draw(hostile)),
        Note(text),
        Buttons((Button("propose_kill", text, text[:3000], "danger", (text, text, text, text)),)),
    ]
    return draw(st.sampled_from(made))


@given(st.lists(parts(), min_size=1, max_size=60), hostile, languages)
def answers_are_inert(shown: list[Part], summary: str, language: Language) -> None:
    made = Answer(language, Intent.LIST, AgentName.NONE, summary, tuple(shown))
    check(render(made, made.language))
    assert plain_text(render(made, made.language).blocks)


@given(
    st.lists(hostile, min_size=4, max_size=4),
    st.integers(1, 20),
    st.sampled_from(ProposalState),
    st.sampled_from(TargetState),
    languages,
)
def cards_are_inert(
    words: list[str], count: int, state: ProposalState, end: TargetState, language: Language
) -> None:
    name, user, queue, ident = words
    one = replace(
        target(1, name=name, user=user, queue=queue, state=end, reason=name),
        ref=ApplicationRef(queue, "yarn", ident),
    )
    stored: Proposal = proposal(
        language, targets=(one,) * count, state=state, requester=user, relaunched=(ident,) * count
    )
    for view in (card, proof, relaunch):
        check(view(stored, KST))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("end", TargetState)
def test_the_longest_card_fits(language: Language, end: TargetState) -> None:
    """Twenty targets with the longest names and the longest endings."""
    reason = max(REASONS, key=lambda name: len(REASONS[name](language)))
    long = "w" * 500
    one = replace(
        target(1, name=long, user=long, queue=long, attempt=12, relief=None),
        ref=ApplicationRef(long, "yarn", long),
        state=end,
        reason=reason,
    )
    for state in ProposalState:
        stored = proposal(language, targets=(one,) * 20, state=state, dry_run=True)
        check(card(stored, KST))


EXAMPLES = [200, pytest.param(10_000, marks=[pytest.mark.long, pytest.mark.timeout(1800)])]
TOLERANT = [HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.mark.parametrize("examples", EXAMPLES)
def test_answers_are_inert_and_within_limits(examples: int) -> None:
    """Whatever the parts hold."""
    settings(max_examples=examples, suppress_health_check=TOLERANT)(answers_are_inert)()


@pytest.mark.parametrize("examples", EXAMPLES)
def test_cards_are_inert_and_within_limits(examples: int) -> None:
    """Names, ids, owners, queues, requesters and new ids come from outside."""
    settings(max_examples=examples, suppress_health_check=TOLERANT)(cards_are_inert)()


@pytest.mark.parametrize("text", PAYLOADS)
def test_known_injections_stay_inert_as_application_names(text: str) -> None:
    """The name stands in an element of its own, on one line, capped."""
    view = card(proposal(Language.KO, targets=(target(1, name=text),)), KST)
    check(view)
    name = view.blocks[1]["elements"][0]["elements"][1]
    assert name["style"] == {"bold": True, "code": True}
    assert len(name["text"]) <= 80
    assert "\n" not in name["text"]
    assert "://" not in name["text"]


def test_a_cut_is_visible_and_told_in_the_readers_language() -> None:
    """How many characters are missing is part of what is shown."""
    assert sanitize_line("가" * 100, 20, Language.KO) == "가" * 13 + "…(+87자)"
    assert sanitize_line("a" * 100, 20, Language.EN) == "a" * 14 + "…(+86)"


def test_cleaning_keeps_what_people_write() -> None:
    """Hangul, emoji, comparisons and slashes stay; only what is live or hidden changes."""
    text = "CPU < 90% & 가동율 → 42% 🎉 a/b c:d"
    assert sanitize_line(text, 100, Language.KO) == text
    assert sanitize_line("see https://x.invalid\n<!channel>", 100, Language.EN) == (
        "see https[:]//x.invalid ＜!channel>"
    )
    assert inert_lines("one\r\n\ttwo\u2028three", 100, Language.EN) == "one\ntwo\nthree"
