"""Small checks that say where a JSON value breaks Slack's rules. Pure; combined in `blocks`."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: the JSON pointer and what is wrong there."""

    pointer: str
    message: str

    def __str__(self) -> str:
        """Return it as `response_metadata.messages` words it."""
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"


Check = Callable[[Any, str], Iterator[Problem]]


def string(limit: int = 3000, *, least: int = 1, pattern: str = "") -> Check:
    """Accept text of `least` to `limit` characters that matches `pattern`."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(at, "must be a string")
        elif len(value) < least:
            yield Problem(at, f"must be more than {least - 1} characters")
        elif len(value) > limit:
            yield Problem(at, f"must be less than {limit + 1} characters")
        elif pattern and not re.search(pattern, value):
            yield Problem(at, "has an invalid format")

    return check


def boolean(value: Any, at: str) -> Iterator[Problem]:
    """Accept true and false."""
    if not isinstance(value, bool):
        yield Problem(at, "must be a boolean")


def integer(least: int, most: int) -> Check:
    """Accept a whole number within the bounds."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield Problem(at, "must be an integer")
        elif not least <= value <= most:
            yield Problem(at, f"must be between {least} and {most}")

    return check


def number(value: Any, at: str) -> Iterator[Problem]:
    """Accept any JSON number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Problem(at, "must be a number")


def choice(*values: str) -> Check:
    """Accept one of the values."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if value not in values:
            yield Problem(at, f"must be a valid enum value: {', '.join(values)}")

    return check


def anything(value: Any, at: str) -> Iterator[Problem]:
    """Accept whatever is there."""
    del value, at
    return iter(())


def items(check_item: Check, most: int, least: int = 1) -> Check:
    """Accept a list of `least` to `most` items that all pass."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(at, "must be an array")
            return
        if len(value) < least:
            yield Problem(at, f"no less than {least} items allowed")
        if len(value) > most:
            yield Problem(at, f"no more than {most} items allowed")
        for index, item in enumerate(value):
            yield from check_item(item, f"{at}/{index}")

    return check


def fields(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Accept an object with these members and no others."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(at, "must be an object")
            return
        for name in required:
            if value.get(name) is None:
                yield Problem(f"{at}/{name}", f"missing required field: {name}")
        for name, member in value.items():
            if name not in known:
                yield Problem(f"{at}/{name}", f"invalid additional property: {name}")
            elif member is not None:
                yield from known[name](member, f"{at}/{name}")

    return check


def tagged(kinds: Mapping[str, Check]) -> Check:
    """Accept an object whose `type` names one of the kinds, checked by that kind."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str):
            yield Problem(f"{at}/type", "missing required field: type")
        elif kind not in kinds:
            yield Problem(f"{at}/type", f"unsupported type: {kind}")
        else:
            rest = {key: member for key, member in value.items() if key != "type"}
            yield from kinds[kind](rest, at)

    return check


def both(first: Check, second: Check) -> Check:
    """Accept what passes two checks."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        yield from first(value, at)
        yield from second(value, at)

    return check


def one_needed(*names: str) -> Check:
    """Accept an object that has at least one of the members."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if isinstance(value, dict) and not any(value.get(name) for name in names):
            yield Problem(at, f"one of {', '.join(names)} is required")

    return check
