"""Whatever NodeManagers and YARN answer: what was granted never passes for what is used.

A tenth of the mutations with a fixed seed in `make test`, all of them in the long tier. Granted
cores are above 900 in every case and used ones below 500, so that a mix-up shows in any figure.
"""

import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.agents.facts import ListFacts
from bot.agents.templates.lists import listed
from bot.agents.templates.wording import Voice
from bot.backends.yarn_parse import applications
from bot.domain.answers import Table
from bot.domain.applications import Basis, RunningApplications
from bot.domain.conversation import ListingRow, Query
from bot.domain.core_usage import freed_cores, freed_points, holds_idle, with_used
from bot.domain.language import Language
from bot.domain.listings import frozen, ranked
from bot.domain.runaway import Background, judge
from bot.texts import figures
from tests.contract.node_managers import Cluster, bean
from tests.contract.yarn_bodies import application as row

LONG, SHORT = 12_000, 1_200
NOW = datetime(2026, 11, 27, tzinfo=UTC)
MOST_USED, LEAST_GRANTED = 500.0, 900
STARTED = 1790000000000
WRONG: tuple[Any, ...] = (None, 0, -1, 1e300, "NaN", "much", "", [], {}, True)
FIELDS = (
    "name",
    "PCpuUsagePercentAvgPercents",
    "PCpuUsagePercentNumUsage",
    "PCpuUsagePercentINumUsage",
)
NOT_MEASURED = "by granted cores, use is not measured"


def rows(dice: random.Random) -> list[dict[str, Any]]:
    """Return applications as YARN tells them, a few figures of them gone wrong."""
    found = []
    for number in range(dice.randint(1, 4)):
        app = row(
            f"application_{STARTED}_{number:04}",
            allocatedVCores=LEAST_GRANTED + number,
            runningContainers=dice.randint(0, 3),
        )
        if dice.random() < 0.3:
            app[dice.choice(("allocatedVCores", "runningContainers", "startedTime"))] = dice.choice(
                WRONG
            )
        found.append(app)
    return found


def node(dice: random.Random) -> Any:
    """Return what a node answers: beans, some without a figure, some gone wrong; or nothing."""
    if dice.random() < 0.1:
        return dice.choice((None, {}, [], {"beans": None}, {"beans": [{}]}))
    beans = []
    for number in range(dice.randint(0, 5)):
        epoch = dice.choice(("", "e02_"))
        container = f"container_{epoch}{STARTED}_{dice.randrange(5):04}_01_{number:06}"
        found = bean(container, dice.choice((0.0, 0.3, 6.1, 40.0)), dice.choice((1, 7, 9000)))
        if dice.random() < 0.4:
            found[dice.choice(FIELDS)] = dice.choice(WRONG)
        if dice.random() < 0.1:
            found = {"name": found["name"]}
        beans.append(found)
    return {"beans": beans}


async def check(seed: int) -> bool:
    """Play one case; tell whether any used cores were known."""
    dice = random.Random(seed)
    nodes = Cluster({f"nm{n}:8042": node(dice) for n in range(dice.randint(1, 3))})
    used = await nodes.reader().read()
    plain = applications("c", rows(dice)).applications
    measurement = used.measurement if used is not None else None
    snapshot = RunningApplications(
        NOW, with_used(plain, used, {}), 4000.0, None, (), {}, measurement
    )
    found = ranked(snapshot, Query(), lambda *_: False)
    if used is None:
        assert all(one.cores_basis == Basis.GRANTED for one in found)
        assert all(freed_points(app, snapshot) is None for app in snapshot.applications)
    else:
        judged_right(found[:], snapshot)
    shown_right(found[:], snapshot)
    return used is not None


def judged_right(found: tuple[ListingRow, ...], snapshot: RunningApplications) -> None:
    """Look at ranks, verdicts and promises: they rest on used figures, or on none."""
    cores = [one.cores for one in found]
    known = [each for each in cores if each is not None]
    assert cores == [*sorted(known, reverse=True), *[None] * (len(cores) - len(known))]
    assert all(each < MOST_USED for each in known)
    for finding in judge(snapshot, Background()):
        assert finding.cores < MOST_USED
        assert finding.application.cores_basis is Basis.MEASURED
        assert all(sign.seen < MOST_USED for sign in finding.evidence)
    for app in snapshot.applications:
        promised = freed_points(app, snapshot)
        assert promised is None or promised <= 100 * MOST_USED / 4000.0
        assert (promised is None) == (app.used_cores is None)
        freed, measured = freed_cores(app)
        assert not measured or freed == app.used_cores
        assert not holds_idle(app, 0.0) or (app.used_cores is not None and not app.partly)


def shown_right(found: tuple[ListingRow, ...], snapshot: RunningApplications) -> None:
    """Look at a list: it says what its figures are; the first of a pair is never the granted one."""
    if not found:
        return
    listing = frozen(found, Query(), snapshot)
    told = listed(ListFacts(listing, Query(), len(found)), Voice(Language.EN, UTC))
    table = next(part for part in told.parts if isinstance(part, Table))
    if snapshot.measurement is None:
        assert NOT_MEASURED in told.summary
        assert table.rows[0][2] == "Granted cores"
        return
    assert NOT_MEASURED not in told.summary
    assert table.rows[0][2] == "Cores used / granted"
    for line in table.rows[1:]:
        first = line[2].partition(" / ")[0].removeprefix("≥ ")
        assert first == figures.UNKNOWN or float(first) < MOST_USED


async def test_granted_never_passes_for_used() -> None:
    """A tenth of the cases; both kinds come up."""
    seen = [await check(seed) for seed in range(SHORT)]
    assert {True, False} == set(seen)


@pytest.mark.long
@pytest.mark.timeout(1200)
async def test_granted_never_passes_for_used_in_all_cases() -> None:
    """Every case."""
    assert sum([await check(seed) for seed in range(LONG)]) > LONG / 2


async def test_one_figure_in_place_of_the_other_would_be_noticed() -> None:
    """The check itself: a row ranked by what it was granted fails it."""
    plain = applications(
        "c", [row(f"application_{STARTED}_0001", allocatedVCores=950)]
    ).applications
    mixed = tuple(replace(app, basis=Basis.MEASURED, used_cores=950.0) for app in plain)
    snapshot = RunningApplications(NOW, mixed, 4000.0)
    with pytest.raises(AssertionError):
        judged_right(ranked(snapshot, Query(), lambda *_: False)[:], snapshot)
