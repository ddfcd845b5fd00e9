"""From what the OpenAI client and LangChain raise to a named trouble."""

import openai
from langchain_core.exceptions import ContextOverflowError

from bot.agents.model.port import ModelFailure

NAMED: tuple[tuple[type[BaseException], ModelFailure], ...] = (
    (ContextOverflowError, ModelFailure.TOO_LONG),
    (TimeoutError, ModelFailure.TIMEOUT),
    (openai.APITimeoutError, ModelFailure.TIMEOUT),
    (openai.APIResponseValidationError, ModelFailure.BAD_ANSWER),
    (openai.APIConnectionError, ModelFailure.UNREACHABLE),
    (openai.AuthenticationError, ModelFailure.KEY),
    (openai.PermissionDeniedError, ModelFailure.KEY),
    (openai.RateLimitError, ModelFailure.RATE_LIMITED),
    (openai.InternalServerError, ModelFailure.SERVER),
    (openai.APIStatusError, ModelFailure.BAD_REQUEST),
    (openai.LengthFinishReasonError, ModelFailure.CUT),
    (openai.ContentFilterFinishReasonError, ModelFailure.REFUSAL),
)


def trouble_of(error: BaseException) -> ModelFailure:
    """Return what went wrong; whatever has no name of its own is an answer no one can read."""
    if isinstance(error, openai.BadRequestError) and error.code == "context_length_exceeded":
        return ModelFailure.TOO_LONG
    return next(
        (trouble for kind, trouble in NAMED if isinstance(error, kind)), ModelFailure.BAD_ANSWER
    )


def wait_of(error: BaseException) -> float | None:
    """Return the seconds a rate-limited server asks to be left alone, or None."""
    if not isinstance(error, openai.RateLimitError):
        return None
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "")))
    except ValueError:
        return None
