"""SPNEGO around any inner authentication: the flow it passes on, and a failure told in words."""

from collections.abc import Generator

import httpx
import pytest

from bot.backends.build import Spnego
from bot.backends.http import HttpSystem, NotSentError, make_client
from bot.backends.yarn import paths
from bot.doctor.findings import FIXES
from bot.domain.language import Language
from bot.errors import BackendError, FaultKind, FaultReason

INFO = "/ws/v1/cluster/info"
NO_TICKET = "initiating context failed: No Kerberos credentials available"


class ExchangeError(httpx.RequestError):
    """What the inner authentication raises."""


class Negotiating(httpx.Auth):
    """Sends a token at once, and another after each 401; without tokens it fails."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        while True:
            if not self._tokens:
                raise ExchangeError(NO_TICKET, request=request)
            request.headers["Authorization"] = f"Negotiate {self._tokens.pop(0)}"
            if (yield request).status_code != 401:
                return


def asked(inner: httpx.Auth, seen: list[str]) -> HttpSystem:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"])
        return httpx.Response(200 if seen[-1].endswith("good") else 401, json={})

    auth = Spnego(inner, ExchangeError)
    client = make_client(auth=auth, transport=httpx.MockTransport(answer))
    return HttpSystem("yarn", "http://rm:8088", client, paths())


async def test_a_token_is_sent_at_once() -> None:
    """One request and no 401 before it, so that a kill is one request."""
    seen: list[str] = []
    assert (await asked(Negotiating("good"), seen).send_once("PUT", INFO, lambda: 1.0)).ok
    assert seen == ["Negotiate good"]


async def test_a_second_round_is_passed_on() -> None:
    """A server may want another token."""
    seen: list[str] = []
    assert (await asked(Negotiating("bad", "good"), seen).read(INFO)).ok
    assert seen == ["Negotiate bad", "Negotiate good"]


async def test_no_ticket_is_a_refusal_in_the_library_s_words() -> None:
    """Of a read; a kill was then not sent."""
    seen: list[str] = []
    with pytest.raises(BackendError) as caught:
        await asked(Negotiating(), seen).read(INFO)
    assert caught.value.missing.kind is FaultKind.REFUSED
    assert NO_TICKET in caught.value.missing.detail
    with pytest.raises(NotSentError, match="Kerberos: initiating context failed"):
        await asked(Negotiating(), seen).send_once("PUT", INFO, lambda: 1.0)
    assert seen == []


@pytest.mark.parametrize(
    ("words", "address", "reason", "fix"),
    [
        (NO_TICKET, "http://rm.dc:8088", FaultReason.NO_TICKET, "kinit"),
        ("Ticket expired", "http://rm.dc:8088", FaultReason.EXPIRED_TICKET, "KRB5_CLIENT_KTNAME"),
        ("Server not found", "http://10.0.0.1:8088", FaultReason.ADDRESS, "host name"),
    ],
)
async def test_what_kerberos_lacks_is_told_with_its_fix(
    words: str, address: str, reason: FaultReason, fix: str
) -> None:
    """No ticket, one that ran out, and a server named by its address are told apart."""

    class Refusing(httpx.Auth):
        def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
            if words:
                raise ExchangeError(words, request=request)
            yield request

    client = make_client(auth=Spnego(Refusing(), ExchangeError))
    with pytest.raises(BackendError) as caught:
        await HttpSystem("yarn", address, client, paths()).read(INFO)
    assert caught.value.missing.reason is reason
    assert fix in FIXES[reason](Language.EN, variable="YARN_URL")


async def test_a_401_that_wants_kerberos_names_the_setting() -> None:
    """As a cluster with SPNEGO answers a bot that was not told of it."""
    asks = httpx.Response(401, headers={"WWW-Authenticate": "Negotiate"})
    client = make_client(transport=httpx.MockTransport(lambda _: asks))
    with pytest.raises(BackendError) as caught:
        await HttpSystem("yarn", "http://rm:8088", client, paths()).read_json(INFO)
    assert caught.value.missing.reason is FaultReason.NEGOTIATE
    assert "YARN_AUTH=kerberos" in FIXES[FaultReason.NEGOTIATE](Language.EN)
