"""The lexicon: data a reader can add to without fear."""

from collections.abc import Iterator
from itertools import combinations

from bot.agents.understanding import lexicon
from bot.agents.understanding.lexicon import Entry, Node


def entries(
    node: Node, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], list[Entry]]]:
    if node.entries:
        yield path, node.entries
    for key, following in node.next.items():
        yield from entries(following, (*path, key))


def test_no_phrase_stands_for_two_concepts_of_a_kind() -> None:
    """Where two readings of a phrase cost the same, which one wins would be chance."""
    clashes = [
        ("".join(path), one.concept, other.concept)
        for path, found in entries(lexicon().root)
        for one, other in combinations(found, 2)
        if one.concept != other.concept and (one.kind, one.cost) == (other.kind, other.cost)
    ]
    assert clashes == []


def test_every_kind_is_known() -> None:
    """A misspelt kind would never be read."""
    kinds = {entry.kind for _, found in entries(lexicon().root) for entry in found}
    assert kinds == {"verb", "ending", "particle", "noun", "free"}


def test_numbers_have_their_value() -> None:
    """Every numeral and ordinal counts something."""
    for _, found in entries(lexicon().root):
        for entry in found:
            if entry.concept in {"num", "ord", "spoken_rank"}:
                assert entry.value > 0
