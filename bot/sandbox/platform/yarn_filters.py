"""The query parameters of GET /ws/v1/cluster/apps that are asked, with the complaints about them."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from .application import Application
from .yarn_applications import FINAL_STATUS, STATES, Json

DESELECTABLE = (
    "resourceRequests",
    "timeouts",
    "appNodeLabelExpression",
    "amNodeLabelExpression",
    "resourceInfo",
)
Test = Callable[[Application, str], bool]


class BadRequestError(ValueError):
    """A parameter the ResourceManager refuses with 400."""


def choose(
    rows: Iterable[Application], query: Mapping[str, Sequence[str]], at: float
) -> list[Application]:
    """Return the applications the parameters ask for; raise BadRequestError."""
    tests = list(_tests(query))
    limit = _limit(query)
    chosen: list[Application] = []
    for row in rows:
        state = row.state(at)
        if all(test(row, state) for test in tests):
            chosen.append(row)
            if limit is not None and len(chosen) >= limit:
                break
    return chosen


def words(query: Mapping[str, Sequence[str]], name: str) -> list[str]:
    """Return the words of a parameter that may be repeated or hold commas."""
    return [word for value in query.get(name, ()) for word in value.split(",") if word]


def states(query: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the states asked for; empty means any."""
    asked = {word.upper() for name in ("states", "state") for word in words(query, name)}
    for word in sorted(asked - set(STATES)):
        allowed = ", ".join(STATES)
        raise BadRequestError(
            f"java.lang.Exception: Invalid application-state {word} specified. "
            f"It should be one of [{allowed}]"
        )
    return asked


def _tests(query: Mapping[str, Sequence[str]]) -> Iterable[Test]:
    wanted = states(query)
    if wanted:
        yield lambda _row, state: state in wanted
    types = {word.upper() for word in words(query, "applicationTypes")}
    if types:
        yield lambda row, _state: row.spec.type.upper() in types
    final = next(iter(query.get("finalStatus", ())), "")
    if final:
        yield lambda _row, state: FINAL_STATUS.get(state, "UNDEFINED") == final


def _number(query: Mapping[str, Sequence[str]], name: str) -> int | None:
    value = next(iter(query.get(name, ())), "")
    if not value:
        return None
    if not value.isdecimal():
        raise BadRequestError(f"java.lang.Exception: {name} must be a number: {value}")
    return int(value)


def _limit(query: Mapping[str, Sequence[str]]) -> int | None:
    limit = _number(query, "limit")
    if limit == 0:
        raise BadRequestError("java.lang.Exception: limit value must be greater then 0")
    return limit


def deselected(query: Mapping[str, Sequence[str]], known: Sequence[str]) -> set[str]:
    """Return the fields to leave out; raise BadRequestError for an unknown word."""
    asked = words(query, "deSelects")
    for word in asked:
        if word not in known:
            raise BadRequestError(
                f"java.lang.Exception: Invalid deSelects string {word} specified. "
                f"It should be one of [{', '.join(known)}]"
            )
    return set(asked)


def without(body: Json, fields: set[str]) -> Json:
    """Return an application's body without the fields left out."""
    return {key: value for key, value in body.items() if key not in fields}
