"""From what the OpenAI client and LangChain raise to a named trouble."""

import re

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
# What servers say, each in its own code and words, of the same three things.
TOLD = (
    (re.compile(r"content_?filter|content.management.policy|ResponsibleAI", re.IGNORECASE), ModelFailure.REFUSAL),
    (re.compile(r"context_length_exceeded|exceed_context_size|maximum context length|context (?:size|window|length)|request too large|reduce the length|too many (?:input )?tokens", re.IGNORECASE), ModelFailure.TOO_LONG),
    (re.compile(r"insufficient_quota|exceeded your current quota|billing|credit balance|insufficient credits", re.IGNORECASE), ModelFailure.QUOTA),
)  # fmt: skip
TOO_LARGE = 413


def trouble_of(error: BaseException) -> ModelFailure:
    """Return what went wrong; whatever has no name of its own is an answer no one can read."""
    if isinstance(error, openai.APIStatusError) and not isinstance(
        error, openai.InternalServerError
    ):
        words = words_of(error)
        for pattern, trouble in TOLD:
            if pattern.search(words):
                return trouble
        if error.status_code == TOO_LARGE:
            return ModelFailure.TOO_LONG
    return next(
        (trouble for kind, trouble in NAMED if isinstance(error, kind)), ModelFailure.BAD_ANSWER
    )


def words_of(error: openai.APIStatusError) -> str:
    """Return what a server says of its refusal, whatever shape it has."""
    return f"{error.code or ''} {error.message} {error.body or ''}"


def wait_of(error: BaseException) -> float | None:
    """Return the seconds a rate-limited server asks to be left alone, or None."""
    if not isinstance(error, openai.RateLimitError):
        return None
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "")))
    except ValueError:
        return None
