"""What somebody wrote as the model's replies, given again: the facts of a complete answer stand."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.agents import admin_guide
from bot.domain.language import language_of
from bot.retrieval.search import KnowledgeSearch
from tests.cassettes.tape import Json, Tape, lost
from tests.cassettes.threads import rows, thread
from tests.evals.howto import our_documents as opened
from tests.flow.test_guide_answers import MANUAL

CASSETTES = Path(__file__).parents[1] / "cassettes"
EVERY = sorted(
    (name, turns) for file in CASSETTES.glob("*.jsonl") for name, turns in rows(file).items()
)
A_TENTH = EVERY[::10]


@pytest.fixture
async def documents(
    our_documents: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[KnowledgeSearch]:
    """Open the manual. A turn waits for its pages however busy this machine is: its replies quote them."""
    monkeypatch.setattr(admin_guide, "WAIT", 60.0)
    async with opened(our_documents) as search:
        yield search


async def complaints(turns: list[Json], documents: KnowledgeSearch | None) -> list[str]:
    """Play one thread again and return what is not as it was kept."""
    found: list[str] = []
    async with Tape() as tape, thread(tape, documents, turns[0]["lang"]) as opened:
        for turn in turns:
            post = await opened.ask(turn, turn["exchanges"])
            worse = set(post.missed(turn)) - set(turn["missed"])
            told = [*tape.complaints, *(f"does not stand: {must}" for must in sorted(worse))]
            told += [
                f"in another language: {sentence}"
                for sentence, outcome in post.sentences
                if outcome == "kept" and language_of(sentence) is not language_of(turn["text"])
            ]
            found += [f"{turn['incident']} turn {turn['turn']}: {each}" for each in told]
    return found


@MANUAL
async def test_a_tenth_of_the_kept_threads_is_answered_as_completely_as_when_it_was_kept(
    documents: KnowledgeSearch,
) -> None:
    for _, turns in A_TENTH:
        assert await complaints(turns, documents) == []


@pytest.mark.long
async def test_all_kept_threads_are_answered_as_completely_as_when_they_were_kept(
    documents: KnowledgeSearch,
) -> None:
    assert [one for _, turns in EVERY for one in await complaints(turns, documents)] == []


async def test_a_figure_that_is_gone_and_a_request_nobody_answered_are_told() -> None:
    """A reply that says 57 cores, as its request once did, does not fit the 56 there are now."""
    turn = rows(CASSETTES / "dry_run.jsonl")["dry"][0]
    other = json.loads(json.dumps(turn, ensure_ascii=False).replace("56", "57"))
    assert "dry turn 1: no longer in the request: 57" in await complaints([other], None)
    unkept = await complaints([{**turn, "exchanges": []}], None)
    assert unkept[0].startswith("dry turn 1: nobody answered this reading")


THEN = '{"name":"ml_train_ctr","owner":"carol","cores granted":"20 cores"}'


@pytest.mark.parametrize(
    ("now", "gone"),
    [
        (THEN, ()),
        (THEN.replace("carol", "alice"), ("carol",)),
        (THEN.replace("20", "24"), ("20", "20 cores")),
        (THEN.replace("ml_train_ctr", "etl_orders"), ("ml_train_ctr",)),
    ],
)
def test_what_a_reply_says_must_still_stand_in_what_it_read(
    now: str, gone: tuple[str, ...]
) -> None:
    words = "carol's ml_train_ctr holds 20 cores, 12 more than fraud_stream."
    assert lost(words, THEN, now) == gone
