"""Faults a test puts into a Web API method, and Slack's own rate limits."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

ANY_METHOD = "*"
PLAIN_FAULTS = frozenset({"500", "503", "hang", "html", "ratelimited", "reset", "timeout"})


@dataclass(slots=True)
class Fault:
    """What goes wrong the next `times` calls.

    `ratelimited` 429 · `500`, `503` · `html` a 502 page · `reset` TCP dropped · `hang` nothing
    done, no answer · `timeout` done, no answer · `error:<code>` an API error.
    """

    kind: str
    times: int
    retry_after: int


class Faults:
    """The faults waiting, by method; `*` stands for every method."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Fault]] = defaultdict(list)
        self._released = asyncio.Event()

    def add(self, method: str, kind: str, *, times: int = 1, retry_after: int = 1) -> None:
        """Queue a fault; raise `ValueError` for an unknown kind."""
        if kind not in PLAIN_FAULTS and not kind.startswith("error:"):
            raise ValueError(f"unknown fault {kind}")
        self._waiting[method].append(Fault(kind, times, retry_after))

    def clear(self) -> None:
        """Forget all faults that still wait."""
        self._waiting.clear()

    def take(self, method: str) -> Fault | None:
        """Return the fault of this call, if one waits."""
        for name in (method, ANY_METHOD):
            queue = self._waiting[name]
            if queue:
                fault = queue[0]
                fault.times -= 1
                if fault.times <= 0:
                    queue.pop(0)
                return fault
        return None

    async def never(self) -> None:
        """Wait until the stand-in stops."""
        await self._released.wait()

    def release(self) -> None:
        """Let every hanging call go."""
        self._released.set()

    async def answer(self, fault: Fault, request: web.Request) -> web.Response:
        """Return the faulty answer of any kind but `timeout`, which needs the real work done."""
        if fault.kind.startswith("error:"):
            code = fault.kind.removeprefix("error:")
            return web.json_response({"ok": False, "error": code})
        if fault.kind == "ratelimited":
            return rate_limited(fault.retry_after)
        if fault.kind == "hang":
            await self.never()
        if fault.kind == "reset" and request.transport is not None:
            request.transport.abort()
        if fault.kind == "html":
            page = "<!doctype html><title>Slack</title><h1>Server Error</h1>"
            return web.Response(status=502, text=page, content_type="text/html")
        return web.Response(status=int(fault.kind) if fault.kind.isdigit() else 500)


def rate_limited(retry_after: int) -> web.Response:
    """Return Slack's 429."""
    return web.json_response(
        {"ok": False, "error": "ratelimited"},
        status=429,
        headers={"Retry-After": str(retry_after)},
    )


_MINUTE = 60.0
_TIERS = {1: 1, 2: 20, 3: 50, 4: 100}  # calls a minute
_POST_BURST = 4.0


class RateLimits:
    """Token buckets: one post a second for each channel with a short burst, tiers for the rest."""

    def __init__(self, clock: Callable[[], datetime], *, enabled: bool) -> None:
        self.enabled = enabled
        self._clock = clock
        self._left: dict[tuple[str, str, str], tuple[float, float]] = {}

    def wait_s(self, token: str, method: str, channel: str, tier: int) -> float:
        """Take a slot and return 0, or return the seconds until the next one."""
        if not self.enabled:
            return 0.0
        if method == "chat.postMessage":
            return self._take((token, method, channel), _POST_BURST, 1.0)
        burst = float(_TIERS.get(tier, 0))
        return self._take((token, method, ""), burst, burst / _MINUTE) if burst else 0.0

    def _take(self, key: tuple[str, str, str], burst: float, per_second: float) -> float:
        now = self._clock().timestamp()
        left, since = self._left.get(key, (burst, now))
        left = min(burst, left + max(0.0, now - since) * per_second)
        enough = left >= 1.0
        self._left[key] = (left - 1.0 if enough else left, now)
        return 0.0 if enough else (1.0 - left) / per_second
