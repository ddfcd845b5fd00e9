"""Memory nobody tells is unknown, not none: in a list, in its order, in what is said and chosen."""

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.agents.facts import ListFacts
from bot.agents.templates.lists import listed
from bot.agents.templates.wording import Voice
from bot.backends.spark_standalone import applications as spark_applications
from bot.backends.yarn_parse import applications as yarn_applications
from bot.domain.applications import RunningApplications, joined
from bot.domain.conversation import Listing, ListingRow, Query
from bot.domain.language import Language
from bot.domain.listings import frozen, ranked
from bot.domain.selection_resolver import Unresolved, resolve
from bot.domain.selections import Measure, Top
from tests.contract.yarn_bodies import application as yarn_row

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
RECORDED = Path(__file__).parents[2] / "contract" / "fixtures" / "spark"
BY_MEMORY = Query(by=Measure.MEMORY)


def listing(query: Query) -> Listing:
    """Return a list of one YARN application, whose memory is told, and those of a Spark master."""
    body = json.loads((RECORDED / "master-json-with-driver.json").read_text())
    spark, _ = spark_applications("c", body)
    yarn = yarn_applications("c", [yarn_row()]).applications
    snapshot = RunningApplications(NOW, joined([spark, yarn]))
    return frozen(ranked(snapshot, query, lambda *_: False), query, snapshot)


def known(row: ListingRow) -> bool:
    return row.memory is not None


def test_a_master_s_applications_have_unknown_memory() -> None:
    """It tells the memory per executor, and not how many executors there are."""
    rows = listing(Query()).rows
    assert {row.memory for row in rows if row.ref.id.startswith("app-")} == {None}


@pytest.mark.parametrize("ascending", [False, True])
def test_the_unknown_come_last(ascending: bool) -> None:
    """Whichever way the list runs."""
    rows = listing(Query(by=Measure.MEMORY, ascending=ascending)).rows
    assert [known(row) for row in rows] == sorted((known(row) for row in rows), reverse=True)


@pytest.mark.parametrize(
    ("language", "words"), [(Language.KO, "알 수 없어"), (Language.EN, "is unknown")]
)
def test_a_list_by_memory_says_so(language: Language, words: str) -> None:
    """A dash in the row, a line below the table; a list by CPU needs none."""
    voice = Voice(language, ZoneInfo("Asia/Seoul"))
    said = str(listed(ListFacts(listing(BY_MEMORY), BY_MEMORY, 2), voice))
    assert words in said
    assert "'–'" in said
    assert "'0 GiB'" not in said
    assert words not in str(listed(ListFacts(listing(Query()), Query(), 2), voice))


def test_the_largest_of_unknown_ones_is_asked_for() -> None:
    """Nothing is killed on a guess."""
    found = resolve(Top(1, by=Measure.MEMORY), listing(Query()).rows, NOW)
    assert isinstance(found, Unresolved)
