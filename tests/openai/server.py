"""A server that speaks OpenAI's HTTP API on this machine, saying what its script says."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from tests.openai.asked import Asked, Reply, Script, say
from tests.openai.rules import problem
from tests.openai.wire import chunks, embedding, whole


@dataclass(frozen=True)
class Abilities:
    """What the server offers; `json_schema_status` is what it answers where it does not."""

    json_schema: bool = True
    json_schema_status: int = 400
    json_object: bool = True
    tools: bool = True
    context_length: int = 16_000


class OpenAIStandIn:
    """Answers /v1/chat/completions and /v1/embeddings; `asked` holds every request.

    `script` may be replaced at any time; `port` 0 takes a free one. Use as an async context manager.
    """

    def __init__(
        self, script: Script | None = None, abilities: Abilities | None = None, port: int = 0
    ) -> None:
        self.port = port
        self.script: Script = script or (lambda _asked: say("ok"))
        self.abilities = abilities or Abilities()
        self.asked: list[Asked] = []
        self.refused: list[str] = []
        self.embedded: list[str] = []
        self.root = self.url = ""
        self._runner: web.AppRunner | None = None
        self._closing = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024**2)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/embeddings", self._embeddings)
        app.router.add_post("/openai/deployments/{name}/chat/completions", self._deployment)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.root = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.root}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(await request.json(), headers)
        self.asked.append(asked)
        refused = self._unable(asked)
        wrong = problem(asked, self.abilities.context_length)
        if refused is None and wrong is not None:
            refused = _error(400, *wrong)
        if refused is not None:
            self.refused.append(str(refused.text))
            return refused
        reply, number = self.script(asked), len(self.asked)
        if reply.until is not None:
            await reply.until.wait()
        streamed = bool(asked.body.get("stream"))
        if reply.fault in {"hang", "drop"} or (reply.fault == "drip" and not streamed):
            return await self._fault(request, reply)
        if reply.raw is not None:
            return web.Response(text=reply.raw, status=reply.status, headers=reply.headers)
        if reply.status != 200:
            return _error(reply.status, reply.code, "scripted", reply.headers)
        if streamed:
            return await _stream(request, asked, reply, number)
        body = json.dumps(whole(asked, reply, number), ensure_ascii=False)
        if reply.fault == "cut":
            body = body[: len(body) // 2]
        return web.Response(text=body, content_type="application/json")

    async def _deployment(self, request: web.Request) -> web.StreamResponse:
        """Answer as an Azure deployment: only with a version, and a key in its own header."""
        if "api-version" not in request.query:
            return _error(404, "404", "Resource not found")
        if "api-key" not in request.headers:
            return _error(401, "401", "Access denied due to missing subscription key")
        return await self._chat(request)

    def _unable(self, asked: Asked) -> web.Response | None:
        able, form = self.abilities, asked.format
        if form == "json_schema" and not able.json_schema:
            return _error(able.json_schema_status, "unsupported", "response_format json_schema")
        if form == "json_object" and not able.json_object:
            return _error(400, "unsupported", "response_format json_object")
        if asked.body.get("tools") and not able.tools:
            return _error(400, "unsupported", "this model has no tools")
        return None

    async def _fault(self, request: web.Request, reply: Reply) -> web.Response:
        if reply.fault in {"hang", "drip"}:
            await self._closing.wait()
        if request.transport is not None:
            request.transport.close()
        return web.Response(status=500)

    async def _embeddings(self, request: web.Request) -> web.Response:
        body = await request.json()
        texts = [body["input"]] if isinstance(body["input"], str) else list(body["input"])
        if not all(isinstance(text, str) and text for text in texts):
            return _error(400, "invalid_request_error", "input must hold non-empty strings")
        self.embedded.extend(texts)
        as_text = body.get("encoding_format") == "base64"
        data = [
            {"object": "embedding", "index": index, "embedding": embedding(text, as_text=as_text)}
            for index, text in enumerate(texts)
        ]
        used = sum(len(text) for text in texts) // 3
        return web.json_response(
            {
                "object": "list",
                "data": data,
                "model": body.get("model", ""),
                "usage": {"prompt_tokens": used, "total_tokens": used},
            }
        )


async def _stream(
    request: web.Request, asked: Asked, reply: Reply, number: int
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    said = chunks(asked, reply, number)
    while reply.fault == "drip":
        await asyncio.sleep(0.05)
        again = next(said, None) or next(said := chunks(asked, reply, number))
        await response.write(f"data: {json.dumps(again, ensure_ascii=False)}\n\n".encode())
    for chunk in said:
        await response.write(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode())
    if reply.fault != "cut":
        await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


def _error(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> web.Response:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    body: dict[str, Any] = {
        "error": {"message": message, "type": kind, "param": None, "code": code or None}
    }
    return web.json_response(body, status=status, headers=headers)
