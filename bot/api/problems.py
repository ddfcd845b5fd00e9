"""Refusals as RFC 9457 asks for them: one line each, nothing of what was sent in them."""

import uuid
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.errors import BackendError, ProposalRefusedError, StorageError

_LOG = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"


class ProblemBody(BaseModel):
    """What a refused call gets (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str


class Problem(HTTPException):
    """A call that is refused: `code` is a word for programs, `detail` a line for people."""

    def __init__(
        self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, detail, headers)
        kind, title = f"urn:dangjik:problem:{code}", HTTPStatus(status).phrase
        self.code = code
        self.body = ProblemBody(type=kind, title=title, status=status, code=code, detail=detail)

    def response(self) -> Response:
        """Return the problem as an answer."""
        return Response(
            self.body.model_dump_json(), self.status_code, self.headers, media_type=MEDIA_TYPE
        )


def problem_of(error: Exception) -> Problem:  # noqa: PLR0911 - one for each kind
    """Return what a caller is told of an error; of an unknown one no more than a reference."""
    match error:
        case Problem():
            return error
        case HTTPException(status_code=status, detail=detail, headers=headers):
            return Problem(status, HTTPStatus(status).name.lower(), detail, headers)
        case RequestValidationError() | ValidationError():
            faults = error.errors()[:5]
            told = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in faults)
            return Problem(422, "unfit", "; ".join(told)[:500])
        case BackendError(missing=missing):
            return Problem(502, "backend", f"{missing.system}: {missing.kind.value}")
        case StorageError():
            return Problem(503, "storage", "The database takes no write now; ask again shortly.")
        case ProposalRefusedError(code=code):
            return Problem(409, code, f"No proposal was made: {code}.")
    reference = uuid.uuid4().hex[:8]
    _LOG.error("api_failed", reference=reference, exc_info=error)
    return Problem(500, "internal", f"Something failed here: {reference}.")
