"""Bodies of the chat and embeddings endpoints, in the shapes of OpenAI's API reference."""

import base64
import json
import math
import re
import struct
import zlib
from collections.abc import Iterator

from tests.openai.asked import Asked, Json, Reply

DIMENSIONS = 256
PIECE = 7  # characters of a streamed argument or text piece


def usage(asked: Asked, reply: Reply) -> Json:
    """Return token counts: bytes over three, near enough for any language."""
    said = (reply.content or "") + "".join(arguments for _, arguments in reply.calls)
    tools = json.dumps(asked.body.get("tools", [])) if asked.body.get("tools") else ""
    prompt = (len(asked.prompt.encode()) + len(tools)) // 3 + 4 * len(asked.messages)
    completion = max(1, len(said.encode()) // 3)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def whole(asked: Asked, reply: Reply, number: int) -> Json:
    """Return a chat completion."""
    message: Json = {"role": "assistant", "content": reply.content, "refusal": reply.refusal}
    if reply.calls:
        message["tool_calls"] = [
            {
                "id": f"call_{number}_{index}",
                "type": "function",
                "function": {"name": name, "arguments": arguments},
            }
            for index, (name, arguments) in enumerate(reply.calls)
        ]
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": asked.model,
        "choices": [
            {"index": 0, "message": message, "finish_reason": reply.finish, "logprobs": None}
        ],
        "usage": usage(asked, reply),
    }


def chunks(asked: Asked, reply: Reply, number: int) -> Iterator[Json]:
    """Yield the chunks of a stream, without the closing `[DONE]`."""
    yield _chunk(asked, number, {"role": "assistant", "content": ""})
    for piece in _pieces(reply.content or ""):
        yield _chunk(asked, number, {"content": piece})
    if reply.refusal:
        yield _chunk(asked, number, {"refusal": reply.refusal})
    for index, (name, arguments) in enumerate(reply.calls):
        start = {"id": f"call_{number}_{index}", "type": "function"}
        head = {"index": index, **start, "function": {"name": name, "arguments": ""}}
        yield _chunk(asked, number, {"tool_calls": [head]})
        for piece in _pieces(arguments):
            part = {"index": index, "function": {"arguments": piece}}
            yield _chunk(asked, number, {"tool_calls": [part]})
    if reply.fault in {"cut", "drip"}:
        return
    yield _chunk(asked, number, {}, reply.finish)
    if (asked.body.get("stream_options") or {}).get("include_usage"):
        last = _chunk(asked, number, {})
        yield {**last, "choices": [], "usage": usage(asked, reply)}


def embedding(text: str, *, as_text: bool) -> list[float] | str:
    """Return a bag of words on 256 dimensions, of length 1; base64 of little-endian floats."""
    vector = [0.0] * DIMENSIONS
    for word in re.findall(r"\w+", text.lower()) or [""]:
        vector[zlib.crc32(word.encode()) % DIMENSIONS] += 1.0
    norm = math.sqrt(sum(value * value for value in vector))
    unit = [value / norm for value in vector]
    if not as_text:
        return unit
    return base64.b64encode(struct.pack(f"<{DIMENSIONS}f", *unit)).decode()


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), PIECE):
        yield text[start : start + PIECE]


def _chunk(asked: Asked, number: int, delta: Json, finish: str | None = None) -> Json:
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": asked.model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}],
    }
