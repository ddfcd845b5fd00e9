"""The lexicon: phrases of both languages, each standing for one concept, read from data files."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from bot.agents.understanding.lexer import Kind, atoms
from bot.agents.understanding.normal import ending, normalise

VERB, ENDING, PARTICLE, NOUN, FREE = "verb", "ending", "particle", "noun", "free"


@dataclass(frozen=True, slots=True)
class Entry:
    """One phrase of a concept. `kind` says where it may stand; `value` is its number, if any.

    A phrase that costs more than 1 is read only where nothing else fits.
    """

    concept: str
    kind: str
    value: int = 0
    cost: float = 1.0


@dataclass(slots=True)
class Node:
    """A place in the tree of phrases, keyed by the next atom."""

    next: dict[str, "Node"] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Every phrase as a tree of atoms, the Latin words it knows, and verbs said in two parts.

    `split` holds the two words of `shut 3 down`, for the concept they make together.
    """

    root: Node
    words: frozenset[str]
    split: Mapping[tuple[str, str], str]


def load() -> Lexicon:
    """Read the data files beside this module."""
    root, words, split = Node(), set[str](), dict[tuple[str, str], str]()
    folder = files(__package__) / "lexicon"
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".toml"):
            continue
        for concept, table in tomllib.loads(file.read_text(encoding="utf-8")).items():
            _add(root, words, table.get("means", concept), table)
            for phrase in table.get("split", []):
                first, last = phrase.split()
                split[first, last] = table.get("means", concept)
    return Lexicon(root, frozenset(words), split)


def _add(root: Node, words: set[str], concept: str, table: dict[str, Any]) -> None:
    kind = table["kind"]
    phrases = [(phrase, table.get("value", 0)) for phrase in table.get("ko", [])]
    phrases += [(phrase, table.get("value", 0)) for phrase in table.get("en", [])]
    for value, said in table.get("values", {}).items():
        phrases += [(phrase, int(value)) for phrase in said]
    for phrase, value in phrases:
        node = root
        for key in keys(phrase, kind):
            if key.isascii() and key.isalpha():
                words.add(key)
            node = node.next.setdefault(key, Node())
        node.entries.append(Entry(concept, kind, value, table.get("cost", 1.0)))


def keys(phrase: str, kind: str) -> list[str]:
    """Return a phrase as the atoms it is looked up by."""
    if kind == ENDING and not phrase[0].isascii():
        return list(ending(phrase.replace(" ", "")))
    return [
        atom.text if atom.kind is Kind.JAMO else atom.text.casefold()
        for atom in atoms(normalise(phrase), frozenset())
    ]
