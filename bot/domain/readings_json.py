"""A reading as a short text and back: what a button carries."""

import json
from dataclasses import MISSING, fields, is_dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from bot.domain import conversation, selections
from bot.domain.conversation import Understanding
from bot.domain.language import Language

LONGEST = 1_900  # characters; Slack takes 2,000
_KINDS: dict[str, Any] = {
    name: kind
    for room in (conversation, selections)
    for name, kind in vars(room).items()
    if isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, Enum))
} | {"Language": Language}
_LEFT_OUT = {"evidence", "readings"}


def written(reading: Understanding) -> str:
    """Return a reading as text; empty when it is too long for a button."""
    text = json.dumps(_plain(reading), ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= LONGEST else ""


def read(text: str) -> Understanding | None:
    """Return the reading a text holds; None when it is none of ours."""
    try:
        found = _made(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return found if isinstance(found, Understanding) else None


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return {"_": type(value).__name__, "v": value.value}
    if isinstance(value, timedelta):
        return {"_": "timedelta", "v": value.total_seconds()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if not is_dataclass(value):
        return value
    said = {
        field.name: _plain(getattr(value, field.name))
        for field in fields(value)
        if field.name not in _LEFT_OUT and not _default(field, getattr(value, field.name))
    }
    return {"_": type(value).__name__, **said}


def _default(field: Any, value: Any) -> bool:
    if field.default is not MISSING:
        return bool(value == field.default)
    return field.default_factory is not MISSING and bool(value == field.default_factory())


def _made(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_made(item) for item in value)
    if not isinstance(value, dict):
        return value
    name = value["_"]
    if name == "timedelta":
        return timedelta(seconds=value["v"])
    kind = _KINDS[name]
    if issubclass(kind, Enum):
        return kind(value["v"])
    return kind(**{key: _made(item) for key, item in value.items() if key != "_"})
