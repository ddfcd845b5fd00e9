"""The real model client on the stand-in, closed when done."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.agents.model.client import ModelSettings, build_model
from bot.agents.model.port import Model

KEY = "sk-test-key-123"


@asynccontextmanager
async def open_model(
    settings: ModelSettings, clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[Model]:
    """Build a model, and close it afterwards."""
    model = build_model(settings, clock=clock)
    assert model is not None
    try:
        yield model
    finally:
        await model.close()
