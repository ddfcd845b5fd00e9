"""A relay before a real server of models: passes everything on, and keeps what was said."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.openai.asked import Asked

KEPT_HEADERS = ("authorization", "content-type", "accept", "api-key")
LONGEST = 600.0  # seconds; the bot's own limits end sooner


@dataclass
class Exchange:
    """One request as the bot sent it, and what came back."""

    asked: Asked
    status: int = 0
    said: str = ""
    seconds: float = 0.0
    prompt_tokens: int = 0

    @property
    def read(self) -> str:
        """Everything the model was given to read: messages and tool results."""
        return self.asked.prompt


@asynccontextmanager
async def completions(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> AsyncIterator[str]:
    """Serve chat completions on this machine; give the base URL, with its /v1."""
    app = web.Application(client_max_size=64 * 1024**2)
    app.router.add_post("/v1/chat/completions", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


@dataclass
class Relay:
    """Listens on this machine and asks `target` (with its /v1). Use as an async context manager."""

    target: str
    exchanges: list[Exchange] = field(default_factory=list)
    url: str = ""
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)
    _client: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LONGEST))
        self._open.push_async_callback(self._client.close)
        self.url = await self._open.enter_async_context(completions(self._chat))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        exchange = Exchange(Asked(json.loads(body)))
        self.exchanges.append(exchange)
        headers = {name: request.headers[name] for name in KEPT_HEADERS if name in request.headers}
        begun, pieces = time.monotonic(), bytearray()
        assert self._client is not None
        address = f"{self.target.rstrip('/')}/chat/completions"
        try:
            async with self._client.post(address, data=body, headers=headers) as answer:
                exchange.status = answer.status
                kind = answer.headers.get("Content-Type", "application/json")
                response = web.StreamResponse(status=answer.status, headers={"Content-Type": kind})
                await response.prepare(request)
                async for piece in answer.content.iter_any():
                    pieces += piece
                    await response.write(piece)
                await response.write_eof()
                return response
        except (ConnectionResetError, aiohttp.ClientError):
            return web.Response(status=499)  # the bot waits no longer, and will not read this
        finally:
            exchange.seconds = time.monotonic() - begun
            exchange.said, exchange.prompt_tokens = told(pieces.decode(errors="replace"))


def told(body: str) -> tuple[str, int]:
    """Return the words and arguments of a completion, whole or streamed, and its prompt tokens."""
    words, tokens = [], 0
    lines = [line.removeprefix("data:").strip() for line in body.splitlines() if "data:" in line]
    for line in lines or [body]:
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if not isinstance(value, dict):
            continue
        tokens = (value.get("usage") or {}).get("prompt_tokens") or tokens
        choices = value.get("choices") or []
        words += [_words(each.get("message") or each.get("delta") or {}) for each in choices]
    return "".join(words), tokens


def _words(message: dict[str, Any]) -> str:
    calls = message.get("tool_calls") or []
    arguments = [str((call.get("function") or {}).get("arguments") or "") for call in calls]
    return "".join([str(message.get("content") or ""), *arguments])
