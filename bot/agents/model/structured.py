"""Getting a JSON object out of any OpenAI-compatible server, whichever method it offers."""

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from langchain_core.messages import AIMessage
from pydantic import BaseModel, ValidationError

from bot.agents.model.port import Shape

UNTOLD = {"title", "description", "default", "maxItems", "maximum", "minimum", "maxLength"}
THOUGHT, THOUGHT_END = "<think>", "</think>"  # where the server does not part the two
LONGEST_ANSWER = 20_000  # characters; nothing we ask for is longer


class Method(StrEnum):
    """Ways of asking for structure, best first."""

    JSON_SCHEMA = "json_schema"
    FUNCTION = "function"
    JSON_OBJECT = "json_object"
    WORDS = "words"


def arguments(method: Method, shape: type[BaseModel]) -> dict[str, Any]:
    """Return the request's parameters that ask for this shape by this method."""
    name, schema = shape.__name__.lower(), strict_schema(shape)
    if method is Method.JSON_SCHEMA:
        spec = {"name": name, "strict": True, "schema": schema}
        return {"response_format": {"type": "json_schema", "json_schema": spec}}
    if method is Method.FUNCTION:
        function = {"name": name, "strict": True, "parameters": schema}
        chosen = {"type": "function", "function": {"name": name}}
        return {"tools": [{"type": "function", "function": function}], "tool_choice": chosen}
    if method is Method.JSON_OBJECT:
        return {"response_format": {"type": "json_object"}}
    return {}


def told(method: Method, shape: type[BaseModel]) -> str:
    """Return what the prompt itself must say of the shape: nothing where the request says it."""
    if method in {Method.JSON_SCHEMA, Method.FUNCTION}:
        return ""
    schema = json.dumps(strict_schema(shape), ensure_ascii=False)
    return f"\n\nAnswer with one JSON object of this schema and nothing else:\n{schema}"


def strict_schema(shape: type[BaseModel]) -> dict[str, Any]:
    """Return the shape's JSON schema as strict servers want it: all keys, and no other."""
    return dict(_strict(shape.model_json_schema()))


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: {name: _strict(part) for name, part in value.items()}
        if key in {"properties", "$defs"}
        else _strict(value)
        for key, value in schema.items()
        if key not in UNTOLD
    }
    if "properties" in kept:
        kept["additionalProperties"] = False
        kept["required"] = list(kept["properties"])
    return kept


def parsed(message: AIMessage, shape: type[Shape]) -> Shape | None:
    """Return the first valid object in a message's tool calls or words, or None."""
    for value in _candidates(message):
        try:
            return shape.model_validate(value)
        except ValidationError:
            continue
    return None


def shaped(message: AIMessage, shape: type[BaseModel]) -> bool:
    """Tell whether a message holds an object with every key of the shape, whatever its values.

    Then the method does what it should, and it is the model that talks nonsense.
    """
    keys = set(shape.model_fields)
    return any(isinstance(value, dict) and keys <= set(value) for value in _candidates(message))


def said(message: AIMessage) -> str:
    """Return a message's words without what a reasoning model thought aloud before them."""
    words = message.text.rpartition(THOUGHT_END)[2]
    return words.partition(THOUGHT)[0]


def _candidates(message: AIMessage) -> Iterator[Any]:
    for call in message.tool_calls:
        yield call["args"]
    text = said(message)[:LONGEST_ANSWER]
    decoder, start = json.JSONDecoder(), text.find("{")
    while start >= 0:
        try:
            value, length = decoder.raw_decode(text[start:])
        except ValueError:
            start = text.find("{", start + 1)
            continue
        except RecursionError:
            return
        yield value
        start = text.find("{", start + length)
