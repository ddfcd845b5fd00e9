"""The error tree, and who hears of each.

DangjikError
├── SettingsError        the operator, at start: one line per problem, exit code 2
├── StartError           the operator, at start: one line, exit code 1
├── BackendError         the asker: which part is missing; the rest is shown
├── ApprovalError        the clicker, ephemerally
│   ├── NotAllowedError       this person may not decide
│   ├── TooLateError          expired, decided, or replaced
│   └── CardMismatchError     the click does not fit the card we posted
├── ProposalRefusedError      the asker: why no card was made
└── StorageError         nobody in Slack: the event is not acknowledged and comes again
Anything else is logged with a reference, and people see only the reference.
"""

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
    HIDDEN = "hidden"  # figures are left out for want of a right
    PARTIAL = "partial"  # the answer itself says that it is not whole
    IMPLAUSIBLE = "implausible"  # a figure that cannot be
    SETTLING = "settling"  # just taken over: machines and figures are still coming back
    UNMATCHED = "unmatched"  # its machines have other names than those of another system

    @property
    def lasting(self) -> bool:
        """Whether it is so by set-up, and not a reading that failed."""
        return self in {FaultKind.HIDDEN, FaultKind.UNMATCHED}


class FaultReason(StrEnum):
    """What stood in the way, where it is known and something can be done about it."""

    NAME = "name"  # the host name does not resolve
    CLOSED = "closed"  # nothing listens at that port
    FOREIGN_CA = "foreign_ca"  # a certificate that nobody here trusts
    NOT_TLS = "not_tls"  # https asked of a plain port
    TLS_WANTED = "tls_wanted"  # http asked of a TLS port
    TLS = "tls"  # another failure of TLS, such as a client certificate that is wanted
    PROXY = "proxy"
    REDIRECT = "redirect"
    LOGIN = "login"  # a page for people where an answer was wanted
    NOT_FOUND = "not_found"
    CREDENTIALS = "credentials"  # 401
    FORBIDDEN = "forbidden"  # 403
    LIMIT = "limit"  # 429: too many requests, or a plan that is used up
    NEGOTIATE = "negotiate"  # 401 that wants Kerberos
    NO_TICKET = "no_ticket"
    EXPIRED_TICKET = "expired_ticket"
    ADDRESS = "address"  # Kerberos knows host names, and an address was given


@dataclass(frozen=True, slots=True)
class Missing:
    """A part of the picture that is missing: which system, why, and one line for the log.

    `count` is how many things it befell, where that is told.
    """

    system: str
    kind: FaultKind
    detail: str = ""
    count: int = 0
    reason: FaultReason | None = None


class DangjikError(Exception):
    """Root of every error the product raises on purpose."""


class SettingsError(DangjikError):
    """The settings do not fit; `problems` holds one line each, naming the variable."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class StartError(DangjikError):
    """Something needed to start is wrong; the message is one line and says what to do."""


class BackendError(DangjikError):
    """A system gave no usable answer; `missing` says which, why, and what was asked."""

    def __init__(
        self, system: str, kind: FaultKind, detail: str = "", reason: FaultReason | None = None
    ) -> None:
        super().__init__(f"{system}: {kind.value}: {detail}" if detail else f"{system}: {kind}")
        self.missing = Missing(system, kind, detail, reason=reason)


class ApprovalError(DangjikError):
    """A click that changes nothing; `code` chooses the words the clicker reads."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class NotAllowedError(ApprovalError):
    """The clicker may not decide on this proposal."""


class TooLateError(ApprovalError):
    """The proposal is expired, decided or replaced."""


class CardMismatchError(ApprovalError):
    """The click does not come from the card we posted, or shows other targets."""


class ProposalRefusedError(DangjikError):
    """No proposal was made; `code` chooses the words the asker reads."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class StorageError(DangjikError):
    """The database could not take a write; nothing was acknowledged."""
