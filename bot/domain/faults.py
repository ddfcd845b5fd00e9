"""What could not be read, as a value: answers name the missing part and show the rest."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """Why a system gave no usable answer."""

    NOT_CONFIGURED = "not_configured"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    REFUSED = "refused"  # 401, 403: it answered, and we may not
    STANDBY = "standby"  # every address answered as standby, no active one is known
    FAILED = "failed"  # 5xx
    BAD_ANSWER = "bad_answer"  # HTML, half a body, a shape that is not the API's
    NO_DATA = "no_data"  # a well-formed empty answer


@dataclass(frozen=True, slots=True)
class Missing:
    """A part of the picture that is missing: which system, why, and one line for the log."""

    system: str
    kind: FaultKind
    detail: str = ""
