"""From what the OpenAI client and LangChain raise to a named trouble."""

import openai
from langchain_core.exceptions import ContextOverflowError

from bot.agents.llm.port import Trouble

NAMED: tuple[tuple[type[BaseException], Trouble], ...] = (
    (ContextOverflowError, Trouble.TOO_LONG),
    (TimeoutError, Trouble.TIMEOUT),
    (openai.APITimeoutError, Trouble.TIMEOUT),
    (openai.APIResponseValidationError, Trouble.BAD_ANSWER),
    (openai.APIConnectionError, Trouble.UNREACHABLE),
    (openai.AuthenticationError, Trouble.KEY),
    (openai.PermissionDeniedError, Trouble.KEY),
    (openai.RateLimitError, Trouble.RATE_LIMITED),
    (openai.InternalServerError, Trouble.SERVER),
    (openai.APIStatusError, Trouble.BAD_REQUEST),
    (openai.LengthFinishReasonError, Trouble.CUT),
    (openai.ContentFilterFinishReasonError, Trouble.REFUSAL),
)


def trouble_of(error: BaseException) -> Trouble:
    """Return what went wrong; whatever has no name of its own is an answer no one can read."""
    if isinstance(error, openai.BadRequestError) and error.code == "context_length_exceeded":
        return Trouble.TOO_LONG
    return next((trouble for kind, trouble in NAMED if isinstance(error, kind)), Trouble.BAD_ANSWER)


def wait_of(error: BaseException) -> float | None:
    """Return the seconds a rate-limited server asks to be left alone, or None."""
    if not isinstance(error, openai.RateLimitError):
        return None
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "")))
    except ValueError:
        return None
