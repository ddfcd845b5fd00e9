"""Refusals as RFC 9457 asks for them: one line each, nothing of what was sent in them."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from bot.errors import BackendError, ProposalRefusedError, StorageError

MEDIA_TYPE = "application/problem+json"
CODES = {
    400: "bad_request",
    404: "not_found",
    405: "bad_method",
    415: "bad_media_type",
    422: "unfit",
}


class Problem(Exception):  # noqa: N818 - what RFC 9457 calls it
    """A call that is refused: `code` is a word for programs, the message a line for people."""

    def __init__(
        self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """Return the problem as JSON values."""
        return {
            "type": f"urn:dangjik:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }

    def response(self) -> Response:
        """Return the problem as an answer."""
        return Response(
            json.dumps(self.body(), ensure_ascii=False),
            self.status,
            headers=self.headers,
            media_type=MEDIA_TYPE,
        )


def problem_of(error: Exception) -> Problem:
    """Return what a caller is told of an error of ours; what is unknown is raised again."""
    match error:
        case Problem():
            return error
        case BackendError(missing=missing):
            return Problem(502, "backend", f"{missing.system}: {missing.kind.value}")
        case StorageError():
            return Problem(503, "storage", "The database takes no write now; ask again shortly.")
        case ProposalRefusedError(code=code):
            return Problem(409, code, f"No proposal was made: {code}.")
    raise error
