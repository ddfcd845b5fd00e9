"""Text from outside stays inside its fence, whatever it is made of."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bot.agents.model.untrusted_text import UNSEEN, UntrustedText, fresh_marker, one_line

MARKERS = st.text("0123456789abcdef", min_size=1, max_size=12)


@st.composite
def forged(draw: st.DrawFn) -> tuple[str, str]:
    """Return a marker and a text that knows it, in pieces and in both cases."""
    marker = draw(MARKERS)
    cut = draw(st.integers(0, len(marker)))
    pieces = st.sampled_from(
        [
            marker,
            marker.upper(),
            marker[:cut],
            marker[cut:],
            f"[{marker}",
            f"{marker}]",
            "\n",
            "[",
            "]",
        ]
    )
    return marker, "".join(draw(st.lists(st.one_of(pieces, st.text(max_size=5)), max_size=30)))


@given(forged())
def test_a_text_that_knows_the_marker_cannot_close_its_fence(case: tuple[str, str]) -> None:
    """The marker stands at the two ends and nowhere between, in no case of its letters."""
    marker, text = case
    lines = UntrustedText(lambda: marker)("Label", text).split("\n")
    inside = "\n".join(lines[2:-1])
    assert (lines[0], lines[1], lines[-1]) == ("Label:", f"[{marker}", f"{marker}]")
    assert not re.search(marker, inside, re.IGNORECASE)


@given(st.text(max_size=300))
def test_a_text_without_the_marker_is_told_as_it_is(text: str) -> None:
    """Fencing changes nothing else."""
    fence = UntrustedText()
    assert text in fence("Label", text)


@given(st.text(max_size=300))
def test_a_name_is_one_short_line_of_visible_characters(text: str) -> None:
    """No break, no control or format character: nothing that could begin a line of its own."""
    flat = one_line(text)
    assert len(flat) <= 81
    assert not any(unicodedata.category(one) in UNSEEN for one in flat)
    assert flat.splitlines() in ([flat], [])


def test_no_two_prompts_have_the_same_marker() -> None:
    """Whoever has seen one prompt knows nothing of the next."""
    assert len({fresh_marker() for _ in range(1_000)}) == 1_000
