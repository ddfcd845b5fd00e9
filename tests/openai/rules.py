"""What the real API refuses with 400, refused here too."""

from collections.abc import Iterable
from typing import Any

from tests.openai.asked import Asked, Json

STRICT_KEYWORDS = {"allOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else"}


def problem(asked: Asked, context_length: int) -> tuple[str, str] | None:
    """Return (code, message) of the first thing wrong with a request, or None."""
    body = asked.body
    if not asked.messages or not asked.model:
        return "invalid_request_error", "model and messages are required"
    found = unpaired(asked.messages) or loose(body)
    if found:
        return "invalid_request_error", found
    length = len(asked.prompt.encode()) // 3
    if length > context_length:
        return "context_length_exceeded", f"{length} tokens exceed {context_length}"
    return None


def unpaired(messages: list[Json]) -> str:
    """Say which tool call has no result, or which result no call; empty when all are paired."""
    waiting: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            if message.get("tool_call_id") not in waiting:
                return "a message with role 'tool' must follow its 'tool_calls'"
            waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            return f"tool_call_ids without a tool message: {', '.join(waiting)}"
        waiting = [call["id"] for call in message.get("tool_calls") or []]
    return f"tool_call_ids without a tool message: {', '.join(waiting)}" if waiting else ""


def loose(body: Json) -> str:
    """Say what makes a strict schema not strict; empty when nothing is wrong."""
    wanted = body.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        spec = wanted.get("json_schema") or {}
        if not spec.get("name") or "schema" not in spec:
            return "response_format.json_schema needs a name and a schema"
        if spec.get("strict"):
            return _loose_schema(spec["schema"], "schema")
    if wanted.get("type") == "json_object" and "json" not in str(body["messages"]).lower():
        return "'messages' must contain the word 'json' to use json_object"
    for tool in body.get("tools", []):
        function = tool["function"]
        if function.get("strict"):
            found = _loose_schema(function["parameters"], function["name"])
            if found:
                return found
    return ""


def _loose_schema(schema: Any, at: str) -> str:
    if not isinstance(schema, dict):
        return ""
    if STRICT_KEYWORDS & schema.keys():
        return f"{at}: keyword not permitted in strict mode"
    if schema.get("type") == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            return f"{at}: 'additionalProperties' is required to be false"
        if set(schema.get("required", [])) != set(properties):
            return f"{at}: 'required' must hold every key in properties"
    return _first(
        _loose_schema(part, f"{at}.{name}")
        for name, part in (
            *schema.get("properties", {}).items(),
            *schema.get("$defs", {}).items(),
            *((str(index), item) for index, item in enumerate(schema.get("anyOf", []))),
            ("items", schema.get("items")),
        )
    )


def _first(found: Iterable[str]) -> str:
    return next((item for item in found if item), "")
