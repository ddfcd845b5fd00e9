"""Serves the answers of one recorded case on loopback, as its conditions ask for them."""

import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Json = dict[str, Any]


def _fits(answer: Json, request: web.Request, body: str, used: Counter[int], place: int) -> bool:
    path, query = request.path, f"{request.query_string} {' '.join(request.query.values())}"
    wanted = answer.get("path", "")
    return (
        answer.get("method", request.method) == request.method
        and (path == wanted if answer.get("exact") else path.startswith(wanted))
        and answer.get("query", "") in query
        and answer.get("sent", "") in body
        and ("unsent" not in answer or answer["unsent"] not in body)
        and ("with" not in answer or answer["with"] in request.headers)
        and ("without" not in answer or answer["without"] not in request.headers)
        and used[place] < answer.get("times", 10**9)
    )


@asynccontextmanager
async def served(answers: list[Json]) -> AsyncIterator[tuple[str, list[web.Request]]]:
    """Give the address (host:port) of a server of these answers, and the requests it got."""
    used: Counter[int] = Counter()
    asked: list[web.Request] = []

    async def respond(request: web.Request) -> web.Response:
        body = await request.text()
        asked.append(request)
        for place, answer in enumerate(answers):
            if _fits(answer, request, body, used, place):
                used[place] += 1
                raw = answer.get("text")
                text = json.dumps(answer.get("json")) if raw is None else str(raw)
                kind = answer.get("type", "application/json" if raw is None else "text/plain")
                return web.Response(
                    status=answer.get("status", 200),
                    text=text.replace('"{now}"', str(time.time())),
                    content_type=kind,
                    headers=answer.get("headers"),
                )
        return web.Response(status=404, text="404: Not Found")

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", respond)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        yield f"127.0.0.1:{port}", asked
    finally:
        await runner.cleanup()
