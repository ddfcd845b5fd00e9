"""A channel in which alerts come thick and fast is told so, once."""

from dataclasses import replace
from datetime import timedelta

from bot.handlers.alerts.answers import FLOOD, FLOOD_TOLD, Floods
from tests.unit.handlers.memory import NOW, alert

SECOND = timedelta(seconds=1)


def test_a_channel_that_floods_is_told_once_in_half_an_hour() -> None:
    """A redelivery counts once and is told what its first delivery was told."""
    floods = Floods()
    posts = [
        replace(alert(), ts=str(number), posted_at=NOW + number * SECOND)
        for number in range(2 * FLOOD)
    ]
    told = [floods.told_by(each, f"I{int(each.ts) % 3}") for each in posts]
    again = floods.told_by(posts[FLOOD - 1], "I1")
    later = [replace(each, posted_at=each.posted_at + FLOOD_TOLD) for each in posts]

    assert [place for place, each in enumerate(told) if each] == [FLOOD - 1]
    assert told[FLOOD - 1] is not None
    assert (told[FLOOD - 1].posts, told[FLOOD - 1].alerts) == (FLOOD, 3)  # type: ignore[union-attr]
    assert again is not None
    assert again.slot == told[FLOOD - 1].slot  # type: ignore[union-attr]
    assert sum(floods.told_by(each, "I1") is not None for each in later) == 1


def test_a_channel_with_a_post_now_and_then_is_told_nothing() -> None:
    """As many posts, but never many within a minute; and other channels count apart."""
    floods = Floods()
    for number in range(5 * FLOOD):
        at = NOW + number * 4 * SECOND
        spread = replace(alert(), ts=str(number), posted_at=at)
        apart = replace(alert(), ts=str(number), posted_at=NOW, channel=f"C{number}")
        assert floods.told_by(spread, "I1") is None
        assert floods.told_by(apart, "I1") is None
