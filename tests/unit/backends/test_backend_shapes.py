"""Values out of other systems' JSON: any shape is survived, none is believed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backends import promql, shapes, spark_standalone, yarn_parse
from bot.backends.shapes import (
    application_in,
    attempt_in,
    is_spark_application,
    is_yarn_application,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    [
        "apps",
        "app",
        "id",
        "state",
        "nodes",
        "node",
        "scheduler",
        "schedulerInfo",
        "rootQueue",
        "childQueues",
        "queues",
        "queue",
        "clusterMetrics",
        "appAttempts",
        "appAttempt",
        "workers",
        "activeapps",
        "completedapps",
        "activedrivers",
        "starttime",
        "duration",
        "result",
        "metric",
        "value",
        "values",
        "resultType",
        "startedTime",
        "finishedTime",
        "allocatedMB",
        "allocatedVCores",
        "resourceUtilization",
        "nodeCPUUsage",
        "usedVirtualCores",
    ]
)
HOSTILE = st.recursive(
    JSON,
    lambda inner: st.dictionaries(KEYS, inner, max_size=6) | st.lists(inner, max_size=3),
    max_leaves=20,
)


@given(HOSTILE)
def test_no_body_breaks_a_parser(body: Any) -> None:
    """Whatever JSON comes, parsing ends in values or in None."""
    found = yarn_parse.application_rows(body)
    yarn_parse.applications("c", found or [])
    yarn_parse.metrics(body)
    yarn_parse.nodes(body)
    yarn_parse.queues(body)
    yarn_parse.latest_attempt(body)
    spark_standalone.is_master(body)
    part = shapes.mapping(body)
    spark_standalone.applications("c", part)
    spark_standalone.usage(part)
    spark_standalone.find("c", part, "app-20261122120809-0003")
    samples = promql.samples(part)
    promql.by_application(samples, shapes.amount)
    promql.node_usages(samples, samples)
    promql.age(samples)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, 3.0), ("2.5", 2.5), ("NaN", None), ("+Inf", None), (True, None), ([], None), ("x", None)],
)
def test_numbers_are_finite_or_none(value: object, expected: float | None) -> None:
    """Prometheus writes numbers as text, and NaN and infinities among them."""
    assert shapes.number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(-1, None), (0, 0), (7, 7), (2.9, 2), ("8", 8), (10**400, None)]
)
def test_counts_are_not_negative(value: object, expected: int | None) -> None:
    """YARN's -1 is "not any more"; a number past every float is none."""
    found = shapes.amount(value)
    assert (None if found is None else int(found)) == expected


@pytest.mark.parametrize(("value", "expected"), [(-3.0, 0.0), ("104.2", 100.0), ("NaN", None)])
def test_percentages_are_clamped(value: object, expected: float | None) -> None:
    """Rates overshoot a little by extrapolation."""
    assert shapes.percent(value) == expected


def test_a_time_is_milliseconds_as_number_or_text() -> None:
    """Spark writes a driver's start as text; 0 is a time that has not come."""
    expected = datetime(2026, 11, 22, 12, 13, 11, 206000, UTC)
    assert shapes.moment(1795349591206) == expected
    assert shapes.moment("1795349591206") == expected
    assert shapes.moment(0) is None
    assert shapes.moment(10**14 * 9) is None


def test_texts_are_bounded_and_can_be_stored() -> None:
    """A name of any length is cut; half a surrogate pair becomes a question mark."""
    assert shapes.text("x" * 5000, 10) == "x" * 10
    assert shapes.text("ab\ud800") == "ab?"
    assert shapes.text(7) == ""


def test_one_line_is_one_plain_line() -> None:
    """HTML gives its title; control and direction characters and line breaks go."""
    assert shapes.one_line("<html><title>Error 403 \n x</title>body") == "Error 403 x"
    assert shapes.one_line("a\u202eb\nc\x00d") == "a b c d"
    assert len(shapes.one_line("y" * 1000)) == shapes.DETAIL_LIMIT


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("app-20261122125312-0000", "app-20261122125312-0000"),
        ("java;application_1790000000000_0042;x", "application_1790000000000_0042"),
        (
            "/yarn/container_e17_1790000000000_0042_01_000003",
            "application_1790000000000_0042",
        ),
        ("container_1790000000000_0042_01_000003", "application_1790000000000_0042"),
        ("application_17_1", None),
        ("", None),
    ],
)
def test_an_id_is_found_inside_a_label(words: str, expected: str | None) -> None:
    """Process groups, command lines and cgroup paths all carry it."""
    assert application_in(words) == expected


def test_an_attempt_stands_in_a_container_id() -> None:
    """With and without the epoch of a restarted ResourceManager."""
    assert attempt_in("http://nm7:8042/x/container_e17_1790000000000_0042_02_000001/alice") == 2
    assert attempt_in("container_1790000000000_0042_01_000001") == 1
    assert attempt_in("") is None


@pytest.mark.parametrize(
    "words",
    [
        "application_1790000000000_0042\n",
        "application_1790000000000_0042/state",
        "app-20261122125312-0000%2e%2e",
        "app/../kill",
        "two words",
    ],
)
def test_ids_are_exact(words: str) -> None:
    """Nothing may follow or precede an id that goes into a path."""
    assert not is_yarn_application(words)
    assert not is_spark_application(words)
