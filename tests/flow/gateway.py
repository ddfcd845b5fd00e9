"""The product with its API, beside Slack or without it, and callers over real sockets."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from bot.api.tokens import ACTS, CLUSTER, READS, STRANGERS, TALKS, Limits, Rate, add_token
from bot.app import Bot, build
from bot.sandbox.platform import Scenario
from bot.sandbox.slack.demo import APPROVER, COLLEAGUE
from tests.flow.world import FAST, World, now, world
from tests.free_ports import free_port

FREELY = Limits({kind: Rate(1e6, 1e6) for kind in (READS, TALKS, ACTS, CLUSTER, STRANGERS)})
UNHURRIED = replace(FAST, api=FREELY)
CALLERS = {
    "reader": "read",
    "talker": "read,talk",
    "model": "read,talk,propose",
    "other": "read,talk,propose",
    "oncall": f"read,talk,propose,decide:{APPROVER}",
    "colleague": f"read,decide:{COLLEAGUE}",
    "slack": "execute",
    "everything": f"read,talk,propose,decide,execute:{APPROVER}",
}


@dataclass
class Gateway:
    """A running product that serves its API, and the tokens of its callers."""

    world: World
    url: str
    tokens: dict[str, str]
    build: Callable[[], AbstractAsyncContextManager[Bot]]
    running: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        """Build the product and start it."""
        oncall = await self.running.enter_async_context(self.build())
        await oncall.start()
        self.running.push_async_callback(oncall.stop)

    async def stop(self) -> None:
        """End it; it may be started again."""
        await self.running.aclose()

    def caller(self, name: str, **more: Any) -> httpx.AsyncClient:
        """Return a client with a caller's token."""
        headers = {"Authorization": f"Bearer {self.tokens[name]}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, **({"timeout": 60} | more))


@asynccontextmanager
async def gateway(
    folder: Path,
    scenario: Scenario | None = None,
    *,
    slack: bool = True,
    limits: Limits = FREELY,
    **settings: Any,
) -> AsyncIterator[Gateway]:
    """Run the product with its API; without `slack` the core alone."""
    port = free_port()
    file = folder / "tokens"
    tokens = {name: add_token(file, f"{name}:{rest}") for name, rest in CALLERS.items()}
    alone: dict[str, Any] = {} if slack else {"slack_bot_token": None, "slack_app_token": None}
    options = {"api_port": port, "api_tokens_file": file, **alone, **settings}
    pace = replace(FAST, api=limits)
    async with world(folder, scenario, **options) as made:
        anew = partial(build, made.settings, now, pace, slack=slack)
        at = Gateway(made, f"http://127.0.0.1:{port}", tokens, anew)
        async with at.running:
            await at.start()
            yield at
