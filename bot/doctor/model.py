"""Whether the model answers and calls tools: asked for real, once each, as a turn would ask.

Keys: model_none; model_fine, model_no_tools (model, address); model_failed (why).
"""

from langchain_core.tools import tool

from bot.agents.model.assembly import ModelSettings, build_model
from bot.agents.model.client import OpenAIModel
from bot.agents.model.port import ModelFailure, Prompt, UsageKey
from bot.backends.addresses import is_address, shown
from bot.domain.findings import Check, Level
from bot.observability.logs import Redactor
from bot.settings import Settings, secrets_of

OPENAI = "https://api.openai.com/v1"
AZURE = "api-version="  # the only query an address may have
BILL = UsageKey("doctor", "doctor")
GREETING = Prompt("You check a connection. Answer with one short sentence.", "Are you there?")
LOOKING = Prompt("You check a connection.", "Call the tool look_at_clock, then say what it told.")


async def check_model(settings: Settings) -> Check:
    """Ask for one sentence, and for one tool call."""
    if settings.openai_api_key is None:
        return Check("model", Level.OK, "model_none")
    address, _, query = (settings.openai_base_url or OPENAI).partition("?")
    if not is_address(address) or (query and not query.startswith(AZURE)):
        return _failed(ModelFailure.UNREACHABLE)
    asked = ModelSettings.of(settings)
    model = build_model(asked, Redactor(secrets_of(settings)))
    if model is None:
        return Check("model", Level.OK, "model_none")
    try:
        trouble, called = await _tried(model)
    finally:
        await model.close()
    if trouble is not None:
        return _failed(trouble)
    values = {"model": settings.openai_model, "address": shown(address)}
    if not called:
        return Check("model", Level.WARN, "model_no_tools", values)
    return Check("model", Level.OK, "model_fine", values)


async def _tried(model: OpenAIModel) -> tuple[ModelFailure | None, bool]:
    """Return the trouble with a plain answer, and whether a tool was called."""
    said = await model.write(GREETING, BILL)
    if said.trouble is not None:
        return said.trouble, False
    called: list[str] = []

    @tool
    async def look_at_clock() -> str:
        """Tell the time."""
        called.append("look_at_clock")
        return "It is noon."

    await model.research(LOOKING, [look_at_clock], BILL)
    return None, bool(called)


def _failed(trouble: ModelFailure) -> Check:
    return Check("model", Level.FAIL, "model_failed", {"why": trouble.value})
